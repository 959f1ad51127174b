/**
 * A real agent and a real collector with a network that fails, a receiver that asks to wait, and disks
 * that are full: nothing is lost, everything shows, and all is well again by itself.
 */
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Candor, startCandor, until } from '../end-to-end/candor.ts'
import { needs } from '../peers/peers.ts'
import { samplesOf, scrape, startAgent, waitingIn } from './agent.ts'
import { type Fault, Relay } from './relay.ts'
import { slowNetwork } from './slow-network.ts'

const cleanups: (() => Promise<unknown> | void)[] = []
let folder: string
let spool: string
let relay: Relay
/** Shared by those that do it no harm. */
let collector: Candor
beforeAll(async () => {
  collector = await startCandor('collector')
})
afterAll(() => collector[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'candor-faults-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  spool = join(folder, 'spool')
  relay = await Relay.start()
  cleanups.push(() => relay.stop())
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const ending = (candor: Candor) => {
  cleanups.push(() => candor[Symbol.asyncDispose]())
  return candor
}
const collect = () => {
  relay.upstream = collector.otlp
}
const agentWith = async (options: Partial<Parameters<typeof startAgent>[0]> = {}) =>
  ending(await startAgent({ url: relay.url, spool, ...options }))

/** A mount of its own, of `bytes`, at `at`; the program that follows sees it, and nobody else. */
const withDisk = (at: string, bytes: string) => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mkdir -p "$0" && mount -t tmpfs -o size="$1",mode=0700 tmpfs "$0" && shift && exec "$@"',
  at,
  bytes,
]
/** Where a process sees a path, from outside. */
const inside = ({ child }: Candor, path: string) => `/proc/${child.pid}/root${path}`

/** Takes all the room that is left. */
function fill(path: string): () => void {
  const filler = join(path, 'filler')
  const { bavail, bsize } = statfsSync(path)
  const write = () => writeFileSync(filler, Buffer.alloc((bavail + 1) * bsize))
  expect(write).toThrow('ENOSPC')
  return () => rmSync(filler)
}

const dropped = (samples: ReadonlyMap<string, number>) =>
  samples.get('candor_agent_push_batches_total{result="dropped"}')

test('a collector that is away for a while gets everything', async () => {
  const agent = await agentWith({ fsync: 'interval' })
  for (let i = 0; i < 5; i++) await scrape(agent)
  await until(() => waitingIn(spool).length >= 5, 'batches in the spool')
  const samples = await scrape(agent)
  expect(samples.get('candor_agent_push_retries_total')).toBeGreaterThan(0)
  expect(samples.get('candor_agent_spool_batches')).toBeGreaterThanOrEqual(5)
  expect(agent.stderr()).toContain('push failed, trying again')
  collect()
  await until(() => relay.acknowledged.size >= 6, 'all to be stored')
  await until(async () => (await scrape(agent)).get('candor_agent_spool_batches')! <= 1, 'an end')
  expect(agent.stderr()).toContain('push works again')
  expect(dropped(await scrape(agent))).toBe(0)
  relay.check()
})

test('a receiver that asks to wait is not asked again before, by 429 and by 503', async () => {
  const answers: Fault[] = [
    { status: 429, retryAfter: '2' },
    { status: 503, retryAfter: '1' },
  ]
  relay.fault = () => answers.shift() ?? 'none'
  collect()
  const agent = await agentWith()
  for (let i = 0; i < 3; i++) await scrape(agent)
  await until(() => relay.acknowledged.size >= 4, 'all to be stored')
  const [first, second, third] = relay.sent.map(({ atMs }) => atMs)
  expect(second! - first!).toBeGreaterThanOrEqual(2_000)
  expect(third! - second!).toBeGreaterThanOrEqual(1_000)
  const samples = await scrape(agent)
  expect(samples.get('candor_agent_push_retries_total')).toBe(2)
  expect(dropped(samples)).toBe(0)
  expect(agent.stderr()).toContain('status=429')
})

test('a network that is slow and breaks off costs requests, and no batch', async () => {
  collect()
  const network = await slowNetwork(relay.port, 64, 5)
  cleanups.push(() => network.stop())
  const agent = await agentWith({ url: `http://127.0.0.1:${network.port}` })
  for (let i = 0; i < 12; i++) {
    await scrape(agent)
    if (i % 3 === 0) network.reset()
  }
  await until(() => relay.acknowledged.size >= 13, 'all to be stored')
  await until(() => waitingIn(spool).length === 0, 'the spool to be empty')
  const samples = await scrape(agent)
  expect(samples.get('candor_agent_push_retries_total')).toBeGreaterThan(0)
  expect(dropped(samples)).toBe(0)
  relay.check()
})

test.skipIf(needs('root'))('a full disk costs the agent memory, and no batch', async () => {
  const disk = join(folder, 'disk')
  const args = ['--push.order=oldest-first']
  // Not refused, or it would be a while until the next is tried.
  relay.fault = () => (relay.upstream === undefined ? 'held' : 'none')
  const agent = await agentWith({ spool: join(disk, 'spool'), by: withDisk(disk, '512k'), args })
  for (let i = 0; i < 3; i++) await scrape(agent)
  const free = fill(inside(agent, disk))
  for (let i = 0; i < 12; i++) await scrape(agent)
  const full = await scrape(agent)
  expect(full.get('candor_agent_spool_up')).toBe(0)
  expect(full.get('candor_agent_spool_errors_total{operation="write"}')).toBeGreaterThan(0)
  expect(full.get('candor_agent_push_queue_bytes')).toBeGreaterThan(0)
  expect(agent.stderr()).toContain('spool cannot be written, batches wait in memory')
  expect(agent.stderr()).toContain('ENOSPC')
  free()
  await until(async () => {
    const samples = await scrape(agent)
    return samples.get('candor_agent_spool_up') === 1
  }, 'the spool to work again')
  expect(agent.stderr()).toContain('spool takes batches again')
  collect()
  relay.release()
  await until(() => relay.acknowledged.size >= 16, 'all to be stored')
  expect(dropped(await scrape(agent))).toBe(0)
})

test.skipIf(needs('root'))(
  'an agent starts on a full disk, and spools when there is room',
  async () => {
    const disk = join(folder, 'disk')
    const by = withDisk(disk, '64k')
    by[4] = by[4]!.replace(
      'shift &&',
      'shift && (cat /dev/zero >"$0/filler" 2>/dev/null || true) &&',
    )
    const agent = await agentWith({ spool: join(disk, 'spool'), by })
    await scrape(agent)
    expect((await scrape(agent)).get('candor_agent_spool_up')).toBe(0)
    rmSync(inside(agent, join(disk, 'filler')))
    await until(async () => {
      const samples = await scrape(agent)
      return samples.get('candor_agent_spool_up') === 1
    }, 'the spool to be there')
    expect(dropped(await scrape(agent))).toBe(0)
  },
)

test.skipIf(needs('root'))(
  'a full disk of the collector makes it ask to wait, and no more',
  async () => {
    const disk = join(folder, 'disk')
    const own = ending(await startCandor('collector', [], disk, withDisk(disk, '96m')))
    relay.upstream = own.otlp
    const agent = await agentWith()
    for (let i = 0; i < 3; i++) await scrape(agent)
    await until(() => relay.acknowledged.size >= 1, 'the first to be stored')
    const free = fill(inside(own, disk))
    await scrape(agent)
    await until(() => relay.sent.some(({ status }) => status === 503), 'the collector to refuse')
    const metrics = async () => {
      const response = await fetch(`${own.console}/metrics`)
      return samplesOf(await response.text())
    }
    const failed = [...(await metrics())].filter(
      ([name, value]) =>
        name.startsWith('candor_store_inserts_total') && name.includes('failed') && value > 0,
    )
    expect(failed).not.toEqual([])
    expect(own.stderr()).toContain('ERR_STORE_INSERT')
    free()
    await until(() => waitingIn(spool).length === 0, 'the spool to be empty')
    expect(relay.acknowledged.size).toBeGreaterThanOrEqual(5)
    expect(dropped(await scrape(agent))).toBe(0)
    relay.check()
  },
)
