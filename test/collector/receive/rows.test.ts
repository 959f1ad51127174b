import { describe, expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { container } from '../../../catalog/tables/container.ts'
import { machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { machineNetwork } from '../../../catalog/tables/machine-network.ts'
import { machineNetstat as netstat } from '../../../catalog/tables/machine-netstat.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { columnOf, tables, typedTables } from '../../../catalog/tables.ts'
import { entityId } from '../../../collector/receive/identity.ts'
import {
  Destinations,
  type DistributionDestination,
} from '../../../collector/receive/destinations.ts'
import { NarrowRows, narrowSeries } from '../../../collector/receive/narrow-rows.ts'
import { RowBuilder } from '../../../collector/receive/rows.ts'
import { Tenant } from '../../../collector/receive/tenant.ts'
import { byName } from '../../../collector/receive/source.ts'
import { ColumnBatch, NOT_A_NUMBER, type Values } from '../../../collector/store/columns.ts'
import { decodeMetrics } from '../../../wire/otlp-decode.ts'
import { PassEncoder } from '../../../wire/otlp-encode.ts'
import { parseExposition } from '../../../wire/parse-exposition.ts'
import { encodePass } from '../../wire/encode-pass.ts'
import { NO_RECORDED_VALUE } from '../../../wire/otlp-fields.ts'
import { emptyRow, type Entity, type Pass } from '../../../wire/sample.ts'
import { bodyOf } from './bodies.ts'

const now = Date.UTC(2026, 5, 1, 12)

type Rows = Record<string, Record<string, unknown>[]>

const isMeasuredNaN = (values: Values, row: number) =>
  values instanceof Float64Array && new BigUint64Array(values.buffer)[row] === NOT_A_NUMBER

/** Rows of a batch by table; absent numbers are left out. */
function rowsOf(batch: ColumnBatch): Rows {
  return Object.fromEntries(
    batch
      .filled()
      .map((table) => [
        table.shape.table,
        Array.from({ length: table.length }, (_, row) =>
          Object.fromEntries(
            table.shape.columns
              .map(
                ({ name }, i) =>
                  [
                    name,
                    isMeasuredNaN(table.values(i), row) ? 'NaN' : table.values(i)[row],
                  ] as const,
              )
              .filter(([, value]) => !Number.isNaN(value)),
          ),
        ),
      ]),
  )
}

function receive(bodies: readonly Uint8Array[], { tenant = new Tenant(''), nowMs = now } = {}) {
  const batch = new ColumnBatch()
  const dropped: Record<string, number> = {}
  let points = 0
  for (const body of bodies) {
    const rows = new RowBuilder(batch, tenant, nowMs)
    decodeMetrics(body, rows)
    rows.finish()
    points += rows.points
    Object.assign(dropped, Object.fromEntries(rows.dropped))
  }
  return { rows: rowsOf(batch), dropped, points }
}

const web1: Entity = { kind: 'machine', attributes: { 'host.id': 'h1', 'host.name': 'web-1' } }
const web1Id = entityId('', 'machine', new Map([['host.id', 'h1']]))!

describe('points of our agents', () => {
  test('each column of each table comes back in its own place', () => {
    const entities: Record<Entity['kind'], Entity> = {
      machine: web1,
      container: {
        kind: 'container',
        attributes: { 'host.id': 'h1', 'candor.cgroup.path': '/a', 'candor.cgroup.inode': '7' },
      },
      runtime: {
        kind: 'runtime',
        attributes: { 'host.id': 'h1', 'process.pid': '1', 'process.creation.time': 'then' },
      },
    }
    const sent = typedTables.map((table) => {
      const row = emptyRow(
        table,
        entities[table.entity],
        table.keys.map(({ label }) => `${label} of it`),
      )
      for (const i of table.metrics.keys()) row.values[i] = i
      return row
    })
    const { rows, dropped } = receive(encodePass({ timeMs: now, rows: sent }))
    expect(dropped).toEqual({})
    for (const { table, entity, keys } of sent) {
      expect(rows[table.name]).toEqual([
        {
          tenant: '',
          entity: entityId('', entity.kind, new Map(Object.entries(entity.attributes))),
          ts: now,
          ...Object.fromEntries(table.keys.map(({ label }, i) => [label, keys[i]])),
          ...Object.fromEntries(table.metrics.map(({ column }, i) => [column, i])),
        },
      ])
    }
    expect(Object.keys(rows).toSorted()).toEqual(
      [...typedTables.map(({ name }) => name), 'entity'].toSorted(),
    )
  })

  test('one row a key and time; absent columns are not there', () => {
    const pass = (timeMs: number): Pass => {
      const rows = ['0', '1'].map((cpu) => emptyRow(machineCpu, web1, [cpu]))
      rows[0]!.values[0] = 1
      rows[0]!.values[3] = 0
      rows[1]!.values[3] = 2
      return { timeMs, rows }
    }
    const { rows } = receive([...encodePass(pass(now)), ...encodePass(pass(now + 10_000))])
    const row = (ts: number, cpu: string, values: Record<string, number>) => ({
      tenant: '',
      entity: web1Id,
      ts,
      cpu,
      ...values,
    })
    expect(rows['machine_cpu']).toEqual([
      row(now, '0', { user_seconds: 1, idle_seconds: 0 }),
      row(now, '1', { idle_seconds: 2 }),
      row(now + 10_000, '0', { user_seconds: 1, idle_seconds: 0 }),
      row(now + 10_000, '1', { idle_seconds: 2 }),
    ])
  })

  test('an unknown attribute or unit makes a narrow series, not a wrong column', () => {
    const attributes = { ...web1.attributes, 'candor.entity.kind': 'machine' }
    const io = { 'network.io.direction': 'receive', 'network.interface.name': 'eth0' }
    const metric = (unit: string, extra: Record<string, string>) => ({
      name: 'system.network.io',
      unit,
      kind: 'sum' as const,
      points: [{ attributes: { ...io, ...extra }, timeMs: now, value: 1 }],
    })
    const known = receive([bodyOf({ attributes, metrics: [metric('By', {})] })])
    expect(known.rows['machine_network']).toHaveLength(1)
    const unknown = receive([
      bodyOf({ attributes, metrics: [metric('By', { x: 'y' }), metric('Mbit', {})] }),
    ])
    expect(unknown.rows[machineNetwork.name]).toBeUndefined()
    expect(unknown.rows['series']!.map(({ name, labels }) => [name, labels])).toEqual([
      [
        'system_network_io_bytes_total',
        JSON.stringify({
          instance: 'web-1',
          job: 'candor',
          network_interface_name: 'eth0',
          network_io_direction: 'receive',
          x: 'y',
        }),
      ],
      [
        'system_network_io_Mbit_total',
        JSON.stringify({
          instance: 'web-1',
          job: 'candor',
          network_interface_name: 'eth0',
          network_io_direction: 'receive',
        }),
      ],
    ])
  })

  test('names of the catalogue from a sender that is not ours are narrow series', () => {
    const metrics = [
      {
        name: 'system.cpu.logical.count',
        unit: '{cpu}',
        points: [{ timeMs: now, value: 4 }],
      },
    ]
    for (const attributes of [
      { 'host.id': 'h1' },
      { 'host.id': 'h1', 'candor.entity.kind': 'toString' },
      { 'candor.entity.kind': 'machine' },
    ]) {
      const { rows } = receive([bodyOf({ attributes, metrics })])
      expect(Object.keys(rows).toSorted()).toEqual(['point', 'series'])
    }
  })
})

describe('entities', () => {
  const pass = (timeMs: number, entity: Entity = web1) => {
    const row = emptyRow(machine, entity)
    row.values[0] = 4
    return encodePass({ timeMs, rows: [row] })
  }

  test('are written when new, when changed, and when last_seen would fall behind', () => {
    const tenant = new Tenant('')
    const seenAt = (timeMs: number, entity?: Entity) =>
      receive(pass(timeMs, entity), { tenant }).rows['entity']?.map(
        ({ first_seen: first, last_seen: last, attributes }) => [first, last, attributes],
      )
    const told = JSON.stringify(web1.attributes)
    expect(seenAt(now)).toEqual([[now, now, told]])
    expect(seenAt(now + 10_000)).toBeUndefined()
    const renamed = { ...web1, attributes: { ...web1.attributes, 'host.name': 'web-2' } }
    expect(seenAt(now + 20_000, renamed)).toEqual([
      [now + 20_000, now + 20_000, JSON.stringify(renamed.attributes)],
    ])
    expect(seenAt(now + 310_000, renamed)).toBeUndefined()
    expect(seenAt(now + 320_000, renamed)).toHaveLength(1)
    // A backlog that begins earlier moves first_seen.
    expect(seenAt(now - 60_000, renamed)).toEqual([
      [now - 60_000, now - 60_000, JSON.stringify(renamed.attributes)],
    ])
  })

  const web: Entity = {
    kind: 'container',
    attributes: { 'host.id': 'h1', 'candor.cgroup.path': '/web', 'candor.cgroup.inode': '7' },
  }
  const usage = (value: number) => {
    const row = emptyRow(container, web)
    row.values[columnOf(container, 'memory_usage_bytes')] = value
    return row
  }

  test('that ended have their end, and no row of a typed table but the last one', () => {
    const tenant = new Tenant('')
    const encoder = new PassEncoder()
    const living = encoder.encode({ timeMs: now - 10_000, rows: [usage(1)] })
    expect(receive(living, { tenant }).rows['entity']).toMatchObject([
      { first_seen: now - 10_000, last_seen: now - 10_000 },
    ])
    const ended = [{ entity: web, timeMs: now - 3_000, rows: [usage(2)] }]
    const bodies = encoder.encode({ timeMs: now, rows: [], ended })
    const { rows, points, dropped } = receive(bodies, { tenant })
    expect({ points, dropped }).toEqual({ points: 2, dropped: {} })
    expect(rows['container']).toMatchObject([{ ts: now - 3_000, memory_usage_bytes: 2 }])
    expect(rows['entity']).toMatchObject([{ last_seen: now, ended_ms: now }])
  })

  test('of which one figure ended while others go on have not', () => {
    const { name: otel, unit } = { name: 'container.memory.usage', unit: 'By' }
    const attributes = { ...web.attributes, 'candor.entity.kind': 'container' }
    const { rows } = receive([
      bodyOf({
        attributes,
        metrics: [
          { name: otel, unit, points: [{ timeMs: now, value: 1 }] },
          {
            name: 'container.memory.rss',
            unit,
            points: [{ timeMs: now, value: 0, flags: NO_RECORDED_VALUE }],
          },
        ],
      }),
    ])
    expect(rows['entity']).toHaveLength(1)
    expect(rows['entity']![0]).not.toHaveProperty('ended_ms')
  })

  test('with nothing but narrow series are written', () => {
    const row = emptyRow(netstat, web1)
    row.values[0] = 1
    const { rows } = receive(encodePass({ timeMs: now, rows: [row] }))
    expect(rows['entity']).toMatchObject([{ entity: web1Id, last_seen: now }])
  })

  test('without a point that was taken are not written', () => {
    const { rows, dropped } = receive(pass(now + limits.clockAheadMs.value + 1))
    expect(rows).toEqual({})
    expect(dropped).toEqual({ clockAheadMs: 1 })
  })
})

describe('narrow series', () => {
  const gauge = (attributes: Record<string, string>, value = 1) => ({
    name: 'queue.fill',
    points: [{ attributes, timeMs: now, value }],
  })

  test('have job and instance of the resource and labels of the point', () => {
    const { rows } = receive([
      bodyOf({
        attributes: {
          'service.namespace': 'shop',
          'service.name': 'cart',
          'service.instance.id': 'cart-1',
        },
        metrics: [gauge({ 'queue.name': 'in', empty: '', job: 'mine' })],
      }),
    ])
    expect(rows['series']).toMatchObject([
      {
        name: 'queue_fill',
        kind: 'gauge',
        labels: JSON.stringify({ instance: 'cart-1', job: 'shop/cart', queue_name: 'in' }),
        first_seen: now,
        last_seen: now,
      },
    ])
    expect(rows['point']).toEqual([
      { tenant: '', series: rows['series']![0]!['series'], ts: now, value: 1 },
    ])
  })

  test('are the same series in any order of labels, and another for another tenant', () => {
    const series = (tenant: string, labels: Record<string, string>) =>
      receive([bodyOf({ metrics: [gauge(labels)] })], { tenant: new Tenant(tenant) }).rows[
        'series'
      ]![0]!['series']
    const id = series('', { a: '1', b: '2' })
    expect(series('', { b: '2', a: '1' })).toBe(id)
    expect(series('', { a: '1', b: '3' })).not.toBe(id)
    expect(series('other', { a: '1', b: '2' })).not.toBe(id)
  })

  test('end where the sender says that there is no value', () => {
    const ends = (value: number, flags = 0) => ({
      name: 'queue.fill',
      points: [{ timeMs: now, value, flags }],
    })
    const tenant = new Tenant('')
    const { rows: first } = receive([bodyOf({ metrics: [ends(1)] })], { tenant })
    const { rows, points } = receive([bodyOf({ metrics: [ends(0, NO_RECORDED_VALUE)] })], {
      tenant,
    })
    expect(points).toBe(1)
    // Numbers that are NaN are left out above.
    expect(rows).toEqual({
      point: [{ tenant: '', series: first['series']![0]!['series'], ts: now }],
    })
  })

  test('of tables that are narrow have the names, labels and kinds of the catalogue', () => {
    const narrow = tables.filter((table) => table.narrow === true)
    expect(narrow.length).toBeGreaterThan(0)
    const attributes = {
      'host.id': 'h1',
      'host.name': 'web-1',
      'candor.cgroup.path': '/a',
      'candor.cgroup.inode': '7',
      'container.name': 'a',
      'container.image.name': '',
      'process.pid': '1',
      'process.creation.time': 'then',
    }
    const sent = narrow.map((table) => {
      const row = emptyRow(
        table,
        { kind: table.entity, attributes },
        table.keys.map(({ label }) => `${label} of it`),
      )
      return Object.assign(row, { values: row.values.map((_, i) => i) })
    })
    const { rows, dropped } = receive(encodePass({ timeMs: now, rows: sent }))
    expect(dropped).toEqual({})
    const told = (name: string, kind: string, labels: Record<string, string>, value: unknown) =>
      JSON.stringify([name, kind, Object.entries(labels).toSorted(byName), value])
    const valueOf = new Map(rows['point']!.map(({ series, value }) => [series, value]))
    const found = rows['series']!.map(({ series, name, kind, labels }) =>
      told(
        String(name),
        String(kind),
        JSON.parse(String(labels)) as Record<string, string>,
        valueOf.get(series),
      ),
    )
    const want = sent.flatMap(({ table, keys }) =>
      table.metrics.map(({ prom, kind, labels }, i) => {
        const { container: ofContainer, runtime } = {
          container: { id: '/a', name: 'a' },
          runtime: { pid: '1', id: '/a', name: 'a' },
        }
        const ofEntity = { machine: {}, container: ofContainer, runtime }[table.entity]
        const ofKeys = Object.fromEntries(table.keys.map(({ label }, k) => [label, keys[k]!]))
        return told(
          prom,
          kind,
          { ...ofEntity, ...ofKeys, ...labels, instance: 'web-1', job: 'candor' },
          i,
        )
      }),
    )
    expect(found.toSorted()).toEqual(want.toSorted())
  })

  test('that come again are the same, whatever else is remembered in between', () => {
    const row = emptyRow(netstat, web1)
    row.values.fill(1)
    const encoder = new PassEncoder()
    const tenant = new Tenant('')
    const series = (timeMs: number) =>
      receive(encoder.encode({ timeMs, rows: [row] }), { tenant }).rows['point']!.map(
        (each) => each['series'],
      )
    const first = series(now - 10_000)
    expect(new Set(first).size).toBe(netstat.metrics.length)
    expect(series(now)).toEqual(first)
  })

  test('are found again when more is known than may be remembered', () => {
    const destinations = new Destinations('', 10)
    const source = new Tenant('').source(new Map([['service.name', 'x']]))
    const idsOf = (count: number) =>
      Array.from({ length: count }, (_, i) => {
        const metric = destinations.metric(source, '', `m${i}`, '', 'gauge')
        const to = destinations.of(metric, new Map([['i', String(i)]]))
        return to.to === 'narrow' ? to.id : undefined
      })
    const first = idsOf(30)
    expect(new Set(first).size).toBe(30)
    expect(idsOf(30)).toEqual(first)
  })

  test('of histograms count as they are many, and are found again', () => {
    const tenant = new Tenant('')
    const destinations = new Destinations('', 40)
    const source = tenant.source(new Map([['service.name', 'x']]))
    const attributes = new Map<string, string>()
    const find = () => {
      const metric = destinations.metric(source, '', 'h', '', 'histogram')
      return destinations.of(metric, attributes)
    }
    const first = find()
    expect(find()).toBe(first)
    const bounds = Array.from({ length: 60 }, (_, i) => i)
    const counts = Array.from({ length: 61 }, () => 1)
    const rows = new NarrowRows(new ColumnBatch(), tenant)
    const { series } = first as DistributionDestination
    series.add(rows, now, { form: 'explicit', count: 61, sum: 1, bounds, counts, isGauge: false })
    expect(find()).not.toBe(first)
  })

  test('with labels that are names of an object are plain labels', () => {
    const { rows } = receive([bodyOf({ metrics: [gauge({ ['__proto__']: 'x', b: 'y' })] })])
    expect(rows['series']![0]!['labels']).toBe('{"_proto_":"x","b":"y"}')
  })

  test('one that comes by two protocols is announced once', () => {
    const tenant = new Tenant('')
    const point = { timeMs: now, value: 1, attributes: { queue: 'mail' } }
    const body = bodyOf({ metrics: [{ name: 'depth', points: [point] }] })
    const { rows } = receive([body], { tenant })
    const series = narrowSeries('', 'depth', [['queue', 'mail']])
    expect(rows['series']).toMatchObject([{ series: series.id, labels: series.labels() }])

    const written = new ColumnBatch()
    new NarrowRows(written, tenant).point(series, 'gauge', now, 2)
    expect(rowsOf(written)).toEqual({
      point: [{ tenant: '', series: series.id, ts: now, value: 2 }],
    })
    expect(receive([body], { tenant }).rows).not.toHaveProperty('series')
  })
})

describe('what another program of a machine measured', () => {
  const families = parseExposition(
    `# TYPE backup_last_success_seconds gauge
backup_last_success_seconds{job="nightly",instance="db"} 1.75e9
# TYPE jobs counter
jobs{queue="a"} 3
jobs_total 5
# TYPE took histogram
took_bucket{le="0.1"} 1
took_bucket{le="+Inf"} 2
took_sum 0.5
took_count 2
# TYPE size summary
size{quantile="0.5"} 7
size_sum 9
size_count 1
`,
    { samples: 100, labels: 10, labelBytes: 100 },
  ).map((family) => ({ ...family, help: family.help ?? '' }))
  const row = emptyRow(machine, web1)
  row.values[0] = 1

  test('has its own names, labels and types', () => {
    const { rows, dropped } = receive(
      encodePass({ timeMs: now, rows: [row], foreign: families }, { version: '0.1.0' }),
    )
    expect(dropped).toEqual({})
    const valueOf = new Map(rows['point']!.map(({ series, value }) => [series, value]))
    const found = rows['series']!.map(({ series, name, kind, labels }) => {
      const { instance, job, ...others } = JSON.parse(String(labels)) as Record<string, string>
      expect({ instance, job }).toEqual({ instance: 'web-1', job: 'candor' })
      return [name, kind, others, valueOf.get(series)]
    })
    expect(found).toEqual([
      [
        'backup_last_success_seconds',
        'gauge',
        { exported_instance: 'db', exported_job: 'nightly' },
        1.75e9,
      ],
      ['jobs', 'counter', { queue: 'a' }, 3],
      ['took_bucket', 'counter', { le: '0.1' }, 1],
      ['took_bucket', 'counter', { le: '+Inf' }, 2],
      ['took_sum', 'counter', {}, 0.5],
      ['took_count', 'counter', {}, 2],
      ['size', 'gauge', { quantile: '0.5' }, 7],
      ['size_sum', 'counter', {}, 9],
      ['size_count', 'counter', {}, 1],
      ['jobs_total', 'untyped', {}, 5],
    ])
  })

  test('keeps to the limit of a body', () => {
    const bodies = encodePass({ timeMs: now, rows: [row], foreign: families }, { maxBytes: 400 })
    expect(bodies.length).toBeGreaterThan(1)
    expect(Math.max(...bodies.map(({ length }) => length))).toBeLessThanOrEqual(400)
    expect(receive(bodies).rows['point']).toHaveLength(10)
  })

  test('is a stranger under the same scope when the sender is not ours', () => {
    const [body] = encodePass({
      timeMs: now,
      rows: [{ ...row, entity: { kind: 'machine', attributes: {} } }],
      foreign: families.slice(0, 2),
    })
    expect(receive([body!]).rows['series']!.map(({ name }) => name)).toContain('jobs_total')
  })
})

test('a series has any number, and its end is another NaN than its own', () => {
  const values = [Infinity, -Infinity, Number.NaN]
  const { rows, dropped } = receive([
    bodyOf({
      metrics: [
        {
          name: 'x',
          points: [
            ...values.map((value, i) => ({ timeMs: now + i, value })),
            { timeMs: now + 3, value: 1, flags: NO_RECORDED_VALUE },
          ],
        },
      ],
    }),
  ])
  expect(dropped).toEqual({})
  expect(rows['point']!.map(({ value }) => value)).toEqual([Infinity, -Infinity, 'NaN', undefined])
})

describe('what is not taken', () => {
  const points = (...each: readonly { value?: number; timeMs?: number; flags?: number }[]) =>
    receive([
      bodyOf({
        metrics: [
          { name: 'x', points: each.map((point) => ({ timeMs: now, value: 1, ...point })) },
        ],
      }),
    ])

  test('has its reason, and the rest is taken', () => {
    const { dropped, points: taken } = points(
      { timeMs: now + limits.clockAheadMs.value + 1 },
      { timeMs: now - limits.clockBehindMs.value - 1 },
      { timeMs: now + limits.clockAheadMs.value },
      { timeMs: now - limits.clockBehindMs.value },
    )
    expect(taken).toBe(2)
    expect(dropped).toEqual({ clockAheadMs: 1, clockBehindMs: 1 })
  })

  test('is, in a typed table, what its column would say otherwise than it is', () => {
    const load = (value: number, i: number) => ({ timeMs: now + i, value })
    const { dropped, points } = receive([
      bodyOf({
        attributes: { 'candor.entity.kind': 'machine', 'host.id': 'h1' },
        metrics: [
          {
            name: 'system.cpu.load_average.1m',
            unit: '{thread}',
            points: [Infinity, -Infinity, Number.NaN, 1].map(load),
          },
        ],
      }),
    ])
    expect(points).toBe(1)
    expect(dropped).toEqual({ infinite: 2, notANumber: 1 })
  })

  test('is what counts from one point to the next, and a name of which nothing is left', () => {
    const metric = (name: string, kind: 'gauge' | 'delta') => ({
      name,
      kind,
      points: [{ timeMs: now, value: 1 }],
    })
    const { rows, dropped } = receive([
      bodyOf({ metrics: [metric('d', 'delta'), metric('日本', 'gauge')] }),
    ])
    expect(rows).toEqual({})
    expect(dropped).toEqual({ deltaTemporality: 1, nameless: 1 })
  })

  test('is a series whose job is too long to be a label', () => {
    const { dropped } = receive([
      bodyOf({
        attributes: { 'service.name': 'x'.repeat(limits.labelBytes.value + 1) },
        metrics: [{ name: 'x', points: [{ timeMs: now, value: 1 }] }],
      }),
    ])
    expect(dropped).toEqual({ labelBytes: 1 })
  })

  test('is what a short body would grow to when labels of the resource repeat', () => {
    const count = (limits.requestRowBytes.value / limits.labelBytes.value) * 1.1
    const {
      rows,
      dropped,
      points: taken,
    } = receive([
      bodyOf({
        attributes: { 'service.name': 'x'.repeat(limits.labelBytes.value) },
        metrics: [
          {
            name: 'x',
            points: Array.from({ length: count }, (_, i) => ({
              attributes: { i: String(i) },
              timeMs: now,
              value: 1,
            })),
          },
        ],
      }),
    ])
    expect(dropped['requestRowBytes']).toBeGreaterThan(0)
    expect(taken + dropped['requestRowBytes']!).toBe(Math.floor(count))
    expect(rows['series']).toHaveLength(taken)
  })

  test('is what points of one column each would grow to in rows of all columns', () => {
    const count = Math.ceil(limits.requestRowBytes.value / (machine.metrics.length * 8))
    const { dropped, points } = receive([
      bodyOf({
        attributes: { 'candor.entity.kind': 'machine', 'host.id': 'h1' },
        metrics: [
          {
            name: 'system.cpu.load_average.1m',
            unit: '{thread}',
            points: Array.from({ length: count }, (_, i) => ({ timeMs: now - i, value: 1 })),
          },
        ],
      }),
    ])
    expect(points).toBeGreaterThan(0)
    expect(dropped['requestRowBytes']).toBe(count - points)
  })
})
