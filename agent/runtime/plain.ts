/** Runtimes of every kind but the JVM: what their program says, and what their threads and children do. */
import type { Belief, Facts, KindReader, Said, Seen } from './kind.ts'
import { plainKinds } from './kinds.ts'
import { isGone } from './process.ts'
import type { Program } from './program.ts'
import type { Task } from './tasks.ts'

interface Known {
  /** It is another one when it says something else. */
  readonly program: Program
  readonly tasks: readonly Task[] | undefined
  readonly children: number
  readonly facts: Facts
  /** Of the same program, threads and children. */
  readonly said: Said
}

export class PlainRuntimes implements KindReader {
  readonly openFiles = 0
  readonly #known = new Map<number, Known>()

  read(seen: readonly Seen[]): ReadonlyMap<number, Said> {
    return new Map(
      seen.flatMap((each) => {
        const said = this.#sayOfLiving(each)
        return said === undefined ? [] : [[each.process.pid, said] as const]
      }),
    )
  }

  forget(pid: number): void {
    this.#known.delete(pid)
  }

  /** Undefined when it has ended: its program is looked into here for the first time. */
  #sayOfLiving(seen: Seen): Said | undefined {
    try {
      return this.#say(seen)
    } catch (err) {
      if (isGone(err)) return undefined
      throw err
    }
  }

  #say({ process: { pid }, program, tasks, children: { length: children } }: Seen): Said {
    const known = this.#known.get(pid)
    const isSame = known?.program === program
    if (isSame && known.tasks === tasks && known.children === children) return known.said
    const kind = plainKinds[program.kind]
    const facts = isSame ? known.facts : (kind?.describe(program) ?? {})
    const { cpus, memory } = kind?.believes?.({ program, tasks: tasks ?? [], children }) ?? {}
    const said: Said = {
      facts: {
        ...facts,
        'candor.runtime.believed.cpus.source': sourceOf(cpus),
        'candor.runtime.believed.memory.source': sourceOf(memory),
      },
      figures: { believed_cpus: cpus?.value, believed_memory_bytes: memory?.value },
    }
    this.#known.set(pid, { program, tasks, children, facts, said })
    return said
  }
}

const sourceOf = (belief: Belief | undefined): string | undefined =>
  belief && `${belief.confidence} ${belief.source}`
