/**
 * What rollups answer, beside what the same queries had for an answer while the samples were there. The
 * samples go, and the rollups were made, by what does so in a collector.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { QueryAnswer } from '../../../../../collector/query/answer.ts'
import type { Grid } from '../../../../../collector/query/grid/grid.ts'
import { StoreSource } from '../../../../../collector/query/leaf/store-source.ts'
import { QueryHouse, StoreQueries } from '../../../../../collector/query/store-queries.ts'
import { OwnMetrics } from '../../../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../../../settings/log.ts'
import type { Store } from '../../../../../collector/store/store.ts'
import { type OpenedStore, openedStore } from '../../../find/opened-store.ts'
import { readings } from '../../../sql-of-tenants.ts'
import {
  BEGINNINGS,
  DAY,
  fill,
  FROM,
  HOUR,
  MINUTE,
  MINUTES_FROM,
  NOW,
  RETENTION,
  rolledUp,
  SAMPLES_FROM,
} from './store.ts'
import { someLimits } from '../some-limits.ts'

const settings = { ...someLimits, maxSamples: 5_000_000, maxConcurrency: 2, lookbackMs: 300_000 }
const other = { waiting: 10, labels: 1_000 }

let opened: OpenedStore
/** Out of samples alone, and as a collector asks. */
let ofSamples: StoreQueries
let queries: StoreQueries
let house: QueryHouse
/** All that `house` asks. */
const statements: { readonly sql: string; readonly tenant: unknown }[] = []

interface Asked {
  readonly text: string
  readonly grid: Grid
}
const before = new Map<Asked, QueryAnswer>()
const asked: Asked[] = []
/** To be asked before samples go, too. */
function beforehand(text: string, startMs: number, endMs: number, stepMs: number): Asked {
  const one = { text, grid: { startMs, endMs, stepMs } }
  asked.push(one)
  return one
}

type Values = Map<string, Map<number, number>>

function valuesOf({ value }: QueryAnswer): Values {
  if (value.type !== 'matrix') throw new Error(value.type)
  return new Map(
    value.series.map(({ labels, times, values }) => [
      JSON.stringify(labels.toObject()),
      new Map(Array.from(times, (ms, i) => [ms, values[i]!])),
    ]),
  )
}

/** Of each value that samples had, what it is now. */
async function pairs(one: Asked): Promise<{
  both: { at: string; first: number; now: number | undefined }[]
  infos: readonly string[]
}> {
  const answer = await queries.range(one.text, one.grid)
  const now = valuesOf(answer)
  const both = [...valuesOf(before.get(one)!)].flatMap(([key, values]) =>
    [...values].map(([ms, first]) => ({
      at: `${one.text} ${key} ${new Date(ms).toISOString()}`,
      first,
      now: now.get(key)?.get(ms),
    })),
  )
  return { both, infos: answer.infos }
}

/** As Float32 keeps it. */
const TOLERANCE = 2e-7

async function expectSame(one: Asked, within: (first: number) => number): Promise<void> {
  const { both, infos } = await pairs(one)
  expect(both.length).toBeGreaterThan(0)
  const wrong = both.filter(
    ({ first, now }) => now === undefined || !(Math.abs(now - first) <= within(first)),
  )
  expect(wrong.slice(0, 5)).toEqual([])
  expect(infos.join('\n')).toContain('from rollups of')
}
const exactly = (first: number) => TOLERANCE * Math.abs(first)

const HOURS = [FROM + HOUR, FROM + 11 * HOUR] as const
const MINUTES = [SAMPLES_FROM - 15 * HOUR, SAMPLES_FROM] as const
const LEVELS = ['room_celsius', 'node_load1', 'container_memory_working_set_bytes']
const COUNTERS = [
  ['shop_requests_total', 25],
  ['shop_errors_total', 1],
  ['container_cpu_usage_seconds_total', 1],
] as const

