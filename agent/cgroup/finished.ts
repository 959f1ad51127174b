/**
 * Sums over the containers that are no more, by image: what lives shorter than the time between two
 * scrapes is in no rate, but in these. A container without an image counts under its runtime alone.
 *
 * A container's whole life is added when it ends, so these run ahead of nothing and lag behind by
 * what still runs.
 */
import { limits } from '../../catalog/limit.ts'
import { containerDisk } from '../../catalog/tables/container-disk.ts'
import { container } from '../../catalog/tables/container.ts'
import { machineFinished } from '../../catalog/tables/machine-finished.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { Table } from '../../catalog/metric.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'

const at = (column: string) => columnOf(machineFinished, column)
const CONTAINERS = at('containers')
const UNMEASURED = at('unmeasured')
const LIFETIME = at('lifetime_seconds')
const PEAK = at('memory_peak_bytes')

/** What is summed up, and where it stands in a container's own rows. */
const SUMS: readonly { readonly to: number; readonly table: Table; readonly from: number }[] = (
  [
    ['cpu_seconds', container, 'cpu_usage_seconds'],
    ['cpu_throttled_seconds', container, 'cpu_throttled_seconds'],
    ['oom_kills', container, 'oom_kills'],
    ['read_bytes', containerDisk, 'read_bytes'],
    ['written_bytes', containerDisk, 'written_bytes'],
  ] as const
).map(([to, table, from]) => ({ to: at(to), table, from: columnOf(table, from) }))

/** The kernel's own peak is read rarely, so what was used last may be above it. */
const PEAKS = ['memory_max_usage_bytes', 'memory_usage_bytes'].map((column) =>
  columnOf(container, column),
)

/** What each that ends adds to. */
const FROM_ZERO = [CONTAINERS, UNMEASURED, LIFETIME]

const OTHER = 'other'
/** What identity says of a container whose runtime was not asked. */
const UNKNOWN = 'unknown'

export class Finished {
  readonly #machine: () => Entity
  readonly #byImage = new Map<string, Row>()

  constructor(machine: () => Entity) {
    this.#machine = machine
  }

  /** One an image; kept and overwritten. */
  get rows(): readonly Row[] {
    return [...this.#byImage.values()]
  }

  /**
   * A container of which the image is known is there: a counter that began at 1 would never have grown
   * to those who ask by how much.
   */
  expect(attributes: Entity['attributes']): void {
    const { 'container.image.name': image = '', 'container.runtime.name': runtime = '' } =
      attributes
    if (image === '' || image === UNKNOWN) return
    const { values } = this.#rowOf(image, runtime)
    for (const column of FROM_ZERO) if (Number.isNaN(values[column]!)) values[column] = 0
  }

  /** `rows` are a container's last; none where it was never read. */
  add(attributes: Entity['attributes'], lifetimeMs: number, rows: readonly Row[]): void {
    const { 'container.image.name': image = '', 'container.runtime.name': runtime = '' } =
      attributes
    const { values } = this.#rowOf(image === UNKNOWN ? '' : image, runtime)
    add(values, CONTAINERS, 1)
    add(values, UNMEASURED, rows.length === 0 ? 1 : 0)
    add(values, LIFETIME, lifetimeMs / 1000)
    for (const row of rows) {
      for (const { to, table, from } of SUMS) {
        if (row.table.name === table.name) add(values, to, row.values[from]!)
      }
      if (row.table.name !== container.name) continue
      for (const from of PEAKS) {
        if (!(values[PEAK]! >= row.values[from]!)) values[PEAK] = row.values[from]!
      }
    }
  }

  /** The machine is another entity now: the sums go on. */
  renew(): void {
    for (const [key, row] of this.#byImage) {
      this.#byImage.set(key, { ...row, entity: this.#machine() })
    }
  }

  #rowOf(image: string, runtime: string): Row {
    const key = `${runtime}\n${image}`
    const known = this.#byImage.get(key)
    if (known !== undefined) return known
    if (image !== OTHER && this.#byImage.size >= limits.finishedImages.value) {
      return this.#rowOf(OTHER, OTHER)
    }
    const row = emptyRow(machineFinished, this.#machine(), [image, runtime])
    this.#byImage.set(key, row)
    return row
  }
}

/** A sum is absent until something was added; what is absent adds nothing. */
function add(values: Float64Array, column: number, value: number): void {
  if (Number.isNaN(value)) return
  values[column] = Number.isNaN(values[column]!) ? value : values[column]! + value
}
