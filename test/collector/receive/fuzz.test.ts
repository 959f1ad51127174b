/**
 * Bodies of every format, damaged in every way: each is taken or is malformed, nothing stays of one that
 * is malformed, and none takes more memory than a request may.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { container } from '../../../catalog/tables/container.ts'
import { inflate } from '../../../collector/receive/inflate.ts'
import { otlp } from '../../../collector/receive/otlp.ts'
import { ReceiveError } from '../../../collector/receive/receive-error.ts'
import type { Format } from '../../../collector/receive/protocol.ts'
import { remoteWrite } from '../../../collector/receive/remote-write.ts'
import { Tenant } from '../../../collector/receive/tenant.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { protobufOfJson } from '../../../wire/otlp-json.ts'
import { MalformedMessage } from '../../../wire/protobuf.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { encodePass } from '../../wire/encode-pass.ts'
import { sdkBodies } from '../../wire/otlp-sdk.ts'
import { encodeSnappy } from '../../wire/snappy-encode.ts'
import { writeV1, writeV2, type WrittenSeries } from '../../wire/write-body.ts'
import { startReceiver } from './receiver.ts'

/** Of all bodies together a million in the long round. */
const numRuns = process.env['LONG'] === '1' ? 170_000 : 1_000

const now = Date.now()
const [protobuf, json] = otlp.formats as [Format, Format]
const [v1, v2] = remoteWrite.formats as unknown as [Format, Format]

const series: readonly WrittenSeries[] = [
  {
    labels: { __name__: 'jobs_total', instance: 'a:9100', job: 'node' },
    samples: [
      [now, 1],
      [now + 1, 'stale'],
    ],
    exemplars: 1,
    type: 'counter',
  },
  {
    labels: { __name__: 'took', job: 'node' },
    histograms: [
      {
        timeMs: now,
        count: 5,
        sum: 2,
        schema: 3,
        zeroCount: 1,
        positive: {
          spans: [
            [0, 2],
            [3, 1],
          ],
          deltas: [1, 1, -1],
        },
      },
      {
        timeMs: now,
        count: 2,
        schema: -53,
        bounds: [1, 2],
        positive: { spans: [[0, 1]], counts: [2] },
      },
    ],
  },
]
const sdk = await sdkBodies((meter) => {
  const attributes = { text: 'ä "quoted"\n', yes: true, int: -3, half: 0.5, list: ['a', 'b'] }
  meter.createCounter('jobs', { unit: '{job}' }).add(3, attributes)
  meter.createGauge('heat', { unit: 'Cel' }).record(-0.1)
  meter.createHistogram('took', { unit: 's' }).record(0.3, attributes)
  meter.createHistogram('size.exponential').record(7)
})
const agent = encodePass({
  timeMs: now,
  rows: [
    {
      ...emptyRow(container, {
        kind: 'container',
        attributes: { 'host.id': 'h', 'candor.cgroup.path': '/a', 'candor.cgroup.inode': '1' },
      }),
      values: Float64Array.from(container.metrics, (_, i) => i),
    },
  ],
})[0]!

/** One way to damage a body: what is at a place is changed, left out, repeated or cut off. */
type Damage = (body: Buffer) => Buffer
const damage = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(255)).map(([at, byte]): Damage => (body) => {
    const changed = Buffer.from(body)
    changed[at % body.length] = byte
    return changed
  }),
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]): Damage => (body) => {
    const changed = Buffer.from(body)
    changed[at % body.length]! ^= 1 << bit
    return changed
  }),
  fc.nat().map(
    (at): Damage =>
      (body) =>
        body.subarray(0, at % body.length),
  ),
  fc.tuple(fc.nat(), fc.nat(40)).map(
    ([at, length]): Damage =>
      (body) =>
        Buffer.concat([
          body.subarray(0, at % body.length),
          body.subarray((at % body.length) + length),
        ]),
  ),
  fc.tuple(fc.nat(), fc.nat(40)).map(([at, length]): Damage => (body) => {
    const start = at % body.length
    const part = body.subarray(start, start + length)
    return Buffer.concat([body.subarray(0, start + length), part, body.subarray(start + length)])
  }),
  // Lengths and numbers that are as large as can be.
  fc
    .tuple(fc.nat(), fc.constantFrom('ffffffff0f', 'ffffffffffffffffff01', '80808080808080808080'))
    .map(([at, bytes]): Damage => (body) => {
      const start = at % body.length
      return Buffer.concat([
        body.subarray(0, start),
        Buffer.from(bytes, 'hex'),
        body.subarray(start),
      ])
    }),
)

