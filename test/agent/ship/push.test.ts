import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import type { Clock } from '../../../agent/ship/clock.ts'
import { ORDERS } from '../../../agent/ship/outbox.ts'
import { type Answer, NoAnswer, openPoster, type Post } from '../../../agent/ship/post.ts'
import { Push, type PushOptions } from '../../../agent/ship/push.ts'
import { silentLog } from '../../../settings/log.ts'
import { encodeResponse, encodeStatus } from '../../../wire/otlp-response.ts'
import {
  accept,
  answer,
  type Behaviour,
  inTurn,
  loseAnswer,
  neverAnswer,
  type Receiver,
  startReceiver,
} from './receiver.ts'

/** Waiting takes no time and is written down. */
class TestClock implements Clock {
  readonly waits: number[] = []
  now() {
    return 1_790_000_000_000
  }
  bootUs() {
    return 1_000
  }
  async wait(ms: number) {
    this.waits.push(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const receiver = async (behave: Behaviour, port?: number): Promise<Receiver> => {
  const started = await startReceiver(behave, port)
  cleanups.push(() => started.stop())
  return started
}

const pusher = (url: string, options: Partial<PushOptions> = {}) => {
  const clock = new TestClock()
  const push = new Push({
    url,
    compression: 'none',
    sender: 'machine/boot',
    userAgent: 'candor/test',
    log: silentLog(),
    clock,
    random: () => 0.5,
    ...options,
  })
  cleanups.push(() => push.stop(0))
  return { push, clock }
}

const body = (text: string) => Buffer.from(text)
const ids = ({ received }: Receiver) => received.map(({ headers }) => headers['candor-batch'])
const texts = ({ received }: Receiver) => received.map(({ body }) => body.toString())
const NOTHING_DROPPED = {
  pushQueueBytes: 0,
  stopped: 0,
  spoolBytes: 0,
  spoolBatches: 0,
  spoolAge: 0,
  spoolDamaged: 0,
}

test('sends batches in order, each with its id, over one connection', async () => {
  const there = await receiver(accept)
  const { push } = pusher(there.url)
  push.offer([body('a'), body('b')])
  push.offer([body('c')])
  await push.stop(5_000)
  expect(texts(there)).toEqual(['a', 'b', 'c'])
  expect(ids(there)).toEqual(['machine/boot/1000', 'machine/boot/1001', 'machine/boot/1002'])
  expect(there.received[0]).toMatchObject({
    path: '/v1/metrics',
    headers: {
      'content-type': 'application/x-protobuf',
      'content-length': '1',
      'user-agent': 'candor/test',
      connection: 'keep-alive',
    },
  })
  expect(push.stats).toEqual({
    stored: 3,
    rejected: 0,
    rejectedPoints: 0,
    retries: 0,
    dropped: NOTHING_DROPPED,
    queueBytes: 0,
  })
})

test('a path in the URL is kept', async () => {
  const there = await receiver(accept)
  const { push } = pusher(`${there.url}/otlp/v1/metrics`)
  push.offer([body('a')])
  await push.stop(5_000)
  expect(there.received[0]!.path).toBe('/otlp/v1/metrics')
})

test.each([
  ['gzip', gunzipSync],
  ['zstd', zstdDecompressSync],
] as const)('%s bodies inflate to what was offered', async (compression, inflate) => {
  const there = await receiver(accept)
  const { push } = pusher(there.url, { compression })
  const long = 'candor '.repeat(1_000)
  push.offer([body(long)])
  await push.stop(5_000)
  const [request] = there.received
  expect(request!.headers['content-encoding']).toBe(compression)
  expect(request!.body.length).toBeLessThan(200)
  expect(inflate(request!.body).toString()).toBe(long)
})

const encodings = ({ received }: Receiver) =>
  received.map(({ headers }) => headers['content-encoding'])
const TAKES_ZSTD = { 'accept-encoding': 'zstd, gzip' }
const inflated = ({ received }: Receiver) =>
  received.map(({ headers, body }) =>
    (headers['content-encoding'] === 'zstd' ? zstdDecompressSync : gunzipSync)(body).toString(),
  )

/** One after the other, as passes come. */
async function pushEach(push: Push, ...each: readonly string[]): Promise<void> {
  for (const text of each) {
    push.offer([body(text)])
    await vi.waitFor(() => expect(push.stats.queueBytes).toBe(0))
  }
}

test('auto is gzip for a receiver that says nothing', async () => {
  const there = await receiver(inTurn(accept, answer(200, { 'accept-encoding': 'gzip, zstd;q=0' })))
  const { push } = pusher(there.url, { compression: 'auto' })
  await pushEach(push, 'a', 'b', 'c')
  expect(encodings(there)).toEqual(['gzip', 'gzip', 'gzip'])
  expect(inflated(there)).toEqual(['a', 'b', 'c'])
})

test('auto is zstd from the answer on that says that it is taken', async () => {
  const there = await receiver(inTurn(accept, answer(503, TAKES_ZSTD), accept))
  const { push } = pusher(there.url, { compression: 'auto' })
  await pushEach(push, 'a', 'b', 'c')
  expect(encodings(there)).toEqual(['gzip', 'gzip', 'gzip', 'zstd'])
  expect(inflated(there)).toEqual(['a', 'b', 'b', 'c'])
})

test('auto goes back to gzip for good when zstd is refused, and loses nothing', async () => {
  const there = await receiver((response, nth) => {
    const isZstd = there.received[nth]!.headers['content-encoding'] === 'zstd'
    answer(isZstd ? 415 : 200, TAKES_ZSTD)(response, nth)
  })
  const { push, clock } = pusher(there.url, { compression: 'auto' })
  await pushEach(push, 'a')
  push.offer([body('b'), body('c')])
  await vi.waitFor(() => expect(push.stats.stored).toBe(3))
  await pushEach(push, 'd')
  expect(encodings(there)).toEqual(['gzip', 'zstd', 'gzip', 'gzip', 'gzip'])
  expect(inflated(there)).toEqual(['a', 'b', 'b', 'c', 'd'])
  expect(ids(there)[1]).toBe(ids(there)[2])
  expect(clock.waits).toEqual([])
  expect(push.stats).toMatchObject({ stored: 4, rejected: 0, retries: 0, queueBytes: 0 })
})

test('zstd by choice stays zstd', async () => {
  const there = await receiver(answer(415))
  const { push } = pusher(there.url, { compression: 'zstd' })
  await pushEach(push, 'a', 'b')
  expect(encodings(there)).toEqual(['zstd', 'zstd'])
  expect(push.stats.rejected).toBe(2)
})

test('what got no answer is sent again under the same id, after what was not tried yet', async () => {
  const there = await receiver(inTurn(loseAnswer, loseAnswer, accept))
  const { push, clock } = pusher(there.url)
  push.offer([body('a'), body('b')])
  await vi.waitFor(() => expect(push.stats.stored).toBe(2))
  expect(texts(there)).toEqual(['a', 'b', 'a', 'b'])
  expect(ids(there).slice(2)).toEqual(ids(there).slice(0, 2))
  expect(clock.waits).toEqual([500, 1_000])
  expect(push.stats).toMatchObject({ retries: 2, queueBytes: 0, dropped: NOTHING_DROPPED })
})

test('or before what came later, where the receiver wants the oldest first', async () => {
  const there = await receiver(inTurn(loseAnswer, loseAnswer, accept))
  const { push, clock } = pusher(there.url, { order: 'oldest-first' })
  push.offer([body('a'), body('b')])
  await vi.waitFor(() => expect(push.stats.stored).toBe(2))
  expect(texts(there)).toEqual(['a', 'a', 'a', 'b'])
  expect(new Set(ids(there)).size).toBe(2)
  expect(clock.waits).toEqual([500, 1_000])
  expect(push.stats).toMatchObject({ retries: 2, queueBytes: 0, dropped: NOTHING_DROPPED })
})

test('honours Retry-After', async () => {
  const there = await receiver(
    inTurn(answer(503, { 'retry-after': '7' }), answer(429, { 'retry-after': '2' }), accept),
  )
  const { push, clock } = pusher(there.url, { random: () => 0 })
  push.offer([body('a')])
  await vi.waitFor(() => expect(push.stats.stored).toBe(1))
  expect(clock.waits).toEqual([7_000, 2_000])
})

test.each([401, 403, 408, 429, 502, 503, 504])('%i is tried again', async (status) => {
  const there = await receiver(inTurn(answer(status), accept))
  const { push } = pusher(there.url)
  push.offer([body('a')])
  await vi.waitFor(() => expect(push.stats.stored).toBe(1))
  expect(push.stats).toMatchObject({ rejected: 0, retries: 1 })
})

test.each([301, 400, 404, 413, 415, 500])('%i is not, and the next goes on', async (status) => {
  const there = await receiver(inTurn(answer(status, {}, encodeStatus(3, 'no')), accept))
  const { push, clock } = pusher(there.url)
  push.offer([body('a'), body('b')])
  await push.stop(5_000)
  expect(texts(there)).toEqual(['a', 'b'])
  expect(push.stats).toMatchObject({ stored: 1, rejected: 1, retries: 0 })
  expect(clock.waits).toEqual([])
})

test('points that a receiver did not take are counted', async () => {
  const partial = encodeResponse({ rejectedPoints: 12, message: 'nameless' })
  const there = await receiver(inTurn(answer(200, {}, partial), answer(200, {}, body('not OTLP'))))
  const { push } = pusher(there.url)
  push.offer([body('a'), body('b')])
  await push.stop(5_000)
  expect(push.stats).toMatchObject({ stored: 2, rejectedPoints: 12 })
})

test('a receiver that is too slow is asked again', async () => {
  const there = await receiver(inTurn(neverAnswer, accept))
  const { push } = pusher(there.url, { timeoutMs: 30 })
  push.offer([body('a')])
  await vi.waitFor(() => expect(push.stats.stored).toBe(1), { timeout: 10_000 })
  // An answer in time may take more than one more on a busy machine.
  expect(texts(there).length).toBeGreaterThan(1)
  expect(new Set(texts(there))).toEqual(new Set(['a']))
})

test('a receiver that is there and late is waited for longer, or it would never be done', async () => {
  const waited: number[] = []
  const post = async ({ timeoutMs }: Post): Promise<Answer> => {
    waited.push(timeoutMs)
    if (waited.length < 5) throw new NoAnswer(timeoutMs, true)
    return { status: 200, retryAfter: undefined, acceptEncoding: undefined, body: Buffer.alloc(0) }
  }
  const { push } = pusher('http://127.0.0.1:1', {
    timeoutMs: 10,
    connect: async () => ({ post, close: () => {} }),
  })
  push.offer([body('a')])
  await vi.waitFor(() => expect(push.stats.stored).toBe(1))
  expect(waited).toEqual([10, 20, 40, 60, 60])
})

test('no answer over a connection is told from no connection', async () => {
  const there = await receiver(neverAnswer)
  const poster = await openPoster(new URL(there.url))
  cleanups.push(async () => poster.close())
  const { signal } = new AbortController()
  const request = { headers: {}, body: body('a'), connectMs: 1_000, timeoutMs: 1_050, signal }
  await expect(poster.post(request)).rejects.toMatchObject({ isThere: true })
})

test('a receiver that comes up later gets all that fits', async () => {
  const reserved = await startReceiver(accept)
  await reserved.stop()
  const { push, clock } = pusher(reserved.url)
  push.offer([body('a')])
  await vi.waitFor(() => expect(clock.waits.length).toBeGreaterThan(3))
  push.offer([body('b'), body('c')])
  const there = await receiver(accept, reserved.port)
  await vi.waitFor(() => expect(push.stats.stored).toBe(3))
  expect(texts(there).toSorted()).toEqual(['a', 'b', 'c'])
})

test('a full queue drops its oldest and says how many', async () => {
  const reserved = await startReceiver(accept)
  await reserved.stop()
  const held = Promise.withResolvers<void>()
  const clock = { now: () => 1_000, bootUs: () => 1_000, wait: () => held.promise }
  const { push } = pusher(reserved.url, { queueBytes: 10, clock })
  push.offer([body('aaaa'), body('bbbb')])
  await vi.waitFor(() => expect(push.stats.retries).toBe(1))
  push.offer([body('cccc'), body('dddd')])
  expect(push.stats).toMatchObject({
    queueBytes: 8,
    dropped: { pushQueueBytes: 2, stopped: 0 },
  })
  const there = await receiver(accept, reserved.port)
  held.resolve()
  await vi.waitFor(() => expect(push.stats.stored).toBe(2))
  expect(texts(there)).toEqual(['cccc', 'dddd'])
})

test('what is on its way is not dropped', async () => {
  const held: (() => void)[] = []
  const there = await receiver((response) => held.push(() => response.end()))
  const { push } = pusher(there.url, { queueBytes: 10 })
  push.offer([body('aaaa')])
  await vi.waitFor(() => expect(held).toHaveLength(1))
  push.offer([body('bbbb'), body('cccc')])
  expect(push.stats).toMatchObject({ queueBytes: 8, dropped: { pushQueueBytes: 1 } })
  held[0]!()
  await vi.waitFor(() => expect(held).toHaveLength(2))
  held[1]!()
  await push.stop(5_000)
  expect(texts(there)).toEqual(['aaaa', 'cccc'])
})

test('stopping gives up on a receiver that is not there, and counts', async () => {
  const reserved = await startReceiver(accept)
  await reserved.stop()
  const { push } = pusher(reserved.url)
  push.offer([body('a'), body('b')])
  await push.stop(60_000)
  expect(push.stats).toMatchObject({ stored: 0, queueBytes: 0, dropped: { stopped: 2 } })
  push.offer([body('late')])
  expect(push.stats.queueBytes).toBe(0)
})

test('stopping does not wait for a receiver that never answers', async () => {
  const there = await receiver(neverAnswer)
  const { push } = pusher(there.url)
  push.offer([body('a')])
  await vi.waitFor(() => expect(there.received).toHaveLength(1))
  await push.stop(20)
  expect(push.stats.dropped.stopped).toBe(1)
})

test.each(ORDERS)('whatever a receiver does, each batch has one fate, %s', async (order) => {
  const behaviour = fc.constantFrom<Behaviour>(
    accept,
    loseAnswer,
    answer(503),
    answer(429, { 'retry-after': '1' }),
    answer(400),
    answer(200, {}, body('?')),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(behaviour, { maxLength: 12 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 8, max: 40 }),
      async (behaviours, count, queueBytes) => {
        const there = await startReceiver(inTurn(...behaviours, accept))
        const { push } = pusher(there.url, { queueBytes, order })
        for (let i = 0; i < count; i++) push.offer([body(`batch ${i}.`)])
        await vi.waitFor(() => expect(push.stats.queueBytes).toBe(0), { timeout: 20_000 })
        const { stored, rejected, dropped } = push.stats
        expect(stored + rejected + dropped.pushQueueBytes).toBe(count)
        const inOrder = order === 'oldest-first' ? texts(there).toSorted() : texts(there)
        expect(texts(there)).toEqual(inOrder)
        await push.stop(0)
        await there.stop()
      },
    ),
    { numRuns: process.env['LONG'] === '1' ? 2_000 : 40 },
  )
})
