import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KIND_ATTRIBUTE } from '../../catalog/entity.ts'
import { columnOf, tables } from '../../catalog/tables.ts'
import { container } from '../../catalog/tables/container.ts'
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { PassEncoder } from '../../wire/otlp-encode.ts'
import { emptyRow, type Entity, type Pass, type Row } from '../../wire/sample.ts'
import { encodePass } from './encode-pass.ts'
import { passes } from './passes.ts'
import { type Point, record } from './recorder.ts'

/** What a receiver should see of a pass, straight from the rows and the catalogue. */
const expected = ({ timeMs, rows }: Pass): Point[] =>
  rows.flatMap(({ table, entity, keys, values }) =>
    table.metrics.flatMap((metric, i): Point[] => {
      if (Number.isNaN(values[i])) return []
      const isSum = metric.kind !== 'gauge' && metric.falls !== true
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

const read = (bodies: readonly Buffer[]) => bodies.flatMap((body) => record(body).points)

describe('an encoder that saw passes before', () => {
  /** What may happen to the rows of an agent from pass to pass. */
  type Change =
    | {
        readonly does: 'set'
        readonly row: number
        readonly column: number
        readonly value: number
      }
    | { readonly does: 'remove' | 'renew'; readonly row: number }
  const at = fc.nat(1_000)
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.record({
      does: fc.constant('set' as const),
      row: at,
      column: at,
      value: fc.constantFrom(Number.NaN, 0, 7, -7, 0.5, 2 ** 60, Infinity, Number.MAX_SAFE_INTEGER),
    }),
    fc.record({ does: fc.constantFrom('remove' as const, 'renew' as const), row: at }),
  )

  function changed(rows: readonly Row[], change: Change): Row[] {
    if (rows.length === 0) return []
    const index = change.row % rows.length
    const row = rows[index]!
    if (change.does === 'set') row.values[change.column % row.values.length] = change.value
    if (change.does === 'remove') return rows.toSpliced(index, 1)
    // A reader that makes its rows anew with each pass.
    if (change.does === 'renew') return rows.with(index, { ...row, values: row.values.slice() })
    return [...rows]
  }

  test('says what the rows say, whatever changed since', () => {
    fc.assert(
      fc.property(
        passes,
        fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 5 }),
        fc.integer({ min: 600, max: 4_000 }),
        (first, changes, maxBytes) => {
          const encoder = new PassEncoder({ maxBytes })
          expect(sorted(read(encoder.encode(first)))).toEqual(sorted(expected(first)))
          let { timeMs, rows } = first
          for (const each of changes) {
            rows = each.reduce<readonly Row[]>(changed, rows)
            const pass = { timeMs: (timeMs += 10_000), rows }
            expect(sorted(read(encoder.encode(pass)))).toEqual(sorted(expected(pass)))
          }
        },
      ),
    )
  })

  test('follows the start of an entity, which a clock that is set may move', () => {
    const entity: { -readonly [K in keyof Entity]: Entity[K] } = { ...web }
    const row = emptyRow(container, entity)
    row.values[columnOf(container, 'cpu_periods')] = 1
    const encoder = new PassEncoder()
    const starts = () =>
      read(encoder.encode({ timeMs: 5, rows: [row] })).map(({ startMs }) => startMs)
    expect(starts()).toEqual([1_700_000_000_000])
    entity.startMs = 1_700_000_000_999
    expect(starts()).toEqual([1_700_000_000_999])
    delete entity.startMs
    expect(starts()).toEqual([undefined])
  })

  test('keeps its layout when only values change', () => {
    const row = emptyRow(container, web)
    const set = (column: string, value: number) => {
      row.values[columnOf(container, column)] = value
    }
    set('memory_usage_bytes', 1)
    set('cpu_periods', 1)
    const encoder = new PassEncoder()
    const sizes = (timeMs: number) =>
      encoder.encode({ timeMs, rows: [row] }).map((body) => body.length)
    const first = sizes(1)
    set('memory_usage_bytes', 2 ** 52)
    expect(sizes(4_102_444_800_000)).toEqual(first)
    // Once a fraction, the column is a double from then on, of the same size.
    const isDouble = () => encoder.encode({ timeMs: 3, rows: [row] })[0]!.includes(value(1.5))
    set('cpu_periods', 1.5)
    expect(isDouble()).toBe(true)
    set('cpu_periods', 2)
    expect(encoder.encode({ timeMs: 3, rows: [row] })[0]!.includes(value(2))).toBe(true)
  })

  const value = (double: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(double)
    return bytes
  }
})

