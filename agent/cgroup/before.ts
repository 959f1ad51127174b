/**
 * The values of a cgroup as they were before a read.
 *
 * The kernel sums many counters from parts that each CPU keeps, so one may be read a little lower
 * than before. A counter that fell, but by less than half, keeps its last value; one that fell by more
 * began anew, as when someone wrote 0 into the file.
 */
import type { Table } from '../../catalog/metric.ts'
import type { Row } from '../../wire/sample.ts'

const counters = new WeakMap<Table, readonly number[]>()

function countersOf(table: Table): readonly number[] {
  let columns = counters.get(table)
  if (columns === undefined) {
    columns = table.metrics.flatMap(({ kind }, i) => (kind === 'counter' ? [i] : []))
    counters.set(table, columns)
  }
  return columns
}

export class Before {
  readonly #rows: Row[] = []
  #values = new Float64Array(256)

  keep(row: Row, more: readonly Row[]): void {
    this.#rows.length = 0
    this.#rows.push(row)
    for (const each of more) this.#rows.push(each)
    let at = 0
    for (const { values } of this.#rows) {
      if (at + values.length > this.#values.length) this.#grow(at + values.length)
      this.#values.set(values, at)
      at += values.length
    }
  }

  #grow(length: number): void {
    const larger = new Float64Array(length * 2)
    larger.set(this.#values)
    this.#values = larger
  }

  /** Lets no counter run back. */
  hold(): void {
    let at = 0
    for (const { table, values } of this.#rows) {
      for (const i of countersOf(table)) {
        const before = this.#values[at + i]!
        const now = values[i]!
        if (now < before && now >= before / 2) values[i] = before
      }
      at += values.length
    }
  }

  /** Takes all back that was read since. */
  restore(): void {
    let at = 0
    for (const { values } of this.#rows) {
      values.set(this.#values.subarray(at, at + values.length))
      at += values.length
    }
  }

  /** Takes back what the last read found absent: of a cgroup that is leaving, some files are gone. */
  fillAbsent(): void {
    let at = 0
    for (const { values } of this.#rows) {
      for (let i = 0; i < values.length; i += 1) {
        if (Number.isNaN(values[i]!)) values[i] = this.#values[at + i]!
      }
      at += values.length
    }
  }
}
