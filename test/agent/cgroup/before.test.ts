import { expect, test } from 'vitest'
import { Before } from '../../../agent/cgroup/before.ts'
import type { Table } from '../../../catalog/metric.ts'
import { machineFinished } from '../../../catalog/tables/machine-finished.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { emptyRow, type Entity } from '../../../wire/sample.ts'

const entity: Entity = { kind: 'machine', attributes: {} }
const table: Table = machineFinished
const COUNTER = columnOf(table, 'cpu_seconds')
const GAUGE = columnOf(table, 'memory_peak_bytes')

/** What a column holds after reads of these values. */
function last(column: number, values: readonly number[]): number {
  const before = new Before()
  const row = emptyRow(table, entity)
  for (const value of values) {
    before.keep(row, [])
    row.values[column] = value
    before.hold()
  }
  return row.values[column]!
}

test.each([
  { what: 'grows', values: [1, 2], want: 2 },
  { what: 'a tick back', values: [10, 9.99], want: 10 },
  { what: 'a tick back, and on', values: [10, 9.99, 10.01], want: 10.01 },
  { what: 'half of it is still the same', values: [10, 5], want: 10 },
  { what: 'less than half began anew', values: [10, 4.9], want: 4.9 },
  { what: 'someone wrote 0', values: [10, 0], want: 0 },
  { what: 'not there any more', values: [10, Number.NaN], want: Number.NaN },
  { what: 'there for the first time', values: [Number.NaN, 3], want: 3 },
])('a counter: $what', ({ values, want }) => expect(last(COUNTER, values)).toBe(want))

test('a gauge may fall', () => expect(last(GAUGE, [10, 9])).toBe(9))

test('rows with a key are held too, each by itself', () => {
  const before = new Before()
  const rows = [emptyRow(table, entity, ['a']), emptyRow(table, entity, ['b'])]
  const main = emptyRow(table, entity)
  rows[0]!.values[COUNTER] = 10
  rows[1]!.values[COUNTER] = 100
  before.keep(main, rows)
  rows[0]!.values[COUNTER] = 9
  rows[1]!.values[COUNTER] = 101
  before.hold()
  expect(rows.map(({ values }) => values[COUNTER])).toEqual([10, 101])
})

test('restore takes all back, fillAbsent only what went', () => {
  const before = new Before()
  const row = emptyRow(table, entity)
  row.values[COUNTER] = 10
  row.values[GAUGE] = 20
  before.keep(row, [])
  row.values[COUNTER] = 11
  row.values[GAUGE] = Number.NaN
  before.fillAbsent()
  expect([row.values[COUNTER], row.values[GAUGE]]).toEqual([11, 20])
  before.restore()
  expect([row.values[COUNTER], row.values[GAUGE]]).toEqual([10, 20])
})

test('more values than it has held before', () => {
  const before = new Before()
  const rows = Array.from({ length: 500 }, () => emptyRow(table, entity))
  for (const row of rows) row.values[COUNTER] = 7
  before.keep(rows[0]!, rows.slice(1))
  for (const row of rows) row.values.fill(0)
  before.restore()
  expect(rows.every(({ values }) => values[COUNTER] === 7)).toBe(true)
})
