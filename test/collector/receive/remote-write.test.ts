import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { protocols } from '../../../collector/receive/protocols.ts'
import { registerReceiver } from '../../../collector/receive/receiver.ts'
import { StoreError } from '../../../collector/store/store-error.ts'
import { makeApp } from '../../../collector/web/app.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'
import { encodeSnappy } from '../../wire/snappy-encode.ts'
import { writeV1, writeV2, type WrittenSeries } from '../../wire/write-body.ts'
import { HOSTILE } from '../store/store-cases.ts'
import { type Receiver, startReceiver } from './receiver.ts'

let directory: string
let receiver: Receiver

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-write-'))
  receiver = await startReceiver(join(directory, 'data'))
})

afterAll(async () => {
  await receiver.stop()
  await rm(directory, { recursive: true })
})

const V1 = 'application/x-protobuf'
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request'
const now = Date.now()

const query = <T>(sql: string) => receiver.store.query<T>(sql)

async function post(body: Buffer, contentType = V1, headers: Record<string, string> = {}) {
  const all = { 'content-type': contentType, 'content-encoding': 'snappy', ...headers }
  const answer = await receiver.post(body, all, '/api/v1/write')
  const written = ['samples', 'histograms', 'exemplars'].map((item) =>
    answer.headers.get(`x-prometheus-remote-write-${item}-written`),
  )
  return { status: answer.status, text: answer.body.toString(), written, headers: answer.headers }
}
const postV1 = (series: readonly WrittenSeries[]) => post(encodeSnappy(writeV1(series)))
const postV2 = (series: readonly WrittenSeries[]) => post(encodeSnappy(writeV2(series)), V2)

/** Samples of a metric as the store has them. */
const samples = (name: string) =>
  query<{ labels: Record<string, string>; value: number | null }>(
    `SELECT labels, value FROM point FINAL
     INNER JOIN (SELECT series, labels FROM series FINAL WHERE name = '${name}') AS s USING (series)
     ORDER BY ts, labels['le'], labels['quantile']`,
  )
const one = (name: string, timeMs = now): WrittenSeries => ({
  labels: { __name__: name, job: 'a', instance: 'b' },
  samples: [[timeMs, 1]],
})

