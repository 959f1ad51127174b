/** The rows of one runtime, made anew only when what is said of it changes. */
import { limits } from '../../catalog/limit.ts'
import { runtime, runtimeGc } from '../../catalog/tables/runtime.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import type { Facts, Figures, Said } from './kind.ts'
import type { RuntimeProcess } from './scan.ts'

const OF_MACHINE = ['host.id', 'host.name'] as const
const OF_CONTAINER = ['candor.cgroup.path', 'candor.memory.limit.cgroup', 'container.id'] as const
/** A unit of work that no container runtime made has a name all the same. */
const NAMES = ['container.name', 'candor.cgroup.name'] as const

type Place = Pick<Entity, 'attributes'>

export class RuntimeRows {
  #runtimeRow: Row | undefined
  #gcRows: readonly Row[] = []
  /** What the attributes were made of. */
  #sources: readonly (Attributes | undefined)[] = []
  #attributes: Attributes = {}

  /** Its own, then one a collector. */
  get all(): readonly Row[] {
    return this.#runtimeRow === undefined ? [] : [this.#runtimeRow, ...this.#gcRows]
  }

  /** Of two facts of one name the later one counts, and so of two figures. */
  fill(
    process: RuntimeProcess,
    machine: Entity,
    container: Place | undefined,
    facts: readonly (Facts | undefined)[],
    figures: readonly Figures[],
    collectors: Said['collectors'] = [],
  ): void {
    const row = this.#rowOf(process, machine, container, facts)
    const named = collectors.every(({ name }, i) => this.#gcRows[i]?.keys[0] === name)
    if (!named || collectors.length !== this.#gcRows.length)
      this.#gcRows = collectors.map(({ name }) => emptyRow(runtimeGc, row.entity, [name]))
    fillRow(row, figures)
    for (const [i, { figures: own }] of collectors.entries()) fillRow(this.#gcRows[i]!, [own])
  }

  #rowOf(
    process: RuntimeProcess,
    machine: Entity,
    container: Place | undefined,
    facts: readonly (Facts | undefined)[],
  ): Row {
    const sources = [machine.attributes, container?.attributes, ...facts]
    const isKnown =
      sources.length === this.#sources.length &&
      sources.every((source, i) => isSame(source, this.#sources[i]))
    if (this.#runtimeRow !== undefined && isKnown) return this.#runtimeRow
    this.#sources = sources
    const told: Attributes[] = facts.filter((each) => each !== undefined)
    const attributes = withoutAbsent([ofPlace(machine, container), ofProcess(process), ...told])
    if (this.#runtimeRow === undefined || !isSame(attributes, this.#attributes)) {
      this.#attributes = attributes
      const entity: Entity = { kind: 'runtime', startMs: process.startMs, attributes }
      this.#runtimeRow = emptyRow(runtime, entity)
      this.#gcRows = []
    }
    return this.#runtimeRow
  }
}

function fillRow({ table, values }: Row, figures: readonly Figures[]): void {
  const { metrics } = table
  for (let i = 0; i < metrics.length; i += 1) {
    const { column } = metrics[i]!
    let value = Number.NaN
    for (const each of figures) value = each[column] ?? value
    values[i] = value
  }
}

type Attributes = Readonly<Record<string, string | undefined>>

const ofPlace = (machine: Entity, container: Place | undefined): Attributes => ({
  ...Object.fromEntries(OF_MACHINE.map((name) => [name, machine.attributes[name]])),
  ...Object.fromEntries(OF_CONTAINER.map((name) => [name, container?.attributes[name]])),
  'container.name': NAMES.map((name) => container?.attributes[name]).find(
    (name) => name !== undefined,
  ),
})

const ofProcess = ({ pid, startMs }: RuntimeProcess): Attributes => ({
  'process.pid': String(pid),
  'process.creation.time': new Date(startMs).toISOString(),
})

const roomOf = (name: string): number =>
  name === 'candor.jvm.flags.final' ? limits.finalFlagsBytes.value : limits.labelBytes.value

/** An empty list of flags stays: it says that there are none, where an absent one says nothing. */
function withoutAbsent(sources: readonly Attributes[]): Record<string, string> {
  const present: Record<string, string> = {}
  for (const source of sources)
    for (const [name, value] of Object.entries(source))
      if (value !== undefined) present[name] = value.slice(0, roomOf(name))
  return present
}

/** Mostly it is the very object of the pass before. */
function isSame(a: Attributes | undefined, b: Attributes | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
