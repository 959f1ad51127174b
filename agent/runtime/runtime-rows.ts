/** The rows of one runtime, made anew only when its entity changes. */
import { limits } from '../../catalog/limit.ts'
import { runtime, runtimeGc } from '../../catalog/tables/runtime.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import type { JvmFacts } from './jvm/jvm.ts'
import type { RuntimeProcess } from './scan.ts'

const OF_MACHINE = ['host.id', 'host.name'] as const
const OF_CONTAINER = ['candor.cgroup.path', 'candor.memory.limit.cgroup', 'container.id'] as const
/** A unit of work that no container runtime made has a name all the same. */
const NAMES = ['container.name', 'candor.cgroup.name'] as const

export class RuntimeRows {
  #runtimeRow: Row | undefined
  #gcRows: readonly { readonly index: number; readonly row: Row }[] = []
  #inherited: readonly (string | undefined)[] = []
  #facts: JvmFacts | undefined

  get runtimeRow(): Row {
    if (this.#runtimeRow === undefined) throw new Error('make() comes first')
    return this.#runtimeRow
  }

  /** One a collector, with the number that its counters carry. */
  get gcRows(): readonly { readonly index: number; readonly row: Row }[] {
    return this.#gcRows
  }

  make(
    process: RuntimeProcess,
    machine: Entity,
    container: Pick<Entity, 'attributes'> | undefined,
    facts: JvmFacts | undefined,
  ): void {
    const inherited = [
      ...OF_MACHINE.map((name) => machine.attributes[name]),
      ...OF_CONTAINER.map((name) => container?.attributes[name]),
      NAMES.map((name) => container?.attributes[name]).find((name) => name !== undefined),
    ]
    const same =
      this.#runtimeRow !== undefined &&
      this.#facts === facts &&
      inherited.every((value, i) => value === this.#inherited[i])
    if (same) return
    this.#inherited = inherited
    this.#facts = facts
    const entity: Entity = {
      kind: 'runtime',
      startMs: process.startMs,
      attributes: withoutAbsent({
        ...Object.fromEntries(
          [...OF_MACHINE, ...OF_CONTAINER, 'container.name'].map((name, i) => [name, inherited[i]]),
        ),
        ...ofProcess(process),
        ...ofFacts(facts),
      }),
    }
    this.#runtimeRow = emptyRow(runtime, entity)
    this.#gcRows = (facts?.collectors ?? []).map(({ index, name }) => ({
      index,
      row: emptyRow(runtimeGc, entity, [name]),
    }))
  }
}

type Attributes = Readonly<Record<string, string | undefined>>

const ofProcess = ({ pid, startMs, machine }: RuntimeProcess): Attributes => ({
  'process.pid': String(pid),
  'process.creation.time': new Date(startMs).toISOString(),
  'process.runtime.name': 'jvm',
  'process.runtime.description': machine === 'openj9' ? 'OpenJ9' : undefined,
})

const ofFacts = (facts: JvmFacts | undefined): Attributes =>
  facts === undefined
    ? {}
    : {
        'process.runtime.version': facts.version,
        'process.runtime.description': facts.description,
        'candor.jvm.collector': facts.collector,
        'candor.jvm.main': facts.main,
        'candor.jvm.flags': facts.flags?.join(' '),
      }

/** An empty list of flags stays: it says that there are none, where an absent one says nothing. */
function withoutAbsent(attributes: Attributes): Record<string, string> {
  const present: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) present[name] = value.slice(0, limits.labelBytes.value)
  return present
}