// Whole rollups: exact.
const whole = [...LEVELS, 'candor_machine_cpus', 'shop_requests_total'].flatMap((name) =>
  ['count', 'present'].flatMap((of) => [
    beforehand(`${of}_over_time(${name}[3h])`, HOURS[0], HOURS[1], HOUR),
    beforehand(`${of}_over_time(${name}[7m])`, MINUTES[0], MINUTES[1], 7 * MINUTE),
  ]),
)
const wholeLevels = [...LEVELS, 'candor_machine_cpus'].flatMap((name) =>
  ['min', 'max', 'sum', 'avg'].flatMap((of) => [
    beforehand(`${of}_over_time(${name}[3h])`, HOURS[0], HOURS[1], HOUR),
    beforehand(`${of}_over_time(${name}[7m])`, MINUTES[0], MINUTES[1], 7 * MINUTE),
    beforehand(`${of}_over_time(${name}[28d])`, NOW - (NOW % HOUR), NOW - (NOW % HOUR), HOUR),
  ]),
)
// Counters within what a rollup at each edge counts, and what raw rates extrapolate.
const rises = COUNTERS.flatMap(([name, most]) => [
  { most: 2 * 120 * most, one: beforehand(`increase(${name}[6h])`, HOURS[0], HOURS[1], HOUR) },
  { most: 2 * 120 * most, one: beforehand(`increase(${name}[1h])`, HOURS[0], HOURS[1], 2 * HOUR) },
  {
    most: 6 * most,
    one: beforehand(`increase(${name}[20m])`, MINUTES[0], MINUTES[1], 13 * MINUTE),
  },
  { most: 6 * most, one: beforehand(`increase(${name}[5m])`, MINUTES[0], MINUTES[1], 3 * MINUTE) },
  {
    most: (2 * 120 * most) / (12 * 3_600),
    one: beforehand(`rate(${name}[12h])`, HOURS[0], NOW, 3 * HOUR),
  },
])
const newestValues = [
  beforehand('shop_requests_total', MINUTES[0], MINUTES[1], 11 * MINUTE),
  beforehand('container_cpu_usage_seconds_total', MINUTES[0], MINUTES[1], 11 * MINUTE),
  beforehand('candor_machine_cpus', HOURS[0], MINUTES[1], HOUR),
  beforehand('last_over_time(shop_errors_total[1h])', HOURS[0], HOURS[1], HOUR),
]
const quantiles = [
  beforehand(
    'quantile_over_time(0.9, container_memory_working_set_bytes{id="/lone"}[6h])',
    HOURS[0],
    HOURS[1],
    HOUR,
  ),
  beforehand(
    'quantile_over_time(0.7, container_memory_working_set_bytes{id="/lone"}[2h])',
    HOURS[0] + HOUR,
    HOURS[1],
    2 * HOUR,
  ),
]
const up = beforehand('avg_over_time(up{instance="m1"}[1d])', FROM + 2 * DAY, NOW, DAY)
const month = [
  'sum(increase(shop_errors_total[28d])) / sum(increase(shop_requests_total[28d]))',
  'avg_over_time(up{instance="m1"}[28d])',
  'sum(increase(shop_errors_total[39d])) / sum(increase(shop_requests_total[39d]))',
  'sum(rate(shop_errors_total[28d])) / sum(rate(shop_requests_total[28d]))',
].map((text) => beforehand(text, NOW - 2 * HOUR, NOW, 20 * MINUTE))

