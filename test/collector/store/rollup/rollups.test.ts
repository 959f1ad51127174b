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
import {
  BRIDGE_MS,
  type Figure,
  figuresOf,
  rolledTables,
} from '../../../../collector/store/rollup/rolled.ts'
import { Rollups } from '../../../../collector/store/rollup/rollups.ts'
import {
  firstMetric,
  pointShape,
  seriesShape,
  typedShape,
} from '../../../../collector/store/schema.ts'
import type { Store } from '../../../../collector/store/store.ts'
import { telling } from '../../../../collector/store/upkeep.ts'
import { OwnMetrics } from '../../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../../settings/log.ts'

const MINUTE = 60_000
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
    const minutes = new Map<number, number[]>()
    for (const { tsMs, value } of sorted) {
      const minuteMs = Math.floor(tsMs / MINUTE) * MINUTE
      minutes.set(minuteMs, [...(minutes.get(minuteMs) ?? []), value])
    }
    let before: { readonly ms: number; readonly last: number } | undefined
    for (const [ms, values] of minutes) {
      const of = values.at(-1)!
      const last = place === 'cpu' || place === 'user' ? Math.floor(of * 1_024) / 1_024 : of
      const isBridged = before !== undefined && ms - before.ms <= BRIDGE_MS
      const step = isBridged ? (last < before!.last ? last : last - before!.last) : 0
      before = { ms, last }
      const window = `${name} ${Math.floor(ms / windowMs) * windowMs}`
      const known = windows.get(window)
      windows.set(window, {
        min: Math.min(known?.min ?? Infinity, ...values),
        max: Math.max(known?.max ?? -Infinity, ...values),
        avg: mean(sorted, Number(window.split(' ').at(-1)), windowMs),
        increase: (known?.increase ?? 0) + step,
        last,
      })
    }
  }
  return windows
}

