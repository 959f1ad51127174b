import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { container } from '../../../../catalog/tables/container.ts'
import { machineCpu } from '../../../../catalog/tables/machine-cpu.ts'
import { columnOf } from '../../../../catalog/tables.ts'
import { ColumnBatch } from '../../../../collector/store/columns.ts'
import { openStore } from '../../../../collector/store/open-store.ts'
import { CLOSING_MS, PIECE_MS } from '../../../../collector/store/rollup/plan.ts'
import { BRIDGE_MS, type Figure, rolledTables } from '../../../../collector/store/rollup/rolled.ts'
import { Rollups } from '../../../../collector/store/rollup/rollups.ts'
import { firstMetric, pointShape, typedShape } from '../../../../collector/store/schema.ts'
import type { Store } from '../../../../collector/store/store.ts'
import { telling } from '../../../../collector/store/upkeep.ts'
import { OwnMetrics } from '../../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../../settings/log.ts'

const HOUR = 3_600_000
const start = Date.UTC(2026, 5, 10, 22, 30)

let path: string
let store: Store
let nowMs = start
let rollups: Rollups
const own = new OwnMetrics()

const open = async () => {
  store = await openStore({ path }, silentLog())
  rollups = new Rollups({ store, own, now: () => nowMs })
}
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'candor-rollup-'))
  await open()
})
afterAll(async () => {
  await store.close()
  await rm(path, { recursive: true })
})

/** One sample as the test knows it; undefined is absent. */
interface Sample {
  readonly tenant: string
  readonly id: bigint
  readonly key: string
  readonly tsMs: number
  readonly value: number
}

/** The columns that are looked at: a gauge and a counter without a key, a counter with one, a series. */
const places = {
  memory: [container, 'memory_working_set_bytes'],
  cpu: [container, 'cpu_usage_seconds'],
  user: [machineCpu, 'user_seconds'],
} as const
type Place = keyof typeof places | 'value'
/** By place, then by row, then the sample: what is told twice is there once. */
const told = new Map<Place, Map<string, Sample>>()

function remember(place: Place, sample: Sample): void {
  const { tenant, id, key, tsMs } = sample
  let samples = told.get(place)
  if (samples === undefined) told.set(place, (samples = new Map<string, Sample>()))
  samples.set(`${tenant} ${id} ${key} ${tsMs}`, sample)
}

function write(batch: ColumnBatch, place: Place, sample: Sample): void {
  const { tenant, id, key, tsMs, value } = sample
  remember(place, sample)
  if (place === 'value') {
    batch.table(pointShape).append([tenant, id, tsMs, value])
    return
  }
  const [table, column] = places[place]
  const columns = batch.table(typedShape(table))
  const row = columns.append([tenant, id, tsMs, ...(table.keys.length > 0 ? [key] : [])])
  columns.setNumber(firstMetric(table) + columnOf(table, column), row, value)
}

/** Numbers that are the same at every run. */
let seed = 1
const random = () => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}

/** Samples of an hour every 15 s with silences, resets, gaps in single columns, ends and doubles. */
function hourOf(fromMs: number): ColumnBatch[] {
  const batch = new ColumnBatch()
  const again = new ColumnBatch()
  for (const tenant of ['', 'other']) {
    for (const id of [1n, 2n ** 64n - 1n]) {
      let counted = 100 * random()
      for (let tsMs = fromMs; tsMs < fromMs + HOUR; tsMs += 15_000) {
        if (random() < 0.01) tsMs += 2 * BRIDGE_MS * random()
        counted = random() < 0.02 ? random() : counted + random()
        const sample = { tenant, id, key: '', tsMs: Math.round(tsMs), value: counted }
        const into = random() < 0.1 ? [batch, again] : [batch]
        for (const each of into) {
          if (random() < 0.9)
            write(each, 'memory', { ...sample, value: Math.round(1e6 * random()) })
          if (random() < 0.9) write(each, 'cpu', sample)
          write(each, 'user', { ...sample, key: '0' })
          write(each, 'user', { ...sample, key: '1', value: 2 * counted })
          write(each, 'value', random() < 0.03 ? { ...sample, value: Number.NaN } : sample)
        }
      }
    }
  }
  return [batch, again]
}

type Figures = Partial<Record<Figure, number | null>>

/** What the rollup of a place must be, out of what was told: by tenant, id, key and window. */
function expected(place: Place, windowMs: number, madeMs: number): Map<string, Figures> {
  const series = Map.groupBy(
    [...(told.get(place)?.values() ?? [])].filter(({ tsMs }) => tsMs < madeMs),
    ({ tenant, id, key }) => `${tenant} ${id} ${key}`,
  )
  const windows = new Map<string, Figures>()
  for (const [name, samples] of series) {
    const sorted = samples
      .filter(({ value }) => !Number.isNaN(value))
      .toSorted((a, b) => a.tsMs - b.tsMs)
    for (const [i, { tsMs, value }] of sorted.entries()) {
      const window = `${name} ${Math.floor(tsMs / windowMs) * windowMs}`
      const before = sorted[i - 1]
      const isBridged = before !== undefined && tsMs - before.tsMs <= BRIDGE_MS
      const step = isBridged ? (value < before.value ? value : value - before.value) : 0
      const { min, max, sum = 0, count = 0, increase = 0 } = windows.get(window) ?? {}
      windows.set(window, {
        min: Math.min(min ?? Infinity, value),
        max: Math.max(max ?? -Infinity, value),
        sum: sum! + value,
        count: count! + 1,
        increase: increase! + step,
        last: value,
      })
    }
  }
  return windows
}