const anyGrids = fc
  .sample(
    fc.record({
      text: fc.constantFrom(
        'room_celsius',
        'node_load1',
        'shop_requests_total',
        'container_memory_working_set_bytes',
        'up',
        'rate(shop_requests_total[5m])',
        'rate(container_cpu_usage_seconds_total[2m])',
        'increase(shop_errors_total[1h])',
        'avg_over_time(node_load1[10m])',
        'max_over_time(container_memory_working_set_bytes[30m])',
        'irate(shop_requests_total[5m])',
        'delta(room_celsius[1h])',
        'deriv(room_celsius[30m])',
        'quantile_over_time(0.9, room_celsius[1h])',
        'stddev_over_time(node_load1[5m])',
        'changes(room_celsius[10m])',
        'count_over_time(up[5m])',
        'sum by (site) (rate({__name__=~"shop_.*"}[5m]))',
      ),
      borderMs: fc.constantFrom(MINUTES_FROM, SAMPLES_FROM),
      stepMs: fc.integer({ min: 7_000, max: HOUR }),
      before: fc.integer({ min: 10, max: 60 }),
      after: fc.integer({ min: 10, max: 60 }),
      shiftMs: fc.integer({ min: 0, max: HOUR }),
    }),
    { numRuns: process.env['LONG'] === undefined ? 60 : 1_000, seed: 20_261_111 },
  )
  .map(({ text, borderMs, stepMs, before: b, after, shiftMs }) =>
    beforehand(text, borderMs + shiftMs - b * stepMs, borderMs + shiftMs + after * stepMs, stepMs),
  )

beforeAll(async () => {
  opened = await openedStore()
  await fill(opened.store)

  await fill(opened.store, 'other')
  const { store } = opened
  ofSamples = new StoreQueries(new QueryHouse(store, settings, other), '', () => NOW)
  const recording: Pick<Store, 'queryColumns'> = {
    queryColumns: (sql, parameters = {}, options) => {
      statements.push({ sql, tenant: parameters['tenant'] })
      return store.queryColumns(sql, parameters, options)
    },
  }
  house = new QueryHouse(recording, settings, { ...other, retention: RETENTION })
  await house.test(new OwnMetrics(), silentLog())
  queries = new StoreQueries(house, '', () => NOW)
  for (const one of asked) before.set(one, await ofSamples.range(one.text, one.grid))
  const upkept = await rolledUp(store)
  await upkept.drop()
}, 300_000)
afterAll(() => opened[Symbol.asyncDispose]())

test('samples and minutes are gone where they are said to be', async () => {
  const oldest = async (table: string) => {
    const [row] = await opened.store.query<{ ms: number }>(
      `SELECT toFloat64(toUnixTimestamp64Milli(min(ts))) AS ms FROM ${table}`,
    )
    return row!.ms
  }
  for (const table of ['machine', 'container', 'point']) {
    expect(await oldest(table)).toBe(SAMPLES_FROM + 7_000)
    expect(await oldest(`${table}_1m`)).toBe(MINUTES_FROM + HOUR)
    expect(await oldest(`${table}_1h`)).toBe(FROM)
  }
})

describe('over whole rollups', () => {
  test('how many there are is exact', async () => {
    for (const one of whole) await expectSame(one, exactly)
  })
  test('least, most, sum and mean of levels are exact', async () => {
    for (const one of wholeLevels) await expectSame(one, exactly)
  })
  test('counters rise by as much but for what the edges have', async () => {
    for (const { one, most } of rises) await expectSame(one, () => most)
  })
  test('the newest value is that of the rollup', async () => {
    for (const one of newestValues) await expectSame(one, exactly)
  })
})

test('quantiles of what sketches are kept of', async () => {
  for (const one of quantiles) {
    // Of the most of each minute, which is a little more.
    await expectSame(one, (first) => 0.013 * first)
    const { infos } = await queries.range(one.text, one.grid)
    expect(infos.at(-1)).toContain('are of the most of each minute, right to 1 %')
  }
})

