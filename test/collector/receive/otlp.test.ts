import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KIND_ATTRIBUTE } from '../../../catalog/entity.ts'
import { limits } from '../../../catalog/limit.ts'
import { machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { encodePass } from '../../wire/encode-pass.ts'
import { decodeResponse, decodeStatus, OTLP_TYPE } from '../../../wire/otlp-response.ts'
import { Writer } from '../../../wire/protobuf.ts'
import { emptyRow, type Entity } from '../../../wire/sample.ts'
import { otlp } from '../../../collector/receive/otlp.ts'
import { registerReceiver } from '../../../collector/receive/receiver.ts'
import { makeApp } from '../../../collector/web/app.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'
import { HOSTILE } from '../store/store-cases.ts'
import { bodyOf } from './bodies.ts'
import { type Receiver, startReceiver } from './receiver.ts'

let directory: string
let receiver: Receiver

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-otlp-'))
  receiver = await startReceiver(join(directory, 'data'))
})

afterAll(async () => {
  await receiver.stop()
  await rm(directory, { recursive: true })
})

const REQUESTS = (code: number) => `candor_receive_requests_total{protocol="otlp",code="${code}"}`
const DROPPED = (reason: string) => `candor_receive_dropped_total{reason="${reason}"}`
const POINTS = 'candor_receive_points_total{protocol="otlp"}'

const query = <T>(sql: string) => receiver.store.query<T>(sql)

/** A body of one gauge point. */
const small = (name = 'small', timeMs = Date.now()) =>
  bodyOf({
    attributes: { 'service.name': name },
    metrics: [{ name, points: [{ timeMs, value: 1 }] }],
  })

/** Rows in all tables. */
async function rowCount(): Promise<number> {
  const rows = await query<{ rows: string }>(
    "SELECT sum(total_rows) AS rows FROM system.tables WHERE database = 'candor'",
  )
  return Number(rows[0]!.rows)
}

describe('a pass of an agent', () => {
  const entity: Entity = {
    kind: 'machine',
    attributes: { 'host.id': 'round', 'host.name': 'web-1', 'os.type': 'linux' },
  }
  const timeMs = Date.now() - 60_000
  const rows = [
    emptyRow(machine, entity),
    ...['0', '1'].map((cpu) => emptyRow(machineCpu, entity, [cpu])),
  ]
  rows[0]!.values[columnOf(machine, 'load1')] = 0
  rows[0]!.values[columnOf(machine, 'memory_mem_total_bytes')] = 2 ** 40 + 1
  rows[1]!.values[columnOf(machineCpu, 'user_seconds')] = 0.07
  rows[2]!.values[columnOf(machineCpu, 'user_seconds')] = 1e9 + 0.01
  const [body] = encodePass({ timeMs, rows })

  test.for(['', 'identity', 'gzip', 'zstd'])(
    'is stored as it was sent, encoding %o',
    async (encoding) => {
      const compress =
        { gzip: gzipSync, zstd: zstdCompressSync }[encoding] ?? ((plain: Buffer) => plain)
      const before = await receiver.count(POINTS)
      const {
        status,
        headers,
        body: answer,
      } = await receiver.post(
        Buffer.from(compress(body!)),
        encoding === '' ? {} : { 'content-encoding': encoding },
      )
      expect(status).toBe(200)
      expect(headers.get('content-type')).toBe(OTLP_TYPE)
      expect(headers.get('accept-encoding')).toBe('zstd, gzip')
      expect(answer).toHaveLength(0)
      expect(await receiver.count(POINTS)).toBe(before + 4)
      const at = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '')
      // However often it was sent: one row each.
      expect(
        await query('SELECT ts, load1, load5, memory_mem_total_bytes AS total FROM machine FINAL'),
      ).toEqual([{ ts: at, load1: 0, load5: null, total: 2 ** 40 + 1 }])
      expect(
        await query(
          'SELECT ts, cpu, user_seconds AS user, idle_seconds AS idle FROM machine_cpu FINAL',
        ),
      ).toEqual([
        { ts: at, cpu: '0', user: 0.07, idle: null },
        { ts: at, cpu: '1', user: 1e9 + 0.01, idle: null },
      ])
      expect(
        await query('SELECT tenant, kind, attributes, first_seen, last_seen FROM entity FINAL'),
      ).toEqual([
        {
          tenant: '',
          kind: 'machine',
          attributes: entity.attributes,
          first_seen: at,
          last_seen: at,
        },
      ])
    },
  )
})