describe('slow tables', () => {
  const slowTable = tables.find(({ slow, entity }) => slow === true && entity === 'machine')!
  const rowOf = (key: string) => {
    const row = emptyRow(
      slowTable,
      host,
      slowTable.keys.map(() => key),
    )
    row.values.fill(1)
    return row
  }

  test('are sent with the first pass, then once in each stretch, and when there is more of them', () => {
    const encoder = new PassEncoder({ slowMs: 60_000 })
    const fast = emptyRow(machine, host)
    fast.values[0] = 4
    const rows = [fast, rowOf('a')]
    const sent = (timeMs: number) => {
      const names = new Set(read(encoder.encode({ timeMs, rows })).map(({ metric }) => metric))
      expect(names.has(machine.metrics[0]!.otel)).toBe(true)
      return names.has(slowTable.metrics[0]!.otel)
    }
    expect([55, 59.999, 60.001, 70, 110].map((seconds) => sent(seconds * 1_000))).toEqual([
      true,
      false,
      true,
      false,
      false,
    ])
    rows.push(rowOf('b'))
    expect([115, 119, 121].map((seconds) => sent(seconds * 1_000))).toEqual([true, false, true])
    // A clock that was set back.
    expect(sent(10_000)).toBe(true)
  })
})

describe('an entity that ended', () => {
  const usage = columnOf(container, 'memory_usage_bytes')
  const periods = columnOf(container, 'cpu_periods')

  test('is sent once more: its last values, then an end of each of its series', () => {
    const encoder = new PassEncoder()
    const row = emptyRow(container, web)
    row.values[usage] = 5
    row.values[periods] = 1
    encoder.encode({ timeMs: 10_000, rows: [row] })
    const last = emptyRow(container, web)
    last.values[usage] = 6
    const ended = [{ entity: web, timeMs: 12_000, rows: [last] }]
    const points = read(encoder.encode({ timeMs: 20_000, rows: [], ended }))
    expect(
      points.map(({ metric, timeMs, value, unrecorded }) => [metric, timeMs, value, unrecorded]),
    ).toEqual([
      ['container.memory.usage', 12_000, 6, false],
      ['candor.container.cpu.cfs.periods', 20_000, Number.NaN, true],
      ['container.memory.usage', 20_000, Number.NaN, true],
    ])
    expect(points.every(({ resource }) => resource['candor.cgroup.path'] === '/docker/web')).toBe(
      true,
    )
    expect(encoder.encode({ timeMs: 30_000, rows: [] })).toEqual([])
  })

  test('has an end of its series by their keys, though nobody saw it alive', () => {
    fc.assert(
      fc.property(passes, (pass) => {
        const ended = [...Map.groupBy(pass.rows, ({ entity }) => entity)].map(([entity, rows]) => ({
          entity,
          timeMs: pass.timeMs,
          rows,
        }))
        const points = read(encodePass({ timeMs: pass.timeMs + 1, rows: [], ended }))
        const [last, ends] = [false, true].map((which) =>
          points.filter(({ unrecorded }) => unrecorded === which),
        )
        const all = expected(pass)
        expect(sorted(last!)).toEqual(sorted(all))
        expect(sorted(ends!)).toEqual(
          sorted(
            all.map((point) => ({
              ...point,
              timeMs: pass.timeMs + 1,
              startMs: undefined,
              value: Number.NaN,
              unrecorded: true,
            })),
          ),
        )
      }),
    )
  })
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
