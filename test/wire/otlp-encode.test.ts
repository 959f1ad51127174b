import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KIND_ATTRIBUTE } from '../../catalog/entity.ts'
import { columnOf } from '../../catalog/tables.ts'
import { container } from '../../catalog/tables/container.ts'
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { encodePass } from '../../wire/otlp-encode.ts'
import { emptyRow, type Entity, type Pass } from '../../wire/sample.ts'
import { passes } from './passes.ts'
import { type Point, record } from './recorder.ts'

/** What a receiver should see of a pass, straight from the rows and the catalogue. */
const expected = ({ timeMs, rows }: Pass): Point[] =>
  rows.flatMap(({ table, entity, keys, values }) =>
    table.metrics.flatMap((metric, i): Point[] => {
      if (Number.isNaN(values[i])) return []
      const isSum = metric.kind !== 'gauge'
      return [
        {
          resource: { ...entity.attributes, [KIND_ATTRIBUTE]: entity.kind },
          metric: metric.otel,
          unit: metric.unit,
          kind: isSum ? 'counter' : 'gauge',
          attributes: {
            ...metric.attributes,
            ...Object.fromEntries(table.keys.map(({ attribute }, k) => [attribute, keys[k]!])),
          },
          timeMs,
          startMs: isSum ? entity.startMs : undefined,
          value: values[i]!,
          unrecorded: false,
        },
      ]
    }),
  )

const byKey = (record: Readonly<Record<string, string>>) =>
  Object.keys(record)
    .toSorted()
    .map((key) => [key, record[key]])

const sorted = (points: readonly Point[]) =>
  points
    .map(({ value, resource, attributes, ...rest }) =>
      JSON.stringify([
        byKey(resource),
        byKey(attributes),
        rest,
        // JSON has neither; −0 is 0 on the wire of whole numbers.
        String(value),
      ]),
    )
    .toSorted()

test('what is decoded is what the rows say', () => {
  fc.assert(
    fc.property(passes, (pass) => {
      const points = encodePass(pass).flatMap((body) => record(body).points)
      expect(sorted(points)).toEqual(sorted(expected(pass)))
    }),
  )
})

test('a split pass says the same, and each body keeps to the limit', () => {
  fc.assert(
    fc.property(passes, fc.integer({ min: 600, max: 4_000 }), (pass, maxBytes) => {
      const bodies = encodePass(pass, { maxBytes })
      const recordings = bodies.map(record)
      expect(sorted(recordings.flatMap(({ points }) => points))).toEqual(sorted(expected(pass)))
      const tooLong = recordings.filter((_, i) => bodies[i]!.length > maxBytes)
      expect(tooLong.every(({ metrics }) => metrics.length === 1)).toBe(true)
    }),
  )
})

const web: Entity = {
  kind: 'container',
  attributes: { 'host.id': 'h1', 'candor.cgroup.path': '/docker/web' },
  startMs: 1_700_000_000_000,
}
const host: Entity = { kind: 'machine', attributes: { 'host.id': 'h1' } }

test('a metric stands once in a resource, with the points of all its rows', () => {
  const rows = ['0', '1'].map((cpu) => {
    const row = emptyRow(machineCpu, host, [cpu])
    row.values.fill(2.5)
    return row
  })
  const { metrics, points } = record(encodePass({ timeMs: 1, rows })[0]!)
  expect(metrics.map(({ name }) => name)).toEqual([
    'system.cpu.time',
    'candor.system.cpu.time',
    'candor.system.cpu.guest.time',
  ])
  expect(points.filter(({ metric }) => metric === 'system.cpu.time')).toHaveLength(12)
  expect(points[0]!.startMs).toBeUndefined()
})

test('nothing is sent for what was not measured', () => {
  expect(encodePass({ timeMs: 1, rows: [] })).toEqual([])
  expect(encodePass({ timeMs: 1, rows: [emptyRow(machine, host)] })).toEqual([])
})

test('values may change under the same rows, as those of an agent do', () => {
  const row = emptyRow(container, web)
  const column = columnOf(container, 'memory_usage_bytes')
  row.values[column] = 1
  encodePass({ timeMs: 1, rows: [row] })
  row.values[column] = 2
  expect(record(encodePass({ timeMs: 2, rows: [row] })[0]!).points).toMatchObject([
    { timeMs: 2, value: 2 },
  ])
})

test('the bytes of a small pass', async () => {
  const row = emptyRow(container, web)
  row.values[columnOf(container, 'cpu_periods')] = 7
  row.values[columnOf(container, 'cpu_usage_seconds')] = 3
  row.values[columnOf(container, 'pressure_io_waiting_seconds')] = 0.125
  const bodies = encodePass({ timeMs: 1_763_712_345_678, rows: [row] }, { version: '0.1.0' })
  const lines = bodies[0]!
    .toString('hex')
    .match(/.{1,64}/g)!
    .join('\n')
  // Read back by protobufjs with the definitions of opentelemetry-proto when it was recorded.
  await expect(`${lines}\n`).toMatchFileSnapshot('../golden/otlp/pass.hex')
})
