/** What was acknowledged is there after a kill -9, and there once. `LONG=1` kills more often. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { machineCpu } from '../../../catalog/tables/machine-cpu.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import { silentLog } from '../../../settings/log.ts'
import { encodePass } from '../../wire/encode-pass.ts'
import { OTLP_TYPE } from '../../../wire/otlp-response.ts'
import { emptyRow, type Entity } from '../../../wire/sample.ts'

const LONG = process.env['LONG'] === '1'
const ROUNDS = LONG ? 15 : 3
const SENDERS = 4
const CPUS = ['0', '1', '2', '3']
/** Acknowledged passes before the kill, which then falls into whatever is going on. */
const PASSES = LONG ? 25 : 8

const program = fileURLToPath(new URL('killed-receiver.ts', import.meta.url))
let child: ChildProcessByStdio<null, Readable, null> | undefined

afterEach(() => {
  child?.kill('SIGKILL')
})

async function start(path: string): Promise<string> {
  child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout })
  const [url] = (await once(lines, 'line')) as [string]
  return url
}

const send = (url: string, entity: Entity, timeMs: number) => {
  const rows = [
    emptyRow(machine, entity),
    ...CPUS.map((cpu) => emptyRow(machineCpu, entity, [cpu])),
  ]
  for (const row of rows) row.values.fill(timeMs)
  return fetch(`${url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': OTLP_TYPE },
    body: new Uint8Array(encodePass({ timeMs, rows })[0]!),
  })
}

test(`nothing that was acknowledged is lost or doubled over ${ROUNDS} kills`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'candor-kill-'))
  const path = join(directory, 'data')
  const startMs = Date.now() - 3_600_000
  const acknowledged = Array.from({ length: SENDERS }, () => new Set<number>())
  let unanswered: { entity: Entity; timeMs: number; sender: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const url = await start(path)
    const killed = once(child!, 'exit')
    // What was not answered is sent again, as an agent does.
    for (const { entity, timeMs, sender } of unanswered) {
      expect((await send(url, entity, timeMs)).status).toBe(200)
      acknowledged[sender]!.add(timeMs)
    }
    unanswered = []
    let total = 0
    const sending = acknowledged.map(async (times, sender) => {
      const entity: Entity = { kind: 'machine', attributes: { 'host.id': `m${sender}` } }
      for (let pass = 0; ; pass++) {
        const timeMs = startMs + round * 100_000 + pass * 10
        try {
          const { status } = await send(url, entity, timeMs)
          expect(status).toBe(200)
        } catch {
          unanswered.push({ entity, timeMs, sender })
          return
        }
        times.add(timeMs)
        if (++total === PASSES * SENDERS) child!.kill('SIGKILL')
      }
    })
    await Promise.all(sending)
    await killed
    expect(unanswered).toHaveLength(SENDERS)

    const store = await openStore({ path }, silentLog())
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
        for (const timeMs of times) expect(rowsAt.get(timeMs)).toBe(copies)
        expect(Math.max(...rowsAt.values())).toBe(copies)
        expect(stored.filter(({ wrong }) => wrong !== '0')).toEqual([])
      }
    }
    expect(await store.detachedParts()).toBe(0)
    await store.close()
  }
  expect(acknowledged.every((times) => times.size >= ROUNDS)).toBe(true)
  await rm(directory, { recursive: true })
})
