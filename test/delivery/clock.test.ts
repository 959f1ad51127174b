/** Clocks that are set while batches wait: of the agent, and of the collector. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../collector/store/open-store.ts'
import { silentLog } from '../../settings/log.ts'
import { type Candor, startCandor, until } from '../end-to-end/candor.ts'
import { samplesOf, scrape, startAgent, waitingIn } from './agent.ts'
import { Relay } from './relay.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const PRELOAD = new URL('stepped-clock.js', import.meta.url).pathname

const cleanups: (() => Promise<unknown> | void)[] = []
let folder: string
let spool: string
let relay: Relay
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'candor-clock-'))
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
const withSteps = (...steps: readonly number[]) => [
  'env',
  `NODE_OPTIONS=--import=${PRELOAD}`,
  `CLOCK_STEPS=${steps.join(',')}`,
]
async function step(candor: Candor, ms: number): Promise<void> {
  candor.child.kill('SIGUSR2')
  await until(() => candor.stderr().includes(`clock stepped ${ms}\n`), 'the clock to be set')
}
const acknowledged = () => relay.sent.filter(({ status }) => status === 200)
const rejectedPoints = (samples: ReadonlyMap<string, number>) =>
  samples.get('candor_agent_push_rejected_points_total')

/** How often each time is stored, by Unix ms. */
async function storedTimes(path: string): Promise<ReadonlyMap<number, number>> {
  const store = await openStore({ path }, silentLog())
  const rows = await store.query<{ ms: string; rows: string }>(
    'SELECT toUnixTimestamp64Milli(ts) AS ms, count() AS rows FROM machine FINAL GROUP BY ts',
  )
  await store.close()
  return new Map(rows.map(({ ms, rows }) => [Number(ms), Number(rows)]))
}

test('a clock that is set, ahead and back, costs what the collector refuses', async () => {
  const STEPS = [20 * DAY_MS, -DAY_MS, HOUR_MS, 0]
  const collector = ending(await startCandor('collector'))
  const agent = ending(await startAgent({ url: relay.url, spool, by: withSteps(...STEPS) }))
  // These wait while the clock is set; none is thrown away as too old.
  for (let i = 0; i < 2; i++) await scrape(agent)
  const startMs = Date.now()
  for (const ms of STEPS) {
    await step(agent, ms)
    await scrape(agent)
  }
  const offered = 1 + 2 + STEPS.length
  relay.upstream = collector.otlp
  await until(() => relay.ids.size === offered && waitingIn(spool).length === 0, 'an empty spool')
  relay.check()
  const samples = await scrape(agent)
  await until(() => acknowledged().length > offered, 'the last to be stored')
  expect(rejectedPoints(samples)).toBeGreaterThan(0)
  const dropped = [...samples].filter(
    ([name, value]) => name.startsWith('candor_agent_push_dropped_total') && value > 0,
  )
  expect(dropped).toEqual([])
  expect(agent.stderr()).toContain('push stored in part, points lost')
  const own = await (await fetch(`${collector.console}/metrics`)).text()
  expect(samplesOf(own).get('candor_receive_dropped_total{reason="clockAheadMs"}')).toBe(
    rejectedPoints(samples),
  )

  expect(await agent.stop()).toBe(0)
  expect(await collector.stop()).toBe(0)
  const stored = await storedTimes(collector.store)
  expect([...stored.values()].filter((rows) => rows !== 1)).toEqual([])
  const times = [...relay.acknowledged]
  const isTaken = (ms: number) => ms < startMs + HOUR_MS / 2
  expect(times.filter((ms) => !isTaken(ms))).toHaveLength(2)
  expect(new Set(stored.keys())).toEqual(new Set(times.filter(isTaken)))
})

test("a collector's clock that is set back refuses what is ahead, tells it, and takes what comes after", async () => {
  const collector = ending(await startCandor('collector', [], undefined, withSteps(-HOUR_MS, 0)))
  relay.upstream = collector.otlp
  const agent = ending(await startAgent({ url: relay.url, spool }))
  await until(() => acknowledged().length === 1, 'the first')
  await step(collector, -HOUR_MS)
  const refused = await scrape(agent)
  await until(() => acknowledged().length === 2, 'one that is ahead')
  expect(rejectedPoints(refused)).toBe(0)
  await step(collector, 0)
  await scrape(agent)
  await until(() => acknowledged().length === 3, 'one that is not')
  const samples = await scrape(agent)
  expect(rejectedPoints(samples)).toBeGreaterThan(0)
  await until(() => acknowledged().length === 4, 'the last')
  expect(await agent.stop()).toBe(0)
  expect(await collector.stop()).toBe(0)
  const stored = await storedTimes(collector.store)
  const [first, ahead, third, last] = acknowledged().map(({ times }) => [...times][0]!)
  expect(new Set(stored.keys())).toEqual(new Set([first, third, last]))
  expect(stored.has(ahead!)).toBe(false)
})