test('what a counter has risen by in each day is in all what it has risen by', async () => {
  const days = { startMs: FROM + 2 * DAY, endMs: NOW - (NOW % DAY), stepMs: DAY }
  const { infos, ...answer } = await queries.range('sum(increase(shop_errors_total[1d]))', days)
  const each = [...[...valuesOf({ infos, ...answer }).values()][0]!.values()]
  const all = await queries.range('sum(increase(shop_errors_total[39d]))', {
    ...days,
    startMs: days.endMs,
  })
  const [sum] = [...valuesOf(all).values()].flatMap((values) => [...values.values()])
  // What is left to samples is extrapolated, day by day.
  expect(Math.abs(each.reduce((a, b) => a + b) - sum!)).toBeLessThan(15 * 2)
})

test('the share of a day in which a machine was up', async () => {
  await expectSame(up, () => 0.003)
})

test('objectives over 28 days have all of their time', async () => {
  // A silence costs a step.
  for (const one of month) await expectSame(one, (first) => 2e-2 * first)
})

describe('no step is missing that samples had', () => {
  /** Of what has changed nothing is known until there are two rollups. */
  const isBeginning = (ms: number, isMinute: boolean) =>
    BEGINNINGS.some((from) => ms >= from && ms <= from + (isMinute ? 2 * MINUTE : 2 * HOUR))
  for (const one of anyGrids) {
    test(`${one.text} each ${one.grid.stepMs} ms`, async () => {
      const { both, infos } = await pairs(one)
      const missing = both.filter(({ at, now }) => {
        const ms = Date.parse(at.split(' ').at(-1)!)
        return now === undefined && !isBeginning(ms, ms >= MINUTES_FROM + 2 * HOUR)
      })
      expect(missing.slice(0, 5)).toEqual([])
      const isOld = one.grid.startMs < SAMPLES_FROM
      const isSaid = infos.some((info) => info.includes('from rollups of'))
      expect(isOld && !isSaid).toBe(false)
    })
  }
})

describe('of each tenant its own', () => {
  const grid = { startMs: FROM + HOUR, endMs: NOW, stepMs: 12 * HOUR }
  const sum = async (tenant: string) => {
    const its = new StoreQueries(house, tenant, () => NOW)
    const answer = await its.range('sum(increase(shop_requests_total[1d])) + sum(up)', grid)
    return { infos: answer.infos, values: [...valuesOf(answer).values()].map((all) => [...all]) }
  }
  test('values, and no border where nothing was', async () => {
    const [first, second, none] = [await sum(''), await sum('other'), await sum('nobody')]
    expect(first.values[0]!.length).toBeGreaterThan(5)
    expect(second.values[0]!.length).toBe(first.values[0]!.length)
    expect(second.values).not.toEqual(first.values)
    expect(second.infos).toEqual(first.infos)
    expect(none).toEqual({ infos: [], values: [] })
  })
  test('each statement is of one tenant', () => {
    const read = statements.flatMap(({ sql, tenant }) =>
      readings(sql).map(({ table, isGuarded }) => ({ table, isGuarded, tenant, sql })),
    )
    const rolled = read.filter(({ table }) => /_1[mh]$/.test(table))
    expect([...new Set(rolled.map(({ table }) => table))].toSorted()).toEqual(
      ['container', 'machine', 'point'].flatMap((table) => [`${table}_1h`, `${table}_1m`]),
    )
    expect(rolled.filter(({ isGuarded, tenant }) => !isGuarded || tenant === undefined)).toEqual([])
  })
})