describe('text of a sender', () => {
  test('is stored as it is and never run', async () => {
    const resources = HOSTILE.filter((each) => each !== '').map((each, i) => ({
      attributes: { 'service.name': each, 'host.name': 'evil', [each]: each },
      metrics: [
        {
          name: `evil.${each}`,
          unit: each,
          points: [
            {
              attributes: { n: String(i), label: each, [each]: 'x' },
              timeMs: Date.now(),
              value: 1,
            },
          ],
        },
      ],
    }))
    const machines = HOSTILE.map((each, i) => ({
      attributes: {
        'candor.entity.kind': 'machine',
        'host.id': `evil ${each}`,
        'host.name': each,
        [`x${each}`]: each,
      },
      metrics: [
        {
          name: 'system.cpu.time',
          unit: 's',
          kind: 'sum' as const,
          points: [
            {
              attributes: { 'cpu.mode': 'user', 'cpu.logical_number': `${i} ${each}` },
              timeMs: Date.now(),
              value: i,
            },
          ],
        },
      ],
    }))
    const { status, body } = await receiver.post(bodyOf(...resources, ...machines))
    expect({ status, partial: decodeResponse(body) }).toEqual({ status: 200, partial: undefined })
    const labels = await query<{ labels: Record<string, string> }>(
      "SELECT labels FROM series FINAL WHERE labels['instance'] = 'evil' ORDER BY labels['n']",
    )
    expect(labels.map((row) => [row.labels['job'], row.labels['label']])).toEqual(
      HOSTILE.filter((each) => each !== '').map((each) => [each, each]),
    )
    const cpus = await query<{ cpu: string }>(
      "SELECT cpu FROM machine_cpu FINAL WHERE entity IN (SELECT entity FROM entity WHERE startsWith(attributes['host.id'], 'evil')) ORDER BY user_seconds",
    )
    expect(cpus.map(({ cpu }) => cpu)).toEqual(HOSTILE.map((each, i) => `${i} ${each}`))
    const told = await query<{ attributes: Record<string, string> }>(
      "SELECT attributes FROM entity FINAL WHERE startsWith(attributes['host.id'], 'evil')",
    )
    expect(new Set(told.map(({ attributes }) => JSON.stringify(attributes)))).toEqual(
      new Set(
        machines.map(({ attributes }) =>
          JSON.stringify(
            Object.fromEntries(
              Object.entries(attributes)
                .filter(([name]) => name !== KIND_ATTRIBUTE)
                .toSorted(([x], [y]) => (x < y ? -1 : 1)),
            ),
          ),
        ),
      ),
    )
    expect(await query("SELECT name FROM system.tables WHERE name = 'pwn'")).toEqual([])
  })
})

describe('a request that is partly wrong', () => {
  test('is a partial success with the number and the reason', async () => {
    const before = await receiver.count(DROPPED('clockAheadMs'))
    const { status, body } = await receiver.post(
      bodyOf({
        metrics: [
          {
            name: 'half',
            points: [
              { timeMs: Date.now() + 2 * limits.clockAheadMs.value, value: 1 },
              { timeMs: Date.now(), value: 2 },
            ],
          },
          { name: 'counted', kind: 'delta', points: [{ timeMs: Date.now(), value: 2 }] },
        ],
      }),
    )
    expect(status).toBe(200)
    expect(decodeResponse(body)).toEqual({
      rejectedPoints: 2,
      message:
        'points not stored by reason: clockAheadMs: 1 (set the clock of the sender, or of the collector), ' +
        'deltaTemporality: 1 (set the exporter to cumulative: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative)',
    })
    expect(await receiver.count(DROPPED('clockAheadMs'))).toBe(before + 1)
    expect(
      await query(
        "SELECT value FROM point FINAL WHERE series IN (SELECT series FROM series WHERE name = 'half')",
      ),
    ).toEqual([{ value: 2 }])
  })

  test('has unknown fields, and they are passed over', async () => {
    const writer = new Writer()
    writer.raw(small('unknown.fields'))
    writer.textField(99, 'a field of a later version')
    writer.varintField(98, 5)
    expect(await receiver.post(writer.take())).toMatchObject({ status: 200 })
    expect(await query("SELECT kind FROM series FINAL WHERE name = 'unknown_fields'")).toEqual([
      { kind: 'gauge' },
    ])
  })
})

