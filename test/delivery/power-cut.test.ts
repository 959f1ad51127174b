/**
 * The power of a disk is cut while rows arrive: what the collector acknowledged is there once after the
 * next start, and what an agent promised is sent. `LONG=1` cuts more often.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { openStore } from '../../collector/store/open-store.ts'
import { silentLog } from '../../settings/log.ts'
import { OTLP_TYPE } from '../../wire/otlp-response.ts'
import { emptyRow, type Entity } from '../../wire/sample.ts'
import { type Candor, startCandor, until } from '../end-to-end/candor.ts'
import { needs } from '../peers/peers.ts'
import { encodePass } from '../wire/encode-pass.ts'
import { scrape, startAgent } from './agent.ts'
import { CutDisk } from './cut-disk.ts'
import { Relay } from './relay.ts'

const CUTS = Number(process.env['CUTS'] ?? (process.env['LONG'] === '1' ? 30 : 2))
const SENDERS = 4
const CPUS = ['0', '1', '2', '3']
/** Acknowledged passes before the cut, at most: it falls into whatever is going on. */
const PASSES = 60
const DISK_BYTES = 512 << 20

const cleanups: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})
function temporaryDisk(): { folder: string; disk: CutDisk } {
  const folder = mkdtempSync(join(tmpdir(), 'candor-cut-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  const disk = new CutDisk(folder, DISK_BYTES)
  cleanups.push(() => disk.released())
  return { folder, disk }
}
const ending = (candor: Candor) => {
  cleanups.push(() => candor.kill())
  return candor
}

interface Sent {
  readonly sender: number
  readonly timeMs: number
}

const entityOf = (sender: number): Entity => ({
  kind: 'machine',
  attributes: { 'host.id': `m${sender}` },
})

/** Status of the answer; undefined where there was none. */
async function send(url: string, { sender, timeMs }: Sent): Promise<number | undefined> {
  const entity = entityOf(sender)
  const rows = [
    emptyRow(machine, entity),
    ...CPUS.map((cpu) => emptyRow(machineCpu, entity, [cpu])),
  ]
  for (const row of rows) row.values.fill(timeMs)
  try {
    const { status } = await fetch(`${url}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': OTLP_TYPE },
      body: new Uint8Array(encodePass({ timeMs, rows })[0]!),
    })
    return status
  } catch {
    return undefined
  }
}

describe.skipIf(needs('root', 'ext4', 'loop'))('a power cut', () => {
  test(`${CUTS} of the collector's disk lose nothing and double nothing`, async () => {
    const { folder, disk } = temporaryDisk()
    const start = async () =>
      ending(await startCandor('collector', [], join(disk.path, 'store'), disk.by))
    const startMs = Date.now() - 3_600_000
    const acknowledged = Array.from({ length: SENDERS }, () => new Set<number>())
    let unanswered: Sent[] = []
    for (let cut = 0; cut < CUTS; cut++) {
      const collector = await start()
      const take = async (sent: Sent) => {
        const status = await send(collector.otlp, sent)
        if (status === 200) acknowledged[sent.sender]!.add(sent.timeMs)
        return status === 200
      }
      // What was not answered is sent again, as an agent does.
      expect(await Promise.all(unanswered.map(take))).not.toContain(false)
      unanswered = []
      let left = 1 + Math.floor(Math.random() * PASSES)
      let cutting: Promise<void> | undefined
      const sending = acknowledged.map(async (_, sender) => {
        for (let pass = 0; ; pass++) {
          const sent = { sender, timeMs: startMs + cut * 100_000 + pass * 10 }
          if (!(await take(sent))) {
            unanswered.push(sent)
            return
          }
          left -= 1
          if (left === 0) cutting = disk.cut(collector)
        }
      })
      await Promise.all(sending)
      await cutting
    }

    const collector = await start()
    expect(disk.unsynced(collector)).toEqual([])
    expect(await collector.stop()).toBe(0)
    await disk.released()
    const path = join(folder, 'store')
    disk.copy('store', path)
    const store = await openStore({ path }, silentLog())
    cleanups.push(() => store.close())
    let samples = 0
    for (const [sender, times] of acknowledged.entries()) {
      const where = `entity IN (SELECT entity FROM entity WHERE attributes['host.id'] = 'm${sender}')`
      for (const [table, copies] of [
        ['machine', 1],
        ['machine_cpu', CPUS.length],
      ] as const) {
        const stored = await store.query<{ ms: string; rows: string; wrong: string }>(
          `SELECT toUnixTimestamp64Milli(ts) AS ms, count() AS rows,
             countIf(${table === 'machine' ? 'load1' : 'user_seconds'} != ms) AS wrong
           FROM ${table} FINAL WHERE ${where} GROUP BY ts`,
        )
        const rowsAt = new Map(stored.map(({ ms, rows }) => [Number(ms), Number(rows)]))
        expect([...times].filter((timeMs) => rowsAt.get(timeMs) !== copies)).toEqual([])
        expect([...rowsAt.values()].filter((rows) => rows !== copies)).toEqual([])
        expect(stored.filter(({ wrong }) => wrong !== '0')).toEqual([])
        samples += times.size * copies
      }
      expect(times.size).toBeGreaterThan(0)
    }
    console.log(`${CUTS} power cuts: ${samples} rows were acknowledged, and are there once`)
  })

  test("of the agent's disk loses nothing that --spool.fsync=always has taken", async () => {
    const { disk } = temporaryDisk()
    const relay = await Relay.start()
    cleanups.push(() => relay.stop())
    const start = async () =>
      ending(await startAgent({ url: relay.url, spool: join(disk.path, 'spool'), by: disk.by }))
    const agent = await start()
    for (let i = 0; i < 5; i++) await scrape(agent)
    // A batch is not sent before it is on the disk.
    await until(() => relay.ids.size >= 3, 'requests, of which none is answered')
    const promised = [...relay.ids]
    await disk.cut(agent)
    const before = relay.sent.length
    const collector = ending(await startCandor('collector'))
    relay.upstream = collector.otlp
    const next = await start()
    const isSent = (promise: string) => relay.sent.slice(before).some(({ id }) => id === promise)
    await until(() => promised.every(isSent), 'all to be sent')
    expect(next.stderr()).toContain('spool opened')
    expect(disk.unsynced(next)).toEqual([])
    const samples = await scrape(next)
    expect(samples.get('candor_agent_push_dropped_total{reason="spoolDamaged"}') ?? 0).toBe(0)
    relay.check()
  })
})
