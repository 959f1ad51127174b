import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Fleet } from '../../demo/fleet.ts'
import { cell } from '../../demo/plans/cell.ts'
import { Simulation } from '../../demo/simulation.ts'
import { silentLog } from '../../settings/log.ts'
import { record } from '../wire/recorder.ts'

interface Received {
  readonly batch: string
  readonly machine: string
  readonly socket: Socket
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly status: number
}

const MACHINES = 4
const INTERVAL_MS = 150

let server: Server
let received: Received[]
let statusOf: () => number
let simulation: Simulation

beforeEach(async () => {
  received = []
  statusOf = () => 200
  server = createServer((request, response) => {
    void (async () => {
      const chunks = (await request.toArray()) as Buffer[]
      const batch = String(request.headers['candor-batch'])
      const status = statusOf()
      const body = zstdDecompressSync(Buffer.concat(chunks))
      const { socket, headers } = request
      received.push({ batch, machine: batch.split('/')[0]!, socket, headers, body, status })
      response.writeHead(status, status === 200 ? {} : { 'retry-after': '0' }).end()
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  simulation = new Simulation({
    fleet: new Fleet({ seed: 1, plan: cell, epochMs: Date.UTC(2025, 0, 1) }),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    intervalMs: INTERVAL_MS,
    version: '0.1.0',
    log: silentLog(),
  })
})

afterEach(async () => {
  await simulation.stop(0)
  server.closeAllConnections()
  server.close()
})

const until = async (condition: () => boolean) => {
  while (!condition()) await wait(10)
}
const byMachine = () => Map.groupBy(received, ({ machine }) => machine)
const haveEach = (count: number) =>
  until(
    () =>
      byMachine().size === MACHINES &&
      [...byMachine().values()].every((each) => each.length >= count),
  )

test('each machine has a connection that is kept, and batches of its own', async () => {
  simulation.resize(MACHINES)
  await haveEach(4)
  for (const of of byMachine().values()) {
    expect(new Set(of.map(({ socket }) => socket)).size).toBe(1)
    const numbers = of.map(({ batch }) => Number(batch.split('/')[2]))
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
    expect(of[0]!.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'zstd',
    })
  }
  const sockets = [...byMachine().values()].map(([first]) => first!.socket)
  expect(new Set(sockets).size).toBe(MACHINES)
})

test('what is refused for now is sent again, the same batch', async () => {
  statusOf = () => (received.length === 0 ? 429 : 200)
  const statuses: number[] = []
  simulation.onAnswer = ({ status }) => statuses.push(status)
  simulation.resize(1)
  const again = () => received.slice(1).find(({ batch }) => batch === received[0]!.batch)
  await until(() => again() !== undefined)
  expect(again()!.body).toEqual(received[0]!.body)
  await until(() => statuses.includes(200))
  expect(statuses[0]).toBe(429)
})

test('agents that start anew have new connections, and give no batch id twice', async () => {
  simulation.resize(MACHINES)
  await haveEach(2)
  const before = new Set(received.map(({ socket }) => socket))
  simulation.restart()
  expect(simulation.behind(60_000)).toBe(MACHINES)
  received = []
  const after = () => received.filter(({ socket }) => !before.has(socket))
  await until(() => new Set(after().map(({ machine }) => machine)).size === MACHINES)
  await until(() => simulation.behind(60_000) === 0)
  expect(new Set(after().map(({ socket }) => socket)).size).toBe(MACHINES)
  expect(new Set(after().map(({ batch }) => batch)).size).toBe(after().length)
})

test('while nothing is stored, all agents are behind', async () => {
  statusOf = () => 503
  simulation.resize(MACHINES)
  await haveEach(1)
  expect(simulation.behind(60_000)).toBe(MACHINES)
})

test('the past is told in its order, and all of it', async () => {
  const toMs = Date.UTC(2026, 5, 1)
  const fromMs = toMs - 20 * INTERVAL_MS
  await simulation.backfill({ machines: MACHINES, fromMs, toMs, together: 7 })
  const passes = [...byMachine().values()].map((bodies) =>
    bodies.flatMap(({ body }) => record(body).points).map(({ timeMs }) => timeMs),
  )
  expect(passes).toHaveLength(MACHINES)
  for (const times of passes) {
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(new Set(times).size).toBe(20)
    expect(times[0]).toBeGreaterThanOrEqual(fromMs)
    expect(times.at(-1)).toBeLessThan(toMs)
  }
  expect(simulation.passes).toBe(20 * MACHINES)
  expect(simulation.samples).toBe(passes.flat().length)
})
