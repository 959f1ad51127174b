import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attributes as known } from '../../../catalog/entity.ts'
import { facts } from '../../../catalog/fact.ts'
import { runtime } from '../../../catalog/tables/runtime.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { readFacts } from '../../../collector/find/facts.ts'
import { PassEncoder } from '../../../wire/otlp-encode.ts'
import { emptyRow, type Entity } from '../../../wire/sample.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const START = Date.now() - 3_600_000
const MINUTE = 60_000

let directory: string
let receiver: Receiver
const encoder = new PassEncoder()

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-facts-'))
  receiver = await startReceiver(join(directory, 'data'))
})
afterAll(async () => {
  await receiver.stop()
  await rm(directory, { recursive: true })
})

const jvm = (pid: number, more: Record<string, string>): Entity => ({
  kind: 'runtime',
  attributes: {
    'host.id': 'h1',
    'host.name': 'web-1',
    'process.pid': String(pid),
    'process.creation.time': `then ${pid}`,
    'process.runtime.name': 'jvm',
    'candor.runtime.name': 'shop.jar',
    ...more,
  },
})

async function push(timeMs: number, entity: Entity): Promise<void> {
  const row = emptyRow(runtime, entity)
  row.values[columnOf(runtime, 'os_threads')] = 40
  for (const body of encoder.encode({ timeMs, rows: [row], ended: [] }))
    expect((await receiver.post(body)).status).toBe(200)
}

/** `minutes name: before → value`, the newest first. */
async function changes(workload: string): Promise<string[]> {
  const found = await readFacts(
    receiver.store,
    { workload, limit: 100 },
    { untilMs: START + 100 * MINUTE },
  )
  return found.map(
    ({ name, before, value, sinceMs }) =>
      `${(sinceMs - START) / MINUTE} ${name}: ${before ?? '–'} → ${value}`,
  )
}

const rowsStored = async () => {
  const rows = await receiver.store.query<{ rows: number }>(
    'SELECT toFloat64(count()) AS rows FROM fact FINAL',
  )
  return rows[0]!.rows
}

async function restart(): Promise<void> {
  await receiver.stop()
  receiver = await startReceiver(join(directory, 'data'))
}

test('a flag that changed between two processes of one workload', async () => {
  const old = jvm(1, { 'container.name': 'a', 'candor.jvm.flags': '-Xmx1g' })
  const now = jvm(2, { 'container.name': 'a', 'candor.jvm.flags': '-Xmx2g' })
  await push(START, old)
  await push(START + MINUTE, old)
  await push(START + 2 * MINUTE, now)
  expect(await changes('a/shop.jar')).toEqual([
    '2 candor.jvm.flags: -Xmx1g → -Xmx2g',
    '0 candor.jvm.flags: – → -Xmx1g',
    '0 process.runtime.name: – → jvm',
  ])
  const [newest] = await readFacts(
    receiver.store,
    { workload: 'a/shop.jar', limit: 1 },
    { untilMs: START + 100 * MINUTE },
  )
  expect(newest).toMatchObject({ kind: 'runtime', machine: 'web-1', before: '-Xmx1g' })
  const ofEntity = await readFacts(
    receiver.store,
    { entity: newest!.entity, limit: 10 },
    { untilMs: START + 100 * MINUTE },
  )
  expect(ofEntity.map(({ name, value, before }) => [name, value, before])).toEqual([
    ['candor.jvm.flags', '-Xmx2g', undefined],
    ['process.runtime.name', 'jvm', undefined],
  ])
})

test('what is sent again, and what is said again after a restart, is no change', async () => {
  const first = jvm(11, { 'container.name': 'b', 'process.runtime.version': '17' })
  const second = jvm(12, { 'container.name': 'b', 'process.runtime.version': '21' })
  await push(START, first)
  await push(START + MINUTE, second)
  const want = [
    '1 process.runtime.version: 17 → 21',
    '0 process.runtime.name: – → jvm',
    '0 process.runtime.version: – → 17',
  ]
  expect(await changes('b/shop.jar')).toEqual(want)
  const stored = await rowsStored()
  await restart()
  // The same request: an agent that got no answer sends it again.
  await push(START, first)
  await push(START + MINUTE, second)
  expect(await rowsStored()).toBe(stored)
  await restart()
  // Both go on, in turns.
  await push(START + 2 * MINUTE, first)
  await push(START + 3 * MINUTE, second)
  expect(await changes('b/shop.jar')).toEqual(want)
})

test('back and forth are two changes', async () => {
  const image = (name: string) => jvm(21, { 'container.name': 'c', 'candor.jvm.collector': name })
  await push(START, image('G1'))
  await push(START + MINUTE, image('ZGC'))
  await push(START + 2 * MINUTE, image('G1'))
  expect(await changes('c/shop.jar')).toEqual([
    '2 candor.jvm.collector: ZGC → G1',
    '1 candor.jvm.collector: G1 → ZGC',
    '0 candor.jvm.collector: – → G1',
    '0 process.runtime.name: – → jvm',
  ])
})

test('what moves by itself and what names one process are no facts', async () => {
  await push(
    START,
    jvm(31, { 'container.name': 'd', 'candor.jvm.gc.cause': 'x', 'candor.cgroup.path': '/d' }),
  )
  expect(await changes('d/shop.jar')).toEqual(['0 process.runtime.name: – → jvm'])
})

test('every fact is an attribute that is documented', () => {
  for (const name of [...facts.container, ...facts.runtime]) expect(known).toHaveProperty([name])
})