async function stored(place: Place, tier: '1m' | '1h'): Promise<Map<string, Figures>> {
  const table = place === 'value' ? 'point' : places[place][0].name
  const column = place === 'value' ? 'value' : places[place][1]
  const { id, keys, values } = rolledTables.find((each) => each.table === table)!
  const { figures } = values.find((each) => each.column === column)!
  const rows = await store.query<{ window: string } & Figures>(
    `SELECT concat(tenant, ' ', toString(${id}), ' ', ${keys[0] ?? "''"}, ' ', toString(toUnixTimestamp64Milli(ts))) AS window,
       ${figures.map((figure) => `${column}__${figure} AS ${figure}`).join(', ')}
     FROM ${table}_${tier} FINAL WHERE ${column}__last IS NOT NULL`,
  )
  return new Map(rows.map(({ window, ...each }) => [window, each]))
}

async function compare(): Promise<void> {
  const madeMs = Math.floor((nowMs - CLOSING_MS) / PIECE_MS) * PIECE_MS
  const hoursMs = Math.floor(madeMs / HOUR) * HOUR
  for (const place of ['memory', 'cpu', 'user', 'value'] as const) {
    for (const [tier, windowMs, untilMs] of [
      ['1m', 60_000, madeMs],
      ['1h', HOUR, hoursMs],
    ] as const) {
      const want = expected(place, windowMs, untilMs)
      const have = await stored(place, tier)
      expect([...have.keys()].toSorted()).toEqual([...want.keys()].toSorted())
      for (const [window, figures] of have) {
        const wanted = want.get(window)!
        for (const [figure, value] of Object.entries(figures) as [Figure, number | null][]) {
          const where = `${place} ${tier} ${window} ${figure}`
          const wantedValue = wanted[figure]!
          // Sums are added up in another order.
          const slack = figure === 'sum' || figure === 'increase' ? 1e-6 * (1 + wantedValue) : 0
          expect(Math.abs(value! - wantedValue), where).toBeLessThanOrEqual(slack)
        }
      }
      expect(have.size).toBe(want.size)
    }
  }
}

const insert = async (...batches: ColumnBatch[]) => {
  const watched = telling(store, (batch) => rollups.stored(batch))
  for (const batch of batches) await watched.insertRows(batch)
}

test('rollups are what a look at every sample gives', async () => {
  await insert(...hourOf(start), ...hourOf(start + HOUR))
  nowMs = start + 2 * HOUR
  await rollups.round()
  await compare()
  expect(expected('memory', 60_000, nowMs).size).toBeGreaterThan(400)
})

test('rows that come late, and in the middle of what is there, change them', async () => {
  await insert(...hourOf(start - 3 * HOUR), ...hourOf(start + HOUR / 2))
  const batch = new ColumnBatch()
  write(batch, 'cpu', { tenant: '', id: 1n, key: '', tsMs: start + PIECE_MS - 1, value: 7 })
  await insert(batch)
  await rollups.round()
  await compare()
})

test('a row that is older than rollups look back is counted', async () => {
  const batch = new ColumnBatch()
  batch.table(pointShape).append(['', 9n, start - 30 * HOUR, Number.NaN])
  await insert(batch)
  expect(await own.render()).toContain(
    'candor_rollup_dropped_total{table="point",reason="rollupLateMs"} 1',
  )
})

test('a restart in the middle makes what was missed, and what was marked lately', async () => {
  await insert(...hourOf(start + 2 * HOUR))
  nowMs = start + 3 * HOUR
  await rollups.round()
  // Late, and the process ends before it is rolled up again; then more, while nobody rolls up.
  await insert(...hourOf(start + 2 * HOUR + HOUR / 4))
  await store.close()
  await open()
  await insert(...hourOf(start + 3 * HOUR))
  nowMs = start + 4 * HOUR + PIECE_MS
  await rollups.round()
  await compare()
})

test('made again, a window is one row, and nothing else changes', async () => {
  const rows = () =>
    store.query(`SELECT count() AS n, sum(cityHash64(*)) AS hash FROM container_1m FINAL`)
  const before = await rows()
  await store.command('TRUNCATE TABLE rollup_progress')
  await store.close()
  await open()
  await rollups.round()
  expect(await rows()).toEqual(before)
  await compare()
})

test('sketches of hours merge into quantiles of days', async () => {
  const [row] = await store.query<{ cpu: number; memory: number }>(
    `SELECT quantileDDMerge(0.01, 0.95)(cpu_usage_seconds__sketch) AS cpu,
       quantileDDMerge(0.01, 0.95)(memory_working_set_bytes__sketch) AS memory
     FROM container_1h FINAL WHERE tenant = '' AND entity = 1`,
  )
  const [exact] = await store.query<{ cpu: number[]; memory: number[] }>(
    `SELECT arraySort(groupArray(cpu_usage_seconds__increase / 60)) AS cpu,
       arraySort(groupArray(memory_working_set_bytes__max)) AS memory
     FROM container_1m FINAL WHERE tenant = '' AND entity = 1
       AND ts < (SELECT max(ts) + INTERVAL 1 HOUR FROM container_1h)`,
  )
  for (const name of ['cpu', 'memory'] as const) {
    const values = exact![name]
    const rank = 0.95 * (values.length - 1)
    expect(values.length).toBeGreaterThan(200)
    expect(row![name]).toBeGreaterThan(0.98 * values[Math.floor(rank) - 1]!)
    expect(row![name]).toBeLessThan(1.02 * values[Math.ceil(rank) + 1]!)
  }
})