describe.each([
  ['1.0', postV1],
  ['2.0', postV2],
] as const)('remote write %s', (version, send) => {
  const name = (text: string) => `${text}_${version === '1.0' ? 'one' : 'two'}`
  const written = (...counts: readonly number[]) =>
    version === '1.0' ? [null, null, null] : counts.map(String)

  test('what is stored is answered with 204 and nothing', async () => {
    const answer = await send([one(name('all'))])
    expect(answer).toMatchObject({ status: 204, text: '', written: written(1, 0, 0) })
    expect(await samples(name('all'))).toEqual([{ labels: { job: 'a', instance: 'b' }, value: 1 }])
  })

  test('what is in part taken is 400, says what is not, and the rest is stored', async () => {
    const answer = await send([
      one(name('part')),
      one('late', now - limits.clockBehindMs.value - 60_000),
      { labels: { job: 'x' }, samples: [[now, 1]] },
    ])
    expect(answer).toMatchObject({
      status: 400,
      text: 'stored 1 samples and 0 histograms; not stored by reason: clockBehindMs: 1 (the points are older than the collector takes), nameless: 1\n',
      written: written(1, 0, 0),
    })
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await samples(name('part'))).toHaveLength(1)
  })

  test('exemplars are not stored, which only 2.0 wants to be told', async () => {
    const dropped = 'candor_receive_dropped_total{reason="exemplars"}'
    const before = await receiver.count(dropped)
    const answer = await send([{ ...one(name('exemplary')), exemplars: 3 }])
    expect(answer.status).toBe(version === '1.0' ? 204 : 400)
    expect(answer.written).toEqual(written(1, 0, 0))
    expect(await receiver.count(dropped)).toBe(before + 3)
  })

  test('a native histogram is a row of histogram, and its sum and count', async () => {
    const answer = await send([
      {
        labels: { __name__: name('native'), job: 'a' },
        histograms: [
          {
            timeMs: now,
            count: 4,
            sum: 2.5,
            schema: 1,
            zeroThreshold: 1e-9,
            zeroCount: 1,
            positive: { spans: [[3, 2]], deltas: [1, 1] },
          },
          { timeMs: now + 1, count: 0, sum: 'stale' },
        ],
      },
    ])
    expect(answer).toMatchObject({ status: 204, written: written(0, 2, 0) })
    expect(
      await query(
        `SELECT count, sum, scale, zero_threshold, zero_count, positive_buckets, positive_counts, negative_buckets
         FROM histogram FINAL
         WHERE series IN (SELECT series FROM series WHERE name = '${name('native')}' AND kind = 'histogram')
         ORDER BY ts`,
      ),
    ).toEqual([
      {
        count: 4,
        sum: 2.5,
        scale: 1,
        zero_threshold: 1e-9,
        zero_count: 1,
        positive_buckets: [2, 3],
        positive_counts: [1, 2],
        negative_buckets: [],
      },
      expect.objectContaining({ count: null, sum: null, positive_buckets: [] }),
    ])
    expect(await samples(`${name('native')}_count`)).toEqual([
      { labels: { job: 'a' }, value: 4 },
      { labels: { job: 'a' }, value: null },
    ])
    expect(await samples(`${name('native')}_sum`)).toMatchObject([{ value: 2.5 }, { value: null }])
  })

  test('one with bounds of its own is the series of a classic one', async () => {
    await send([
      {
        labels: { __name__: name('custom'), job: 'a' },
        histograms: [
          {
            timeMs: now,
            count: 6,
            sum: 9,
            schema: -53,
            bounds: [0.5, 1e-7 + 1],
            positive: { spans: [[0, 3]], deltas: [1, 1, 1] },
          },
        ],
      },
    ])
    expect(await samples(`${name('custom')}_bucket`)).toEqual([
      { labels: { job: 'a', le: '+Inf' }, value: 6 },
      { labels: { job: 'a', le: '0.5' }, value: 1 },
      { labels: { job: 'a', le: '1.0000001' }, value: 3 },
    ])
    expect(await samples(`${name('custom')}_sum`)).toMatchObject([{ value: 9 }])
  })

  test('text of a sender is stored as it is and never run', async () => {
    const series = HOSTILE.filter((text) => text !== '').map((text, i) => ({
      labels: { __name__: `evil ${version} ${text}`, [text]: text, job: text, i: String(i) },
      samples: [[now, i]] as const,
    }))
    expect(await send(series)).toMatchObject({ status: 204 })
    const stored = await query<{ name: string; labels: Record<string, string> }>(
      `SELECT name, labels FROM series FINAL WHERE startsWith(name, 'evil ${version}') ORDER BY labels['i']`,
    )
    expect(stored).toEqual(
      series.map(({ labels: { __name__, ...labels } }) => ({ name: __name__, labels })),
    )
    expect(await query("SELECT name FROM system.tables WHERE name LIKE '%pwn%'")).toEqual([])
  })

  test('the same request again is the same rows', async () => {
    const request = [one(name('again')), { ...one(name('again')), labels: { __name__: 'x' } }]
    await send(request)
    await send(request)
    expect(await samples(name('again'))).toHaveLength(1)
  })
})

test('the kind of a series follows its type, also when that is told later', async () => {
  const kind = async (name: string) =>
    (await query(`SELECT kind FROM series FINAL WHERE name = '${name}'`))[0]
  await postV1([one('jobs_total'), one('took_bucket'), one('size'), one('size_sum')])
  expect(await kind('jobs_total')).toEqual({ kind: 'untyped' })
  await post(encodeSnappy(writeV1([], { jobs: 'counter', took: 'histogram', size: 'summary' })))
  await postV1([one('jobs_total'), one('took_bucket'), one('size'), one('size_sum')])
  expect(await kind('jobs_total')).toEqual({ kind: 'counter' })
  expect(await kind('took_bucket')).toEqual({ kind: 'counter' })
  expect(await kind('size')).toEqual({ kind: 'gauge' })
  expect(await kind('size_sum')).toEqual({ kind: 'counter' })
  await postV2([{ ...one('temperature'), type: 'gauge' }])
  expect(await kind('temperature')).toEqual({ kind: 'gauge' })
})

