/** Histograms and summaries of OTLP, as rows. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Distribution } from '../../../wire/distribution.ts'
import { DistributionSeries } from '../../../collector/receive/distribution-rows.ts'
import { NarrowRows } from '../../../collector/receive/narrow-rows.ts'
import { Tenant } from '../../../collector/receive/tenant.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { histogramShape, pointShape, seriesShape } from '../../../collector/store/schema.ts'
import { sdkBodies } from '../../wire/otlp-sdk.ts'
import { type Receiver, startReceiver } from './receiver.ts'

let directory: string
let receiver: Receiver

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-distributions-'))
  receiver = await startReceiver(join(directory, 'data'))
})

afterAll(async () => {
  await receiver.stop()
  await rm(directory, { recursive: true })
})

test("what the SDK's histograms are in the store", async () => {
  const { protobuf } = await sdkBodies((meter) => {
    const took = meter.createHistogram('http.took', {
      unit: 's',
      advice: { explicitBucketBoundaries: [0.005, 1] },
    })
    for (const value of [2 ** -8, 0.5, 0.75, 3]) took.record(value, { 'http.path': '/' })
    const size = meter.createHistogram('size.exponential', { unit: 'By' })
    for (const value of [0, 1.5, 1.5, 2]) size.record(value)
  })
  expect(await receiver.post(protobuf)).toMatchObject({ status: 200, body: Buffer.alloc(0) })
  expect(
    await receiver.store.query(
      `SELECT name, kind, mapFilter((k, v) -> k != 'job', labels) AS labels, value FROM point FINAL
       INNER JOIN (SELECT series, name, kind, labels FROM series FINAL) AS s USING (series)
       WHERE startsWith(name, 'http_took') ORDER BY name, value`,
    ),
  ).toEqual(
    [
      ['http_took_seconds_bucket', { le: '0.005' }, 1],
      ['http_took_seconds_bucket', { le: '1' }, 3],
      ['http_took_seconds_bucket', { le: '+Inf' }, 4],
      ['http_took_seconds_count', {}, 4],
      ['http_took_seconds_sum', {}, 4.25 + 2 ** -8],
    ].map(([name, labels, value]) => ({
      name,
      kind: 'counter',
      labels: { http_path: '/', ...(labels as object) },
      value,
    })),
  )
  expect(
    await receiver.store.query(
      `SELECT s.name AS name, s.kind AS kind, count, sum, zero_count, positive_counts, length(positive_buckets) AS n
       FROM histogram FINAL INNER JOIN (SELECT * FROM series FINAL) AS s USING (series)`,
    ),
  ).toEqual([
    {
      name: 'size_exponential_bytes',
      kind: 'histogram',
      count: 4,
      sum: 5,
      zero_count: 1,
      positive_counts: [2, 1],
      n: '2',
    },
  ])
  expect(
    await receiver.store.query(
      `SELECT value FROM point FINAL WHERE series IN
         (SELECT series FROM series WHERE name = 'size_exponential_bytes_count')`,
    ),
  ).toEqual([{ value: 4 }])
})

describe('series of a distribution', () => {
  const now = 1_000
  const batch = new ColumnBatch()
  /** Rows that were added since the last call: `name{labels} value`. */
  let taken = 0
  const tenant = new Tenant('')
  const rows = new NarrowRows(batch, tenant)
  const names = new Map<bigint, string>()

  function added(): string[] {
    const [series, points] = [batch.table(seriesShape), batch.table(pointShape)]
    for (let row = 0; row < series.length; row++) {
      const labels = JSON.parse(series.values(4)[row] as string) as Record<string, string>
      const [[, text] = ['', '']] = Object.entries(labels)
      const name = `${series.values(2)[row] as string}${text === '' ? '' : ` ${text}`}`
      names.set(series.values(1)[row] as bigint, name)
    }
    const found: string[] = []
    for (; taken < points.length; taken++) {
      const name = names.get(points.values(1)[taken] as bigint)
      found.push(`${name}: ${String(points.values(3)[taken])}`)
    }
    return found
  }
  const classic = (bounds: readonly number[], counts: readonly number[]): Distribution => ({
    form: 'explicit',
    count: counts.reduce((sum, each) => sum + each, 0),
    sum: undefined,
    bounds,
    counts,
    isGauge: false,
  })

  test('a histogram without bounds is its count', () => {
    new DistributionSeries('', 'plain', []).add(rows, now, {
      ...classic([], []),
      count: 7,
    })
    expect(added()).toEqual(['plain_bucket +Inf: 7', 'plain_count: 7'])
  })

  test('bounds are written without exponents, and none is infinite twice', () => {
    const series = new DistributionSeries('', 'wide', [['le', 'its own gives way']])
    series.add(rows, now, classic([-1e-7, 1e21, 1.5e22, Infinity], [1, 1, 1, 1, 0]))
    expect(added()).toEqual([
      'wide_bucket -0.0000001: 1',
      'wide_bucket 1000000000000000000000: 2',
      'wide_bucket 15000000000000000000000: 3',
      'wide_bucket +Inf: 4',
      'wide_count its own gives way: 4',
    ])
  })

  test('a summary is a series for each quantile, which may have no value', () => {
    new DistributionSeries('', 'size', []).add(rows, now, {
      form: 'summary',
      count: 0,
      sum: 0,
      quantiles: [{ quantile: 0.5, value: Number.NaN }],
    })
    expect(added()).toEqual(['size 0.5: NaN', 'size_sum: 0', 'size_count: 0'])
  })

  test('all of them end together, with the bounds that were last where none are told', () => {
    const series = new DistributionSeries('', 'ends', [])
    series.add(rows, now, classic([1], [2, 3]))
    added()
    series.end(rows, now + 1, classic([], []))
    const all = ['ends_bucket 1: NaN', 'ends_bucket +Inf: NaN', 'ends_count: NaN']
    expect(added()).toEqual(all)
    new DistributionSeries('', 'ends', []).end(rows, now + 2, classic([1], []))
    expect(added()).toEqual(all)
  })

  test('more series than are remembered are the same each time', () => {
    const series = new DistributionSeries('', 'many', [])
    const bounds = Array.from({ length: 200 }, (_, i) => i)
    const counts = Array.from({ length: 201 }, () => 1)
    series.add(rows, now, classic(bounds, counts))
    const first = added()
    const before = batch.table(seriesShape).length
    series.add(rows, now, classic(bounds, counts))
    expect(added()).toEqual(first)
    expect(batch.table(seriesShape).length).toBe(before)
  })

  test('what is remembered of one is told when it becomes more', () => {
    let size = 0
    const series = new DistributionSeries('', 'sized', [], (by) => (size += by))
    const bounds = Array.from({ length: 200 }, (_, i) => i)
    const counts = Array.from({ length: 201 }, () => 1)
    const sizes = [classic([1], [2, 3]), classic(bounds, counts), classic([1], [2, 3])].map(
      (each) => {
        series.add(rows, now, each)
        return size
      },
    )
    added()
    expect(sizes).toEqual([4, 64 + 13, 64 + 13])
  })

  test('one without bounds of its own has its row in histogram', () => {
    const before = batch.table(histogramShape).length
    const series = new DistributionSeries('', 'exp', [])
    const told: Distribution = {
      form: 'exponential',
      count: 2,
      sum: 3,
      scale: -2,
      zeroThreshold: 0,
      zeroCount: 0,
      positive: { indexes: [-1, 5], counts: [1, 1] },
      negative: { indexes: [], counts: [] },
      isGauge: true,
    }
    series.add(rows, now, told)
    series.end(rows, now + 1, told)
    expect(added()).toEqual(['exp_sum: 3', 'exp_count: 2', 'exp_sum: NaN', 'exp_count: NaN'])
    const table = batch.table(histogramShape)
    const column = (name: string) => histogramShape.columns.findIndex((each) => each.name === name)
    const cells = (name: string) => table.values(column(name)).slice(before, table.length)
    expect([...cells('positive_buckets')]).toEqual(['[-1,5]', '[]'])
    expect([...cells('count')]).toEqual([2, Number.NaN])
    expect([...cells('scale')]).toEqual([-2, 0])
  })
})