describe('what is said', () => {
  const f = async (text: string, atMs: number, want: readonly string[]) => {
    const { infos } = await queries.instant(text, atMs)
    expect(infos).toEqual(want.map((info) => `PromQL info: ${info}`))
  }
  const minutes = 'windows that begin before 2026-10-27T00:00:00.000Z from rollups of 1m'
  const hours = 'windows that begin before 2026-10-12T00:00:00.000Z from rollups of 1h'
  const short = (window: string, tier: string) =>
    `a window of ${window} is shorter than rollups of ${tier}: what it has is that of all of such a rollup`
  const old = FROM + 5 * HOUR
  const late = SAMPLES_FROM - 14 * HOUR
  test('nothing where samples have all of it', () => f('rate(shop_errors_total[5m])', NOW, []))
  test('where it comes from', () => f('shop_errors_total', late, [minutes]))
  test('of the oldest', () => f('rate(shop_errors_total[1d])', old, [hours]))
  test('that a window is short', () =>
    f('rate(shop_errors_total[5m])', old, [hours, short('5m', '1h')]))
  test('that rollups are taken for samples', () =>
    f('deriv(room_celsius[1h])', late, [
      minutes,
      'deriv over rollups takes each for one sample, its newest or its mean',
    ]))
  test('that a value is not kept', () =>
    f('container_cpu_usage_seconds_total', old, [
      hours,
      'rollups of 1h keep of some counters only what was counted: no newest of these',
    ]))
  test('of samples that a parameter is not known for', () =>
    f('quantile_over_time(scalar(vector(0.5)), room_celsius[1h])', late, [
      minutes,
      'rollups are taken for samples, each with its newest value or its mean',
    ]))
  test('in a plan, with its statements', async () => {
    const text = await queries.explain('rate(shop_errors_total[2h])', {
      startMs: MINUTES_FROM,
      endMs: NOW,
      stepMs: HOUR,
    })
    expect(text).toContain(
      'windows that begin before 2026-10-27T00:00:00.000Z from rollups of 1m, before 2026-10-12T00:00:00.000Z from rollups of 1h',
    )
    for (const table of ['point_1h', 'point_1m', 'point']) {
      expect(text).toMatch(new RegExp(`FROM ${table}\\b`))
    }
  })
})

test('of what is another entity under the same labels rows are taken for samples', async () => {
  const { infos } = await queries.instant(
    'quantile_over_time(0.9, container_memory_working_set_bytes{id="/shop"}[6h])',
    FROM + 8 * HOUR,
  )
  expect(infos.at(-1)).toContain('takes each for one sample')
})

test('where minutes are too many, hours answer', async () => {
  const few = new QueryHouse(
    opened.store,
    { ...settings, maxSamples: 500 },
    { ...other, retention: RETENTION },
  )
  const answer = await new StoreQueries(few, '', () => NOW).instant(
    'max_over_time(room_celsius[20d])',
    SAMPLES_FROM + 5 * DAY,
  )
  expect(answer.infos).toContainEqual(expect.stringContaining('too many samples for this query'))
  const exact = await queries.instant('max_over_time(room_celsius[20d])', SAMPLES_FROM + 5 * DAY)
  expect(answer.value).toEqual(exact.value)
})

test('where hours are too many, too, steps are answered one half after the other', async () => {
  const grid = { startMs: FROM + 2 * HOUR, endMs: FROM + 40 * DAY, stepMs: 2 * HOUR }
  const text = 'increase(shop_requests_total[2h])'
  const few = new QueryHouse(
    opened.store,
    { ...settings, maxSamples: 500 },
    { ...other, retention: RETENTION },
  )
  const limited = new StoreSource({
    store: opened.store,
    tenant: '',
    limits: { ...few.settings, maxSamples: 20 },
    cache: few.cache,
    trusted: new Set(),
    tiers: few.tiers,
    now: () => NOW,
  })
  const leaf = { name: 'shop_requests_total', matchers: [], grid, windowMs: 2 * HOUR }
  const ask = { kind: 'function', name: 'increase', parameters: [] } as const
  const old = { ...leaf, ask, grid: { ...grid, endMs: FROM + 12 * HOUR } }
  const answer = await limited.answer(old)
  const exact = valuesOf(await queries.range(text, old.grid))
  const [series] = answer.series
  expect(answer.kind).toBe('values')
  expect([...series!.values].filter((value) => value > 0)).toEqual([
    ...[...exact.values()][0]!.values(),
  ])
})