describe('a request is refused', () => {
  const f = async (
    status: number,
    text: string,
    body: Buffer,
    contentType = V1,
    headers: Record<string, string> = {},
  ) => {
    const answer = await post(body, contentType, headers)
    expect({ status: answer.status, text: answer.text }).toEqual({
      status,
      text: expect.stringContaining(text),
    })
    return answer
  }
  const body = encodeSnappy(writeV1([one('refused')]))

  test('of another content type', async () => {
    for (const type of [
      'application/json',
      'text/plain',
      'application/x-protobuf;proto=prometheus.Other',
      'application/x-protobuf;proto=io.prometheus.write.v3.Request',
    ]) {
      const { headers } = await f(415, 'ERR_BODY_TYPE: expected application/x-protobuf', body, type)
      expect(headers.get('accept-encoding')).toBe('snappy, zstd, gzip')
    }
  })

  test('of another encoding', () =>
    f(415, 'ERR_BODY_ENCODING', body, V1, { 'content-encoding': 'br' }))

  test('that is no snappy, or ends early', async () => {
    await f(400, 'ERR_BODY_MALFORMED: malformed message at byte 0: snappy:', Buffer.alloc(0))
    await f(400, 'ERR_BODY_MALFORMED', body.subarray(0, -3))
    await f(400, 'ERR_BODY_MALFORMED', writeV1([one('refused')]))
  })

  test('that grows beyond what may be', async () => {
    const bomb = encodeSnappy(Buffer.alloc(limits.inflatedBytes.value + 1))
    expect(bomb.length).toBeLessThan(limits.bodyBytes.value)
    await f(413, 'ERR_BODY_TOO_LARGE', bomb)
  })

  test('of which a part is malformed: nothing of it is stored', async () => {
    const good = Array.from({ length: 20 }, (_, i) => one(`broken_${i}`))
    for (const [encode, type] of [
      [writeV1, V1],
      [writeV2, V2],
    ] as const) {
      const cut = encode([...good, one('broken_last')]).subarray(0, -3)
      const answer = await f(400, 'is cut short', encodeSnappy(cut), type)
      expect(answer.written).toEqual(type === V1 ? [null, null, null] : ['0', '0', '0'])
    }
    expect(await query("SELECT name FROM series WHERE startsWith(name, 'broken')")).toEqual([])
  })

  test('and the next is taken, in other encodings too', async () => {
    const plain = writeV1([one('taken')])
    expect(
      await post(body, 'application/x-protobuf; proto="prometheus.WriteRequest"'),
    ).toMatchObject({ status: 204 })
    for (const [encoding, bytes] of [
      ['zstd', zstdCompressSync(plain)],
      ['gzip', gzipSync(plain)],
      ['identity', plain],
    ] as const) {
      const answer = await post(Buffer.from(bytes), V1, { 'content-encoding': encoding })
      expect({ encoding, status: answer.status }).toEqual({ encoding, status: 204 })
    }
  })
})

test('while the store fails nothing is acknowledged, and the sender is told when to try again', async () => {
  const app = makeApp(silentLog())
  const failed = new StoreError('ERR_STORE_INSERT', 'the disk is full')
  const store = { insertRows: () => Promise.reject(failed) }
  registerReceiver(app, protocols, { store, own: new OwnMetrics(), log: silentLog() })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const headers = { 'content-encoding': 'snappy', 'content-type': V2 }
  const body = new Uint8Array(encodeSnappy(writeV2([one('failing')])))
  const answer = await fetch(`${url}/api/v1/write`, { method: 'POST', headers, body })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(answer.headers.get('x-prometheus-remote-write-samples-written')).toBe('0')
  expect(await answer.text()).toBe('ERR_STORE_INSERT: the batch could not be stored\n')
  await app.close()
})
