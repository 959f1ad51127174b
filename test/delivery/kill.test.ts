/**
 * Agent and collector are killed at random moments, requests and answers are lost between them, and
 * then SQL counts: what was acknowledged is there once, and so is what was in the spool. `LONG=1` kills
 * 300 times; `KILLS=50` makes a part of that.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openStore } from '../../collector/store/open-store.ts'
import { silentLog } from '../../settings/log.ts'
import { type Candor, startCandor, until } from '../end-to-end/candor.ts'
import { scrape, startAgent, waitingIn } from './agent.ts'
import { type Fault, Relay } from './relay.ts'

const KILLS = Number(process.env['KILLS'] ?? (process.env['LONG'] === '1' ? 300 : 10))
/** For what is left in the spool at the end: an insert for each batch, on a machine that is busy. */
const DRAIN_MS = KILLS * 12_000
/** The next kill comes this long after the process is there, at most. */
const LIFE_MS = 500
/** For each kill: a pass is a batch, and each is stored by an insert of its own. */
const PASSES = 6
const BETWEEN_PASSES_MS = 60
const LIVE = '--push.order=live-first'
const OLDEST = '--push.order=oldest-first'

/** So that a run can be made again. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
let state = SEED
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}
const faults = (): Fault =>
  (['lostRequest', 'lostAnswer'] as const)[Math.floor(random() * 12)] ?? 'none'

const cleanups: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

test(`${KILLS} kills lose nothing and double nothing, SEED=${SEED}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'candor-delivery-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  const spool = join(folder, 'spool')
  const store = join(folder, 'store')
  const relay = await Relay.start()
  cleanups.push(() => relay.stop())
  relay.fault = faults
  const startCollector = async () => {
    const collector = await startCandor('collector', [], store)
    relay.upstream = collector.otlp
    cleanups.push(() => collector.kill())
    return collector
  }
  const start = async (order: string) => {
    const agent = await startAgent({ url: relay.url, spool, args: [order] })
    cleanups.push(() => agent.kill())
    return agent
  }
  let collector = await startCollector()
  let agent: Candor | undefined = await start(LIVE)
  const over = new AbortController()
  cleanups.push(() => over.abort())
  let passes = 0
  const scraping = (async () => {
    for (; !over.signal.aborted; await wait(BETWEEN_PASSES_MS)) {
      if (agent === undefined || passes === 0) continue
      passes -= 1
      // It may be killed before it answers.
      await scrape(agent).catch(() => {})
    }
  })()

  const spooled = new Set<string>()
  for (let kill = 0; kill < KILLS; kill++) {
    passes = PASSES
    await wait(random() * LIFE_MS)
    if (random() < 0.5) {
      const killed = agent
      agent = undefined
      await killed.kill()
      for (const id of waitingIn(spool)) spooled.add(id)
      agent = await start(random() < 0.5 ? LIVE : OLDEST)
    } else {
      await collector.kill()
      // While it starts, batches come and go into the spool.
      collector = await startCollector()
    }
  }

  relay.fault = () => 'none'
  over.abort()
  await scraping
  // A new one does not wait as long as one whose requests have failed for a while, and this one takes
  // all of its time for what is old.
  expect(await agent.stop()).toBe(0)
  for (const id of waitingIn(spool)) spooled.add(id)
  agent = await start(OLDEST)
  await until(() => waitingIn(spool).length === 0, 'the spool to be empty', DRAIN_MS)
  const last = await scrape(agent)
  expect(await agent.stop()).toBe(0)
  expect(await collector.stop()).toBe(0)
  relay.check()
  expect(waitingIn(spool)).toEqual([])
  expect(last.get('candor_agent_spool_up')).toBe(1)
  expect(last.get('candor_agent_push_batches_total{result="dropped"}')).toBe(0)

  const unsent = [...spooled].filter((id) => !relay.ids.has(id))
  expect(unsent).toEqual([])
  const opened = await openStore({ path: store }, silentLog())
  const rows = await opened.query<{ ms: string; rows: string }>(
    'SELECT toUnixTimestamp64Milli(ts) AS ms, count() AS rows FROM machine FINAL GROUP BY ts',
  )
  await opened.close()
  const stored = new Map(rows.map(({ ms, rows }) => [Number(ms), Number(rows)]))
  expect([...relay.acknowledged].filter((ms) => stored.get(ms) !== 1)).toEqual([])
  const ofSpool = relay.sent.filter(({ id }) => spooled.has(id)).flatMap(({ times }) => [...times])
  expect(ofSpool.filter((ms) => stored.get(ms) !== 1)).toEqual([])
  expect([...stored.values()].filter((count) => count !== 1)).toEqual([])
  expect(relay.acknowledged.size).toBeGreaterThan(KILLS)
  expect(spooled.size).toBeGreaterThan(0)
  const resent = relay.sent.length - relay.ids.size
  console.log(`${relay.ids.size} batches, ${resent} sent again, ${spooled.size} found in the spool`)
})
