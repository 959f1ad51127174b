/** What ended, from the rows of an agent through the store to those who ask. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { container } from '../../../catalog/tables/container.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { columnOf, tables } from '../../../catalog/tables.ts'
import { asking } from '../../../collector/find/asking.ts'
import { Entities } from '../../../collector/find/entities.ts'
import { fleetStore, readFleet } from '../../../collector/find/fleet.ts'
import { StrandReader } from '../../../collector/find/strands.ts'
import { parseSelector } from '../../../collector/query/promql.ts'
import { firstSampleMs, selectSeries } from '../../../collector/query/select.ts'
import { PassEncoder } from '../../../wire/otlp-encode.ts'
import { emptyRow, type Ended, type Entity, type Row } from '../../../wire/sample.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const STEP = 10_000
const now = Math.floor(Date.now() / STEP) * STEP
const host: Entity = { kind: 'machine', attributes: { 'host.id': 'h', 'host.name': 'web-1' } }
const narrowTable = tables.find(({ narrow, entity }) => narrow === true && entity === 'container')!

const containerOf = (path: string, inode: string): Entity => ({
  kind: 'container',
  attributes: {
    'host.id': 'h',
    'host.name': 'web-1',
    'candor.cgroup.path': path,
    'candor.cgroup.inode': inode,
    'candor.cgroup.level': 'container',
    'container.name': path.slice(1),
  },
  startMs: now - 600_000,
})
const lives = containerOf('/lives', '1')
const ends = containerOf('/ends', '2')
const again = containerOf('/ends', '3')

const rowsOf = (entity: Entity, usage: number): Row[] => {
  const row = emptyRow(container, entity)
  row.values[columnOf(container, 'memory_usage_bytes')] = usage
  row.values[columnOf(container, 'memory_limit_bytes')] = 1_000
  row.values[columnOf(container, 'memory_limit_effective_bytes')] = 1_000
  const narrow = emptyRow(
    narrowTable,
    entity,
    narrowTable.keys.map(({ label }) => label),
  )
  narrow.values.fill(usage)
  return [row, narrow]
}

function machineRow(): Row {
  const row = emptyRow(machine, host)
  row.values[columnOf(machine, 'cpu_cores')] = 4
  row.values[columnOf(machine, 'memory_mem_total_bytes')] = 10_000
  return row
}

let directory: string
let receiver: Receiver
const encoder = new PassEncoder()

async function push(timeMs: number, rows: readonly Row[], ended: readonly Ended[] = []) {
  for (const body of encoder.encode({ timeMs, rows, ended })) {
    expect((await receiver.post(body)).status).toBe(200)
  }
}
const containersAt = async (timeMs: number) => {
  const { entities } = await new Entities({ store: receiver.store }).list(timeMs)
  return entities.flatMap((each) => (each.kind === 'container' ? [each.path] : [])).toSorted()
}
/** Of a fleet that asks for more than any machine has, so that all of this one is looked at. */
const profilesAt = async (timeMs: number) => {
  const { store } = receiver
  const mix = { containers: 3, medianCpuCores: 100, medianMemoryBytes: 1e6 }
  const { all } = await readFleet(fleetStore(store, ''), timeMs)
  return new StrandReader().read(asking(store, '', timeMs), timeMs, all, mix)
}
const selected = async (name: string, path: string) => {
  const selector = parseSelector(`${name}{id="${path}"}`)
  const series = await selectSeries(receiver.store, selector, now - 600_000, now + 60_000)
  return series.map(({ times, values, labels }) => ({
    labels,
    points: Array.from(times, (time, i) => [time - now, values[i]]),
  }))
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-ended-'))
  receiver = await startReceiver(join(directory, 'data'))
  // Machines are judged after an hour.
  await push(now - 3_700_000, [machineRow()])
  for (const [i, timeMs] of [now - 4 * STEP, now - 3 * STEP, now - 2 * STEP].entries()) {
    await push(timeMs, [machineRow(), ...rowsOf(lives, i), ...rowsOf(ends, i)])
  }
})
afterAll(async () => {
  await receiver.stop()
  await rm(directory, { recursive: true })
})

test('what lives is there', async () => {
  expect(await containersAt(now - 2 * STEP)).toEqual(['/ends', '/lives'])
  expect((await profilesAt(now - 2 * STEP)).containers).toBe(2)
})

test('what ended is gone with the next pass, and its last values stay', async () => {
  const ended = [{ entity: ends, timeMs: now - STEP - 3_000, rows: rowsOf(ends, 77) }]
  await push(now - STEP, [machineRow(), ...rowsOf(lives, 3)], ended)
  expect(await containersAt(now - STEP)).toEqual(['/lives'])
  const { containers, machines } = await profilesAt(now - STEP)
  expect({ containers, allocated: machines[0]!.memoryAllocatedBytes }).toEqual({
    containers: 1,
    allocated: 1_000,
  })
  const points = [
    [-4 * STEP, 0],
    [-3 * STEP, 1],
    [-2 * STEP, 2],
    [-STEP - 3_000, 77],
  ]
  expect(
    (await selected('container_memory_usage_bytes', '/ends')).map((each) => each.points),
  ).toEqual([points])
  for (const { prom } of narrowTable.metrics.slice(0, 3)) {
    const series = await selected(prom, '/ends')
    expect(series.length).toBeGreaterThan(0)
    for (const each of series) {
      expect(each.labels).toMatchObject({ instance: 'web-1', id: '/ends', name: 'ends' })
      expect(each.points).toEqual(points)
    }
  }
})

test('the end of a narrow series is in the store, and is no sample', async () => {
  const { prom } = narrowTable.metrics[0]!
  const rows = await receiver.store.query<{ ms: number; ends: number }>(
    `SELECT toFloat64(toUnixTimestamp64Milli(ts)) AS ms, toFloat64(isNaN(value)) AS ends
     FROM point FINAL WHERE series IN
       (SELECT series FROM series WHERE name = {name:String} AND labels['id'] = '/ends')
     ORDER BY ts DESC LIMIT 2`,
    { name: prom },
  )
  expect(rows.map(({ ms, ends: isEnd }) => [ms - now, isEnd])).toEqual([
    [-STEP, 1],
    [-STEP - 3_000, 0],
  ])
  const selector = parseSelector(`${prom}{id="/ends"}`)
  expect(await firstSampleMs(receiver.store, selector, now - STEP, now)).toBeUndefined()
})

test('a cgroup that is made again at its old path is another, and is there', async () => {
  await push(now, [machineRow(), ...rowsOf(lives, 4), ...rowsOf(again, 1)])
  expect(await containersAt(now)).toEqual(['/ends', '/lives'])
  expect((await profilesAt(now)).containers).toBe(2)
})
