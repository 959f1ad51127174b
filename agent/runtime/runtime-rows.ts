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
  #attributes: Readonly<Record<string, string>> = {}

  /** Its own, then one a collector. */
  get all(): readonly Row[] {
    return this.#runtimeRow === undefined ? [] : [this.#runtimeRow, ...this.#gcRows]
  }

  fill(process: RuntimeProcess, machine: Entity, container: Place | undefined, said: Said): void {
    const attributes = withoutAbsent({
      ...ofPlace(machine, container),
      ...ofProcess(process),
      ...said.facts,
    })
    const { collectors = [] } = said
    if (this.#runtimeRow === undefined || !isSame(attributes, this.#attributes)) {
      const entity: Entity = { kind: 'runtime', startMs: process.startMs, attributes }
      this.#attributes = attributes
      this.#runtimeRow = emptyRow(runtime, entity)
      this.#gcRows = []
    }
    const { entity } = this.#runtimeRow
    const named = collectors.every(({ name }, i) => this.#gcRows[i]?.keys[0] === name)
    if (!named || collectors.length !== this.#gcRows.length)
      this.#gcRows = collectors.map(({ name }) => emptyRow(runtimeGc, entity, [name]))
    fillRow(this.#runtimeRow, said.figures ?? {})
    for (const [i, { figures }] of collectors.entries()) fillRow(this.#gcRows[i]!, figures)
  }
}

function fillRow({ table, values }: Row, figures: Figures): void {
  for (const [i, { column }] of table.metrics.entries()) values[i] = figures[column] ?? Number.NaN
}

type Attributes = Facts & Readonly<Record<string, string | undefined>>

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
function withoutAbsent(attributes: Attributes): Record<string, string> {
  const present: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) present[name] = value.slice(0, roomOf(name))
  return present
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
