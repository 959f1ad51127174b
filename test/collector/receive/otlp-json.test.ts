import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { otlp } from '../../../collector/receive/otlp.ts'
import { Tenant } from '../../../collector/receive/tenant.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { sdkBodies } from '../../wire/otlp-sdk.ts'
import { HOSTILE } from '../store/store-cases.ts'
import { type Receiver, startReceiver } from './receiver.ts'

let directory: string
let receiver: Receiver

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-json-'))
  receiver = await startReceiver(join(directory, 'data'))
})

afterAll(async () => {
  await receiver.stop()
  await rm(directory, { recursive: true })
})

const nanos = (ms: number) => `${ms}000000`
const gauge = (name: string, ...dataPoints: object[]) => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints } }] }] }],
})

async function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const answer = await receiver.post(Buffer.from(body), {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
  })
  expect(answer.headers.get('content-type')).toBe('application/json')
  return { status: answer.status, body: JSON.parse(answer.body.toString()) as unknown }
}

test('either form of a request is the same rows', async () => {
  const { protobuf, json } = await sdkBodies((meter) => {
    meter.createCounter('jobs').add(3, { zone: 'a', n: 5 })
    meter.createGauge('heat', { unit: 'Cel' }).record(-0.1)
    meter.createHistogram('took', { unit: 's' }).record(0.3, { zone: 'b' })
    meter.createHistogram('size.exponential').record(7)
  })
  const [fromProtobuf, fromJson] = [protobuf, json].map((body, i) => {
    const batch = new ColumnBatch()
    const { points } = otlp.formats[i]!.decode(body, batch, new Tenant(''), Date.now())
    const rows = batch
      .filled()
      .map((table) => [
        table.shape.table,
        table.shape.columns.map((_, column) =>
          Array.from({ length: table.length }, (__, row) => String(table.values(column)[row])),
        ),
      ])
    return { points, rows }
  })
  expect(fromJson).toEqual(fromProtobuf)
  expect(fromJson!.points).toBe(4)
})

test('what is stored is answered with an empty object', async () => {
  const { json } = await sdkBodies((meter) => meter.createCounter('json.jobs').add(3))
  expect(await post(json)).toEqual({ status: 200, body: {} })
  expect(await post(Buffer.from(gzipSync(json)), { 'content-encoding': 'gzip' })).toEqual({
    status: 200,
    body: {},
  })
  expect(
    await receiver.store.query(
      "SELECT value FROM point FINAL WHERE series IN (SELECT series FROM series WHERE name = 'json_jobs_total')",
    ),
  ).toEqual([{ value: 3 }])
})

test('what is not stored is a partial success', async () => {
  const points = [{ timeUnixNano: nanos(Date.now()), asInt: '1' }, { asInt: '2' }]
  expect(await post(JSON.stringify(gauge('json.part', ...points)))).toEqual({
    status: 200,
    body: {
      partialSuccess: {
        rejectedDataPoints: '1',
        errorMessage: 'points not stored by reason: timeless: 1',
      },
    },
  })
})

test('an error is a Status, and nothing is stored', async () => {
  const body = JSON.stringify(gauge('json.broken', { timeUnixNano: nanos(Date.now()), asInt: 1 }))
  expect(await post(body.slice(0, -1))).toEqual({
    status: 400,
    body: {
      code: 3,
      message: `ERR_BODY_MALFORMED: malformed message at byte ${body.length - 1}: expected a comma or }, found the end`,
    },
  })
  expect(await post(body, { 'content-encoding': 'br' })).toMatchObject({ status: 415 })
  expect(await receiver.store.query("SELECT name FROM series WHERE name = 'json_broken'")).toEqual(
    [],
  )
})

test('text of a sender is stored as it is and never run', async () => {
  const texts = HOSTILE.filter((text) => text !== '')
  const metrics = texts.map((text, i) => ({
    name: `evil json ${text}`,
    unit: text,
    gauge: {
      dataPoints: [
        {
          timeUnixNano: nanos(Date.now()),
          asInt: i,
          attributes: [
            { key: text, value: { stringValue: text } },
            { key: 'i', value: { intValue: i } },
          ],
        },
      ],
    },
  }))
  const [attribute] = texts.map((text) => ({ key: 'service.name', value: { stringValue: text } }))
  const request = {
    resourceMetrics: [{ resource: { attributes: [attribute] }, scopeMetrics: [{ metrics }] }],
  }
  expect(await post(JSON.stringify(request))).toEqual({ status: 200, body: {} })
  expect(
    await receiver.store.query(
      "SELECT DISTINCT labels['job'] AS job FROM series FINAL WHERE startsWith(name, 'evil_json')",
    ),
  ).toEqual([{ job: texts[0] }])
  expect(
    await receiver.store.query("SELECT name FROM system.tables WHERE name LIKE '%pwn%'"),
  ).toEqual([])
})