describe('a damaged body is taken or malformed', () => {
  const f = async (format: Format, body: Buffer, encoding = 'identity') => {
    const tenant = new Tenant('')
    const batch = new ColumnBatch()
    const found = { taken: 0, malformed: 0 }
    const before = process.memoryUsage().heapUsed
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        let damaged = body
        for (const each of damages) if (damaged.length > 0) damaged = each(damaged)
        const mark = batch.mark()
        const rows = batch.rows
        try {
          format.decode(await inflate(damaged, encoding, () => {}), batch, tenant, now)
          found.taken += 1
          expect(batch.bytes).toBeLessThan(1.1 * limits.requestRowBytes.value)
        } catch (error) {
          if (!(error instanceof MalformedMessage || error instanceof ReceiveError)) throw error
          found.malformed += 1
          // As a commit does.
          batch.rollback(mark)
          expect(batch.rows).toBe(rows)
        }
        batch.clear()
      }),
      { numRuns },
    )
    expect(found.taken).toBeGreaterThan(0)
    expect(found.malformed).toBeGreaterThan(0)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(768 << 20)
  }
  test('OTLP of the SDK', () => f(protobuf, sdk.protobuf))
  test('OTLP of our agent', () => f(protobuf, agent))
  test('OTLP in JSON', () => f(json, sdk.json))
  test('remote write 1.0', () => f(v1, writeV1(series, { jobs: 'counter' })))
  test('remote write 2.0', () => f(v2, writeV2(series)))
  test('snappy', () => f(v1, encodeSnappy(writeV1(series)), 'snappy'))
})

test('a statement in any text of any format is text', async () => {
  const sql = '\n\nCREATE TABLE candor.pwned (a Int8) ENGINE=Memory'
  const at = `${Date.now()}000000`
  const planted = (kind: string) => ({ key: sql, value: { [kind]: sql } })
  const attributes = [
    planted('stringValue'),
    { key: `${sql}2`, value: { arrayValue: { values: [{ stringValue: sql }] } } },
    { key: `${sql}3`, value: { kvlistValue: { values: [planted('stringValue')] } } },
    { key: `${sql}4`, value: { bytesValue: Buffer.from(sql).toString('base64') } },
  ]
  const point = { timeUnixNano: at, attributes, exemplars: [{ filteredAttributes: attributes }] }
  const metric = (name: string, data: object) => ({
    name: `${name}${sql}`,
    description: sql,
    unit: sql,
    metadata: attributes,
    ...data,
  })
  const resource = (more: readonly object[]) => ({
    resource: { attributes: [...attributes, ...more] },
    schemaUrl: sql,
    scopeMetrics: [
      {
        scope: { name: sql, version: sql, attributes },
        schemaUrl: sql,
        metrics: [
          metric('g', { gauge: { dataPoints: [{ ...point, asInt: 1 }] } }),
          metric('h', {
            histogram: {
              aggregationTemporality: 2,
              dataPoints: [{ ...point, count: 1, bucketCounts: [0, 1], explicitBounds: [1] }],
            },
          }),
          metric('e', {
            exponentialHistogram: { aggregationTemporality: 2, dataPoints: [point] },
          }),
          metric('s', { summary: { dataPoints: [{ ...point, quantileValues: [{}] }] } }),
        ],
      },
    ],
  })
  const text = (key: string) => ({ key, value: { stringValue: sql } })
  const request = Buffer.from(
    JSON.stringify({
      resourceMetrics: [
        resource([text('service.name'), text('service.instance.id')]),
        resource([
          { key: 'candor.entity.kind', value: { stringValue: 'machine' } },
          text('host.id'),
          text('host.name'),
        ]),
      ],
    }),
  )
  const written: readonly WrittenSeries[] = series.map((each) => ({
    ...each,
    labels: { __name__: sql, [sql]: sql, job: sql, instance: sql },
  }))
  const directory = await mkdtemp(join(tmpdir(), 'candor-planted-'))
  const receiver = await startReceiver(join(directory, 'data'))
  try {
    const post = async (body: Buffer, type: string, path: string, headers = {}) =>
      (await receiver.post(body, { 'content-type': type, ...headers }, path)).status
    const snappy = { 'content-encoding': 'snappy' }
    const protobufType = 'application/x-protobuf'
    expect(await post(request, 'application/json', '/v1/metrics')).toBe(200)
    expect(await post(protobufOfJson(request), protobufType, '/v1/metrics')).toBe(200)
    const metadata = encodeSnappy(writeV1(written, { [sql]: 'gauge' }))
    expect(await post(metadata, protobufType, '/api/v1/write', snappy)).toBe(204)
    const typed = `${protobufType};proto=io.prometheus.write.v2.Request`
    // Its exemplar is what is not taken.
    expect(await post(encodeSnappy(writeV2(written)), typed, '/api/v1/write', snappy)).toBe(400)
    // In headers too, where blank lines cannot be.
    const header = sql.trim()
    expect(await post(request, header, '/v1/metrics')).toBe(415)
    expect(await post(request, protobufType, '/v1/metrics', { 'content-encoding': header })).toBe(
      415,
    )
    const tables = await receiver.store.query<{ name: string }>(
      "SELECT name FROM system.tables WHERE name LIKE '%pwned%'",
    )
    expect(tables).toEqual([])
    const stored = await receiver.store.query<{ n: string }>(
      'SELECT count() AS n FROM series FINAL WHERE has(mapValues(labels), {sql:String})',
      { sql },
    )
    expect(Number(stored[0]!.n)).toBeGreaterThan(10)
  } finally {
    await receiver.stop()
    await rm(directory, { recursive: true })
  }
})