describe('where samples are too many', () => {
  const few = () =>
    new StoreQueries(
      new QueryHouse(
        opened.store,
        { ...settings, maxSamples: 700 },
        { ...other, retention: RETENTION },
      ),
      '',
      () => NOW,
    )
  const lastHours = (stepMs: number) => ({
    startMs: NOW - (NOW % HOUR) - 9 * HOUR,
    endMs: NOW - (NOW % HOUR),
    stepMs,
  })
  const f = async (text: string, grid: Grid, tier: string) => {
    const found = await few().range(text, grid)
    const exact = valuesOf(await ofSamples.range(text, grid))
    const values = valuesOf(found)
    expect([...values.keys()]).toEqual([...exact.keys()])
    for (const [key, all] of exact) {
      expect([...values.get(key)!]).toEqual(
        [...all].map(([ms, value]) => [ms, expect.closeTo(value, 3)]),
      )
    }
    expect(exact.size).toBe(1)
    expect(found.infos).toEqual([
      `PromQL info: samples are too many for this query: its windows are of whole rollups of ${tier}, which are read`,
    ])
  }
  test('whole hours', () => f('avg_over_time(room_celsius[1h])', lastHours(HOUR), '1h'))
  test('whole minutes', () =>
    f('max_over_time(node_load1{instance="m1"}[10m])', lastHours(10 * MINUTE), '1m'))
  test('how many', () => f('count_over_time(shop_errors_total[2h])', lastHours(HOUR), '1h'))
  test('no other windows, functions and series', async () => {
    for (const [text, stepMs] of [
      ['avg_over_time(room_celsius[90s])', 10_000],
      ['stddev_over_time(room_celsius[1h])', HOUR],
      ['max_over_time(shop_errors_total[1h])', HOUR],
      ['count_over_time(up{instance="m1"}[1h])', HOUR],
    ] as const) {
      await expect(few().range(text, lastHours(stepMs)), text).rejects.toThrow('too many samples')
    }
  })
})

describe('lists of what was before samples', () => {
  const between = { fromMs: FROM, toMs: FROM + DAY }
  const name = 'container_memory_working_set_bytes'
  test('series', async () => {
    const { items } = await queries.series([name, 'up', 'room_celsius'], between)
    expect(items.map(({ key }) => key).length).toBe(5)
    const alone = await ofSamples.series([name], between)
    expect(alone.items).toEqual([])
  })
  test('names and values of labels', async () => {
    const names = await queries.labelValues('__name__', [], between)
    expect(names.items).toEqual(expect.arrayContaining([name, 'node_load1', 'room_celsius', 'up']))
    expect(names.items).not.toContain('container_fs_usage_bytes')
    expect((await queries.labelNames([], between)).items).toContain('id')
    expect((await queries.labelValues('id', [name], between)).items).toEqual(['/lone', '/shop'])
  })
})

test('an aggregation across a border is one of both sides', async () => {
  const grid = { startMs: SAMPLES_FROM - HOUR / 2, endMs: SAMPLES_FROM + HOUR, stepMs: MINUTE }
  const of = async (text: string) => [...valuesOf(await queries.range(text, grid))]
  const series = await of('rate(shop_requests_total[5m])')
  const sums = await of('sum by (site) (rate(shop_requests_total[5m]))')
  expect([series.length, sums.length]).toEqual([1, 1])
  expect(series[0]![1].size).toBeGreaterThan(80)
  expect([...sums[0]![1]]).toEqual([...series[0]![1]])
})

test('a container that was started anew goes on as one series', async () => {
  const grid = {
    startMs: SAMPLES_FROM - 15 * HOUR,
    endMs: SAMPLES_FROM - 12 * HOUR,
    stepMs: MINUTE,
  }
  const values = valuesOf(await queries.range('rate(container_cpu_usage_seconds_total[5m])', grid))
  expect(values.size).toBe(1)
  expect([...values.values()][0]!.size).toBeGreaterThan(170)
})
