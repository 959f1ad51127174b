/** Runtimes of every kind but the JVM: what their program says, and what their threads and children do. */
import type { Belief, Facts, KindReader, Said, Seen } from './kind.ts'
import { plainKinds } from './kinds.ts'
import { isGone } from './process.ts'
import type { Program } from './program.ts'

interface Described {
  /** It is made anew whenever it is read. */
  readonly program: Program
  readonly facts: Facts
}

export class PlainRuntimes implements KindReader {
  readonly openFiles = 0
  readonly #described = new Map<number, Described>()

  read(seen: readonly Seen[]): ReadonlyMap<number, Said> {
    return new Map(
      seen.flatMap((each) => {
        const said = this.#sayOfLiving(each)
        return said === undefined ? [] : [[each.process.pid, said] as const]
      }),
    )
  }

  forget(pid: number): void {
    this.#described.delete(pid)
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

  #say(seen: Seen): Said {
    const { process, program, tasks = [], children } = seen
    const { cpus, memory } =
      plainKinds[program.kind]?.believes?.({ program, tasks, children: children.length }) ?? {}
    return {
      facts: {
        ...this.#factsOf(process.pid, program),
        'candor.runtime.believed.cpus.source': sourceOf(cpus),
        'candor.runtime.believed.memory.source': sourceOf(memory),
      },
      figures: { believed_cpus: cpus?.value, believed_memory_bytes: memory?.value },
    }
  }

  #factsOf(pid: number, program: Program): Facts {
    const known = this.#described.get(pid)
    if (known?.program === program) return known.facts
    const facts = plainKinds[program.kind]?.describe(program) ?? {}
    this.#described.set(pid, { program, facts })
    return facts
  }
}

const sourceOf = (belief: Belief | undefined): string | undefined =>
  belief && `${belief.confidence} ${belief.source}`
