/** What is away for a while: a ClickHouse server behind the collector, and the network before it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../collector/store/open-store.ts'
import { silentLog } from '../../settings/log.ts'
import { startHttpFront } from '../collector/store/http-front.ts'
import { type Candor, startCandor, until } from '../end-to-end/candor.ts'
import { needs } from '../peers/peers.ts'
import { samplesOf, scrape, startAgent, waitingIn } from './agent.ts'
import { Relay } from './relay.ts'
import { slowNetwork } from './slow-network.ts'
import { twoNetworks } from './two-networks.ts'

const cleanups: (() => Promise<unknown> | void)[] = []
let folder: string
let spool: string
let relay: Relay
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'candor-away-'))
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
const READ = '--collector.disable-defaults --collector.loadavg'.split(' ')
const dropped = (samples: ReadonlyMap<string, number>) =>
  samples.get('candor_agent_push_batches_total{result="dropped"}')

test('a ClickHouse server that is away makes the collector ask to wait', async () => {
  const front = await startHttpFront(join(folder, 'data'))
  cleanups.push(() => front.close())
  const port = Number(new URL(front.url).port)
  const way = await slowNetwork(port, 1 << 20, 0)
  cleanups.push(() => way.stop())
  const url = `http://127.0.0.1:${way.port}`
  const collector = ending(await startCandor('collector', [`--store.url=${url}`]))
  relay.upstream = collector.otlp
  const agent = ending(await startAgent({ url: relay.url, spool }))
  await until(() => relay.acknowledged.size === 1, 'the first to be stored')
  way.cut()
  for (let i = 0; i < 3; i++) await scrape(agent)
  await until(() => relay.sent.some(({ status }) => status === 503), 'the collector to refuse')
  const samples = await scrape(agent)
  expect(samples.get('candor_agent_push_retries_total')).toBeGreaterThan(0)
  expect(agent.stderr()).toContain('status=503')
  const own = samplesOf(await (await fetch(`${collector.console}/metrics`)).text())
  const failed = [...own].filter(
    ([name, value]) =>
      name.startsWith('candor_store_inserts_total') && name.includes('failed') && value > 0,
  )
  expect(failed).not.toEqual([])
  expect(collector.stderr()).toContain('ERR_STORE_INSERT')

  way.mend()
  await until(() => relay.acknowledged.size === 5, 'all to be stored')
  await until(() => waitingIn(spool).length === 0, 'the spool to be empty')
  expect(agent.stderr()).toContain('push works again')
  expect(dropped(await scrape(agent))).toBe(0)
  relay.check()
  const store = await openStore({ url }, silentLog())
  cleanups.push(() => store.close())
  const rows = await store.query<{ ms: string; rows: string }>(
    'SELECT toUnixTimestamp64Milli(ts) AS ms, count() AS rows FROM machine FINAL GROUP BY ts',
  )
  const stored = new Map(rows.map(({ ms, rows }) => [Number(ms), Number(rows)]))
  expect([...relay.acknowledged].filter((ms) => stored.get(ms) !== 1)).toEqual([])
})

test.skipIf(needs('root', 'ip'))(
  'a network whose packets vanish for a while costs requests, and no batch',
  async () => {
    relay.upstream = ending(await startCandor('collector')).otlp
    const networks = await twoNetworks(relay.port)
    cleanups.push(async () => networks[Symbol.asyncDispose]())
    const args = [...READ, '--interval=1s', `--push.url=${networks.url}`, `--spool.path=${spool}`]
    const agent = ending(await startCandor('agent', args, undefined, networks.by))
    const samples = () => samplesOf(networks.get(`${agent.agent}/metrics`))
    await until(() => relay.acknowledged.size >= 1, 'the first to be stored')
    networks.pull()
    await until(() => agent.stderr().includes('push failed, trying again'), 'the agent to notice')
    await until(() => waitingIn(spool).length >= 3, 'batches in the spool')
    const cut = samples()
    expect(cut.get('candor_agent_push_retries_total')).toBeGreaterThan(0)
    expect(cut.get('candor_agent_spool_oldest_timestamp_seconds')).toBeGreaterThan(0)
    const waiting = waitingIn(spool)
    networks.plug()
    const isStored = (id: string) =>
      relay.sent.some((sent) => sent.id === id && sent.status === 200)
    await until(() => waiting.every(isStored), 'all that waited to be stored')
    await until(() => agent.stderr().includes('push works again'), 'the agent to say so')
    expect(dropped(samples())).toBe(0)
    relay.check()
  },
)
