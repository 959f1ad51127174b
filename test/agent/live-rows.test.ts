import { expect, test } from 'vitest'
import { LiveRows } from '../../agent/live-rows.ts'
import type { Table } from '../../catalog/metric.ts'
import { container } from '../../catalog/tables/container.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { runtime } from '../../catalog/tables/runtime.ts'
import { emptyRow, type Row } from '../../wire/sample.ts'

const row = (table: Table, path?: string): Row =>
  emptyRow(table, {
    kind: table.entity,
    attributes: path === undefined ? {} : { 'candor.cgroup.path': path },
  })

test('containers come and go, and what ran in them goes with them; all else stays', () => {
  const live = new LiveRows()
  const [host, a, b, c] = [
    row(machine),
    row(container, '/a'),
    row(container, '/b'),
    row(container, '/c'),
  ]
  const [inA, inB, nowhere] = [row(runtime, '/a'), row(runtime, '/b'), row(runtime)]
  live.all.push(host, a, b, inA, inB, nowhere)
  live.cgroups.push(a, b)
  live.runtimes.push(inA, inB, nowhere)
  live.change([b, c])
  expect(live.all).toEqual([host, b, c, inB, nowhere])
  expect(live.cgroups).toEqual([b, c])
  expect(live.runtimes).toEqual([inB, nowhere])
})