function mean(sorted: readonly Sample[], fromMs: number, windowMs: number): number {
  const values = sorted.flatMap(({ tsMs, value }) =>
    tsMs >= fromMs && tsMs < fromMs + windowMs ? [value] : [],
  )
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

async function stored(place: Place, tier: '1m' | '1h'): Promise<Map<string, Figures>> {
  const table = place === 'value' ? 'point' : places[place][0].name
  const column = place === 'value' ? 'value' : places[place][1]
  const { id, keys, values } = rolledTables.find((each) => each.table === table)!
  const figures = figuresOf(
    values.find((each) => each.column === column)!,
    tier,
  )
  const rows = await store.query<{ window: string } & Figures>(
    `SELECT concat(tenant, ' ', toString(${id}), ' ', ${keys[0] ?? "''"}, ' ', toString(toUnixTimestamp64Milli(ts))) AS window,
       ${figures.map((figure) => `${column}__${figure} AS ${figure}`).join(', ')}
     FROM ${table}_${tier} FINAL
     WHERE ${column}__${figures.at(-1)} IS NOT NULL AND ${id} NOT IN (50, 51, 52)`,
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
          // A mean of an hour is one of minutes, by their rows, of which some lack the column.
          const rounded = figure === 'last' ? 0 : 1e-6 * (1 + Math.abs(wantedValue))
          const isMean = figure === 'avg' && tier === '1h'
          const slack = isMean ? 0.1 * (wanted.max! - wanted.min!) : rounded
          expect(Math.abs(value! - wantedValue), where).toBeLessThanOrEqual(slack)
        }
      }
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

test('least, most and mean are those of gauges alone', async () => {
  const batch = new ColumnBatch()
  for (const [series, kind] of [
    [50n, 'counter'],
    [51n, 'gauge'],
  ] as const) {
    batch.table(seriesShape).append(['', series, kind, kind, '{}', start, start])
    batch.table(pointShape).append(['', series, start, 3])
  }
  await insert(batch)
  await rollups.round()
  const rows = await store.query(
    `SELECT value__max AS most, value__last AS last FROM point_1m FINAL
     WHERE series IN (50, 51) ORDER BY series`,
  )
  expect(rows).toEqual([
    { most: null, last: 3 },
    { most: 3, last: 3 },
  ])
})

test('a mean of an hour has fractions, and is below zero where its minutes are', async () => {
  const batch = new ColumnBatch()
  batch.table(seriesShape).append(['', 52n, 'gauge', 'gauge', '{}', start, start])
  for (const [minute, values] of [[-0.25], [0.5, 0.75]].entries()) {
    for (const [i, value] of values.entries()) {
      batch.table(pointShape).append(['', 52n, start + minute * MINUTE + i, value])
      batch.table(pointShape).append(['', 51n, start + minute * MINUTE + i, value - 2])
    }
  }
  await insert(batch)
  await rollups.round()
  const means = await store.query<{ mean: number }>(
    `SELECT value__avg AS mean FROM point_1h FINAL WHERE series IN (51, 52) ORDER BY series DESC`,
  )
  expect(means.map(({ mean }) => mean)).toEqual([
    expect.closeTo(1 / 3, 6),
    expect.closeTo(-5 / 3, 6),
  ])
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
  await insert(...hourOf(start + 2 * HOUR + HOUR / 4), ...hourOf(start - 10 * HOUR))
  await store.close()
  await open()
  await insert(...hourOf(start + 3 * HOUR))
  nowMs = start + 4 * HOUR + PIECE_MS
  await rollups.round()
  await compare()
})

test('an hour whose minutes were made again is made after a restart too', async () => {
  await insert(...hourOf(start - 10 * HOUR + HOUR / 3))
  const cut: Pick<Store, 'query' | 'command'> = {
    query: (...of) => store.query(...of),
    command: async (sql, options) => {
      if (sql.includes('_1h (')) throw new Error('power cut')
      await store.command(sql, options)
    },
  }
  rollups = new Rollups({ store: cut, own, now: () => nowMs })
  await expect(rollups.round()).rejects.toThrow('power cut')
  rollups = new Rollups({ store, own, now: () => nowMs })
  await rollups.round()
  await compare()
})

test('a table that cannot be rolled up holds no other up', async () => {
  nowMs += PIECE_MS
  await insert(...hourOf(start + 3 * HOUR + HOUR / 2))
  const cut: Pick<Store, 'query' | 'command'> = {
    query: (...of) => store.query(...of),
    command: async (sql, options) => {
      if (sql.startsWith('INSERT INTO container_1m')) throw new Error('too much')
      await store.command(sql, options)
    },
  }
  rollups = new Rollups({ store: cut, own, now: () => nowMs })
  await expect(rollups.round()).rejects.toThrow('too much')
  expect(rollups.minutesMs('point')).toBeGreaterThan(rollups.minutesMs('container')!)
  rollups = new Rollups({ store, own, now: () => nowMs })
  await rollups.round()
  await compare()
})

test('rows of few that came late are all that is made again', async () => {
  const made: string[] = []
  const watched: Pick<Store, 'query' | 'command'> = {
    query: (...of) => store.query(...of),
    command: async (sql, options) => {
      made.push(sql)
      await store.command(sql, options)
    },
  }
  rollups = new Rollups({ store: watched, own, now: () => nowMs })
  await rollups.round()
  made.length = 0
  const batch = new ColumnBatch()
  write(batch, 'memory', { tenant: '', id: 1n, key: '', tsMs: start + 1, value: 77 })
  await insert(batch)
  await rollups.round()
  const rolled = made.filter((sql) => sql.startsWith('INSERT INTO container_1'))
  expect(rolled.length).toBeGreaterThan(0)
  for (const sql of rolled) expect(sql).toContain(' AND entity IN (1)')
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
    `SELECT arraySort(groupArrayIf(step / seconds, seconds BETWEEN 1 AND 300)) AS cpu,
       arraySort(groupArrayIf(memory, memory IS NOT NULL)) AS memory
     FROM (
       SELECT memory_working_set_bytes__max AS memory, cpu_usage_seconds__last AS last,
         last_value(last) IGNORE NULLS OVER earlier AS before,
         maxIf(toUnixTimestamp(ts), last IS NOT NULL) OVER earlier AS at,
         if(last IS NULL, 0, toUnixTimestamp(ts) - at) AS seconds,
         if(last < before, last, last - before) AS step
       FROM container_1m FINAL WHERE tenant = '' AND entity = 1
         AND ts < (SELECT max(ts) + INTERVAL 1 HOUR FROM container_1h)
       WINDOW earlier AS (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
     )`,
  )
  for (const name of ['cpu', 'memory'] as const) {
    const values = exact![name]
    const rank = 0.95 * (values.length - 1)
    expect(values.length).toBeGreaterThan(200)
    expect(row![name]).toBeGreaterThan(0.98 * values[Math.floor(rank) - 1]!)
    expect(row![name]).toBeLessThan(1.02 * values[Math.ceil(rank) + 1]!)
  }
})