describe('a bad request', () => {
  /** Posts, and checks the answer, the counter, and that nothing was stored. */
  async function refused(
    status: number,
    code: string,
    body: Uint8Array,
    headers: Record<string, string> = {},
  ) {
    const [rows, requests] = [await rowCount(), await receiver.count(REQUESTS(status))]
    const answer = await receiver.post(body, headers)
    expect({ status: answer.status, message: decodeStatus(answer.body) }).toEqual({
      status,
      message: expect.stringContaining(code),
    })
    expect(answer.headers.get('content-type')).toBe(OTLP_TYPE)
    expect(answer.headers.has('retry-after')).toBe(false)
    expect(await rowCount()).toBe(rows)
    expect(await receiver.count(REQUESTS(status))).toBe(requests + 1)
  }

  test('that is empty is a valid request without points', async () => {
    const rows = await rowCount()
    const { status, body } = await receiver.post(Buffer.alloc(0))
    expect({ status, length: body.length }).toEqual({ status: 200, length: 0 })
    expect(await rowCount()).toBe(rows)
  })

  test('cut short anywhere stores nothing of it', async () => {
    const whole = small('cut.short')
    const rows = await rowCount()
    for (let length = 1; length < whole.length; length++) {
      const { status, body } = await receiver.post(whole.subarray(0, length))
      expect({ length, status, message: decodeStatus(body) }).toEqual({
        length,
        status: 400,
        message: expect.stringContaining('ERR_BODY_MALFORMED'),
      })
    }
    expect(await rowCount()).toBe(rows)
  })

  test('that breaks off after whole resources stores none of them', async () => {
    const good = Array.from({ length: 50 }, (_, i) => small(`broken.${i}`))
    await refused(
      400,
      'ERR_BODY_MALFORMED',
      Buffer.concat([...good, small('last').subarray(0, -3)]),
    )
    const { status } = await receiver.post(good[0]!)
    expect(status).toBe(200)
    // What the broken request announced is announced again.
    expect(await query("SELECT kind FROM series FINAL WHERE name = 'broken_0'")).toHaveLength(1)
    expect(await query("SELECT kind FROM series FINAL WHERE name = 'broken_1'")).toEqual([])
  })

  test('with a name or an attribute that is not UTF-8', async () => {
    for (const text of ['name', 'service']) {
      const body = bodyOf({
        attributes: { service: 'service' },
        metrics: [{ name: 'name', points: [{ timeMs: Date.now(), value: 1 }] }],
      })
      body[body.indexOf(text)] = 0xff
      await refused(400, 'ERR_BODY_MALFORMED', body)
    }
  })

  test('that nests deeper than anybody needs', async () => {
    // From the inside out: AnyValue = array, ArrayValue = values; request, resource, attribute, value.
    const fields = [...Array.from({ length: 20_000 }, () => [1, 5]).flat(), 2, 1, 1, 1]
    const parts: Buffer[] = [Buffer.from([0x0a, 0x01, 0x78])]
    let length = 3
    for (const field of fields) {
      const head = new Writer()
      head.varint((field << 3) | 2)
      head.varint(length)
      const bytes = head.take()
      parts.push(bytes)
      length += bytes.length
    }
    const body = Buffer.concat(parts.toReversed())
    await refused(400, 'ERR_BODY_MALFORMED', body)
  })

  test('of another content type', async () => {
    for (const type of ['text/json', 'text/plain', 'application/x-protobufs', '']) {
      await refused(415, 'ERR_BODY_TYPE', small(), { 'content-type': type })
    }
  })

  test('of an unknown content encoding', async () => {
    for (const encoding of ['br', 'deflate', 'gzip, gzip', 'toString']) {
      await refused(415, 'ERR_BODY_ENCODING', small(), { 'content-encoding': encoding })
    }
  })

  test('that does not inflate', async () => {
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['zstd', zstdCompressSync],
    ] as const) {
      const headers = { 'content-encoding': encoding }
      const whole = Buffer.from(compress(small()))
      await refused(400, 'ERR_BODY_MALFORMED', small(), headers)
      await refused(400, 'ERR_BODY_MALFORMED', whole.subarray(0, -5), headers)
    }
  })

  test('larger than the limit', async () => {
    await refused(413, 'ERR_BODY_TOO_LARGE', Buffer.alloc(limits.bodyBytes.value + 1))
  })

  test('larger than the limit, of a length that it does not tell', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent <= limits.bodyBytes.value; sent += 1 << 20) {
          controller.enqueue(new Uint8Array(1 << 20))
        }
        controller.close()
      },
    })
    const answer = await fetch(`${receiver.url}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': OTLP_TYPE },
      body,
      duplex: 'half',
    })
    expect(answer.status).toBe(413)
  })

  test.for(['gzip', 'zstd'] as const)('that is a bomb in %s', async (encoding) => {
    const plain = Buffer.alloc(limits.inflatedBytes.value + 1)
    const bomb = {
      gzip: () => gzipSync(plain),
      // Best compression makes it a few KiB, the smallest bomb.
      zstd: () => zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
    }[encoding]()
    expect(bomb.length).toBeLessThan(limits.bodyBytes.value)
    await refused(413, 'ERR_BODY_TOO_LARGE', Buffer.from(bomb), { 'content-encoding': encoding })
  })

  test('is followed by one that works', async () => {
    expect(await receiver.post(small())).toMatchObject({ status: 200 })
  })
})

describe('a receiver that cannot', () => {
  test('store says so, and takes the same request later', async () => {
    const body = small('later')
    await receiver.store.command('RENAME TABLE point TO point_away')
    const answer = await receiver.post(body)
    await receiver.store.command('RENAME TABLE point_away TO point')
    expect({ status: answer.status, message: decodeStatus(answer.body) }).toEqual({
      status: 503,
      message: 'ERR_STORE_INSERT: the batch could not be stored',
    })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await receiver.count('candor_store_inserts_total{table="point",result="failed"}')).toBe(
      1,
    )
    expect((await receiver.post(body)).status).toBe(200)
    expect(await query("SELECT kind FROM series FINAL WHERE name = 'later'")).toHaveLength(1)
  })

  test('be kept busy by bodies that are promised and do not come', async () => {
    const { hostname, port } = new URL(receiver.url)
    const left = await receiver.count(REQUESTS(499))
    const count = Math.ceil(limits.inflightBytes.value / limits.bodyBytes.value) + 1
    const sockets = Array.from({ length: count }, () => connect(Number(port), hostname))
    for (const socket of sockets) {
      socket.write(
        `POST /v1/metrics HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: ${OTLP_TYPE}\r\ncontent-length: ${limits.bodyBytes.value}\r\n\r\n`,
      )
    }
    // Each is told to go on: all of them have been taken in.
    await Promise.all(sockets.map((socket) => once(socket, 'data')))
    expect((await receiver.post(small())).status).toBe(200)
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => receiver.count(REQUESTS(499)), { timeout: 10_000 }).toBe(left + count)
  })

  test('hold more requests refuses them until others have ended', async () => {
    const { hostname, port } = new URL(receiver.url)
    const left = await receiver.count(REQUESTS(499))
    const isAnswered = Promise.withResolvers<void>()
    const sockets: Socket[] = []
    while (sockets.length <= limits.requestsInFlight.value) {
      const socket = connect(Number(port), hostname)
      socket.once('data', () => isAnswered.resolve())
      socket.write(
        `POST /v1/metrics HTTP/1.1\r\nhost: x\r\ncontent-type: ${OTLP_TYPE}\r\ncontent-length: 5\r\n\r\n`,
      )
      sockets.push(socket)
      // More at a time than the kernel lets wait for an accept would be tried again seconds later.
      if (sockets.length % 128 === 0) await once(socket, 'connect')
    }
    // None has sent its body: one that is answered is one too many.
    await isAnswered.promise
    const refused = await receiver.post(small())
    expect({ status: refused.status, message: decodeStatus(refused.body) }).toEqual({
      status: 429,
      message: expect.stringContaining('ERR_OVERLOADED'),
    })
    expect(refused.headers.get('retry-after')).toBe('1')
    for (const socket of sockets) socket.destroy()
    // Senders that left without an answer are counted as such.
    await expect
      .poll(() => receiver.count(REQUESTS(499)), { timeout: 10_000 })
      .toBe(left + limits.requestsInFlight.value)
    expect((await receiver.post(small())).status).toBe(200)
  })
})

test('many senders at once share inserts and lose nothing', async () => {
  const inserts = 'candor_store_inserts_total{table="point",result="stored"}'
  const before = await receiver.count(inserts)
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => receiver.post(small(`sender.${i}`))),
  )
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  expect(
    await query(
      "SELECT toFloat64(count()) AS n FROM series FINAL WHERE startsWith(name, 'sender_')",
    ),
  ).toEqual([{ n: 100 }])
  expect((await receiver.count(inserts)) - before).toBeLessThan(100)
})

test('while rows wait to be stored that fill the memory there is for them, requests are refused', async () => {
  const inserted = Promise.withResolvers<void>()
  const app = makeApp(silentLog())
  const store = { insertRows: () => inserted.promise }
  registerReceiver(app, [otlp], { store, own: new OwnMetrics(), log: silentLog() })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const label = 'x'.repeat(limits.labelBytes.value)
  const points = Array.from({ length: 31_000 }, (_, i) => ({
    attributes: { i: String(i) },
    timeMs: Date.now(),
    value: 1,
  }))
  const statuses: number[] = []
  const post = async (i: number) => {
    const body = bodyOf({
      attributes: { 'service.name': label, 'service.instance.id': label },
      metrics: [{ name: `wide.${i}`, points }],
    })
    const { status } = await fetch(`${url}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': OTLP_TYPE },
      body: new Uint8Array(body),
    })
    statuses.push(status)
  }
  // Short bodies that grow as rows: a few of them fill what is there.
  const posts = [0, 1, 2, 3, 4, 5].map(post)
  await expect.poll(() => statuses, { timeout: 20_000 }).toContain(429)
  expect(statuses).not.toContain(200)
  inserted.resolve()
  await Promise.all(posts)
  expect(statuses).toContain(200)
  await post(6)
  expect(statuses.at(-1)).toBe(200)
  await app.close()
})
