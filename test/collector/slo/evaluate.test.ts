import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machine } from '../../../catalog/tables/machine.ts'
import { parseSelector } from '../../../collector/query/promql.ts'
import { Slos } from '../../../collector/slo/evaluate.ts'
import type { LoadedSlo } from '../../../collector/slo/loaded-slo.ts'
import { ColumnBatch } from '../../../collector/store/columns.ts'
import { openStore } from '../../../collector/store/open-store.ts'
import type { Store } from '../../../collector/store/store.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'
import { addEntity, addSeries, addTyped } from '../query/points.ts'
import { DAY, HOUR, makeSlo, MINUTE, ratioOf, thresholdOf, Traffic } from './slo.ts'

/** A border of slices. */
const T0 = Math.ceil(1_790_000_000_000 / DAY) * DAY
/** Slices are computed a minute after their end. */
const DELAY = MINUTE

const path = await mkdtemp(join(tmpdir(), 'candor-slo-'))
let store: Store
beforeAll(async () => {
  store = await openStore({ path }, silentLog())
})
afterAll(async () => {
  await store.close()
  await rm(path, { recursive: true })
})

const start = (...slos: LoadedSlo[]) => {
  const own = new OwnMetrics()
  return { own, slos: new Slos({ store, own, log: silentLog(), slos, backfillMs: Infinity }) }
}
const evaluateOne = async (slo: LoadedSlo, nowMs: number) =>
  (await start(slo).slos.evaluate(nowMs))[0]!

async function storedSlices(
  slo: string,
): Promise<{ start: number; good: number; total: number }[]> {
  return await store.query(
    `SELECT toFloat64(toUnixTimestamp64Milli(start)) AS start, good, total FROM slice FINAL
     WHERE slo = {slo:String} ORDER BY start`,
    { slo },
  )
}

const sloLines = async (own: OwnMetrics) =>
  (await own.render()).split('\n').filter((line) => line.startsWith('candor_slo'))

describe('an SLO without any data', () => {
  test('is unmeasured, never green, and has no figures', async () => {
    const { own, slos } = start(makeSlo('nothing'))
    expect(slos.list()).toEqual([])
    const [status] = await slos.evaluate(T0)
    expect(status).toMatchObject({
      state: 'unmeasured',
      coverage: 0,
      reason: 'nothing was measured in the window',
    })
    expect(status).not.toHaveProperty('sli')
    expect(status).not.toHaveProperty('budgetRemaining')
    expect(status).not.toHaveProperty('burning')
    expect(slos.list()).toEqual([status])
    expect(await sloLines(own)).toEqual([
      'candor_slo_objective_ratio{service="shop",slo="nothing"} 0.99',
      'candor_slo_state{service="shop",slo="nothing",state="ok"} 0',
      'candor_slo_state{service="shop",slo="nothing",state="burning"} 0',
      'candor_slo_state{service="shop",slo="nothing",state="exhausted"} 0',
      'candor_slo_state{service="shop",slo="nothing",state="unmeasured"} 1',
      'candor_slo_coverage_ratio{service="shop",slo="nothing"} 0',
      `candor_slo_last_evaluation_timestamp_seconds ${T0 / 1_000}`,
      'candor_slo_evaluation_failures_total 0',
    ])
  })
})

describe('the life of an SLO', () => {
  const slo = makeSlo('life')
  let traffic: Traffic

  test('healthy: figures are exact', async () => {
    traffic = new Traffic(store, 'life_total', T0)
    await traffic.run(T0 + 2 * HOUR, { '200': 999, '500': 1 })
    const { own, slos } = start(slo)
    const [status] = await slos.evaluate(T0 + 2 * HOUR + DELAY)
    expect(status).toMatchObject({
      service: 'shop',
      slo: 'life',
      state: 'ok',
      reason: 'within budget',
      notes: [],
      coverage: 120 / 1_440,
      burning: false,
      measuredUntilMs: T0 + 2 * HOUR,
      queries: { bad: 'life_total{code=~"5.."}', total: 'life_total' },
    })
    expect(status!.sli).toBeCloseTo(0.999, 9)
    expect(status!.budgetRemaining).toBeCloseTo(0.9, 9)
    expect(status!.burnRates.map(({ window }) => window)).toEqual(['5m', '30m', '1h', '6h'])
    for (const { value } of status!.burnRates) expect(value).toBeCloseTo(0.1, 9)
    expect(status!.alert).toMatchObject({ longWindow: '1h', shortWindow: '5m', canFire: true })
    expect(status!.alert.factor).toBeCloseTo(1.92, 9)
    const lines = (await sloLines(own)).join('\n')
    expect(lines).toMatch(/candor_slo_error_budget_remaining_ratio{[^}]*} 0\.9/)
    expect(lines).toMatch(/candor_slo_burn_rate{[^}]*slo_window="1h"} 0\.1/)
    expect(lines).toContain('state="ok"} 1')
  })

  test('evaluated again: nothing is stored twice', async () => {
    const before = await storedSlices('life')
    expect(before).toHaveLength(120)
    const { slos } = start(slo)
    await slos.evaluate(T0 + 2 * HOUR + DELAY)
    await slos.evaluate(T0 + 2 * HOUR + DELAY + 15_000)
    const rows = await store.query<{ rows: number }>(
      `SELECT toFloat64(count()) AS rows FROM slice FINAL WHERE slo = 'life'`,
    )
    expect(rows).toEqual([{ rows: 120 }])
    const unmerged = await storedSlices('life')
    expect(new Set(unmerged.map((row) => JSON.stringify(row)))).toHaveLength(120)
  })

  test('an outage: burning, then exhausted', async () => {
    await traffic.run(T0 + 2 * HOUR + 4 * MINUTE, { '200': 0, '500': 1_000 })
    const early = await evaluateOne(slo, T0 + 2 * HOUR + 4 * MINUTE + DELAY)
    expect(early).toMatchObject({ burning: true, state: 'exhausted' })
    // 120 errors of healthy hours and 4,000 of the outage, of 124,000 requests
    expect(early.sli).toBeCloseTo(1 - 4_120 / 124_000, 9)
    expect(early.budgetRemaining).toBeCloseTo(1 - 4_120 / 124_000 / 0.01, 9)
  })

  test('the alert is over when the short window is clean, the budget is not', async () => {
    await traffic.run(T0 + 2 * HOUR + 14 * MINUTE, { '200': 1_000, '500': 0 })
    const status = await evaluateOne(slo, T0 + 2 * HOUR + 14 * MINUTE + DELAY)
    expect(status).toMatchObject({ burning: false, state: 'exhausted' })
    const burn = new Map(status.burnRates.map(({ window, value }) => [window, value]))
    expect(burn.get('5m')).toBe(0)
    expect(burn.get('1h')).toBeGreaterThan(1.92)
  })

  test('no samples any more: unmeasured, what is known stays known, gauges are gone', async () => {
    const { own, slos } = start(slo)
    const [status] = await slos.evaluate(T0 + 3 * HOUR)
    expect(status).toMatchObject({
      state: 'unmeasured',
      reason: 'nothing was measured lately',
      measuredUntilMs: T0 + 2 * HOUR + 14 * MINUTE,
    })
    expect(status).not.toHaveProperty('burning')
    expect(status!.sli).toBeDefined()
    expect((await sloLines(own)).join('\n')).not.toMatch(
      /indicator_ratio{|remaining_ratio{|burn_rate{/,
    )
  })

  test('samples return after the silence: what was counted meanwhile is spread over it', async () => {
    await traffic.run(T0 + 3 * HOUR, { '200': 1_000, '500': 0 })
    const status = await evaluateOne(slo, T0 + 3 * HOUR + DELAY)
    expect(status).toMatchObject({ coverage: 180 / 1_440, measuredUntilMs: T0 + 3 * HOUR })
    expect(status.sli).toBeCloseTo(1 - 4_120 / 180_000, 9)
  })
})

describe('late points', () => {
  test('change slices for two hours', async () => {
    const slo = makeSlo('late')
    const { slos } = start(slo)
    const prompt = new Traffic(store, 'late_total', T0)
    await prompt.run(T0 + HOUR, { '200': 100, '500': 0 })
    const [before] = await slos.evaluate(T0 + HOUR + DELAY)
    expect(before?.sli).toBe(1)
    // Another instance could not send for an hour.
    const batch = new ColumnBatch()
    for (const code of ['200', '500']) {
      const points = [
        [T0, 0],
        [T0 + HOUR, 3_000],
      ] as const
      addSeries(batch, 'late_total', { job: 'shop', instance: 'b:1', code }, points)
    }
    await store.insertRows(batch)
    const [soon] = await slos.evaluate(T0 + HOUR + DELAY + 15_000)
    expect(soon!.sli).toBeGreaterThan(0.9)
    const [swept] = await slos.evaluate(T0 + HOUR + DELAY + 10 * MINUTE)
    expect(swept!.sli).toBeCloseTo(1 - 3_000 / 12_000, 9)
  })
})

describe('the first start', () => {
  test('goes back to the first sample in the window, in chunks', async () => {
    const history = new Traffic(store, 'history_total', T0 - 2 * DAY)
    await history.run(T0, { '200': 90, '500': 10 })
    const slo = makeSlo('history', { window: '30d', windowMs: 30 * DAY, target: 0.8 })
    const status = await evaluateOne(slo, T0 + DELAY)
    expect(status.coverage).toBeCloseTo(2 / 30, 9)
    expect(status.sli).toBeCloseTo(0.9, 9)
    expect(await storedSlices('history')).toHaveLength(2 * 1_440)
  })

  test('goes back no further than the block in which the window begins', async () => {
    const slo = makeSlo('window', {
      window: '1h',
      windowMs: HOUR,
      indicator: ratioOf('history_total'),
    })
    expect(await evaluateOne(slo, T0 + DELAY)).toMatchObject({ coverage: 1 })
    const slices = await storedSlices('window')
    expect(slices[0]?.start).toBe(T0 - 6 * HOUR)
  })

  test('an indicator that has changed starts anew', async () => {
    const slo = makeSlo('window', {
      window: '1h',
      windowMs: HOUR,
      indicator: ratioOf('history_total', 'good'),
    })
    const status = await evaluateOne(slo, T0 + DELAY)
    expect(status.sli).toBeCloseTo(0.9, 9)
    const definitions = await store.query(
      `SELECT DISTINCT definition FROM slice WHERE slo = 'window'`,
    )
    expect(definitions).toHaveLength(2)
  })
})

describe('an evaluation has a bound', () => {
  const DAYS = { window: '30d', windowMs: 30 * DAY }
  const older =
    'older samples are still being counted: figures are of the share that coverage names'

  test('newest hours first, one older block after the other, and what is missing survives a restart', async () => {
    const slo = makeSlo('bounded', { ...DAYS, target: 0.8, indicator: ratioOf('history_total') })
    const slowly = () =>
      new Slos({ store, own: new OwnMetrics(), log: silentLog(), slos: [slo], backfillMs: 0 })
    let slos = slowly()
    // Two blocks of six hours: the one that is live and one more.
    const [first] = await slos.evaluate(T0 + DELAY)
    expect(first).toMatchObject({ state: 'ok', burning: false })
    expect(first!.notes).toContain(older)
    expect(first!.coverage).toBeCloseTo(0.5 / 30, 9)
    const [second] = await slos.evaluate(T0 + DELAY + 15_000)
    expect(second!.coverage).toBeCloseTo(0.75 / 30, 9)
    slos = slowly()
    const coverages: number[] = []
    for (let i = 2; i < 9; i++) {
      const [status] = await slos.evaluate(T0 + DELAY + i * 15_000)
      coverages.push(Math.round(status!.coverage * 30 * 4))
      if (!status!.notes.includes(older)) break
    }
    expect(coverages).toEqual([4, 5, 6, 7, 8])
    expect(await storedSlices('bounded')).toHaveLength(2 * 1_440)
  })

  test('SLOs that start take turns, and what waits does not look green', async () => {
    const many = [1, 2, 3].map((i) =>
      makeSlo(`turn-${i}`, { ...DAYS, target: 0.8, indicator: ratioOf('history_total') }),
    )
    const slos = new Slos({
      store,
      own: new OwnMetrics(),
      log: silentLog(),
      slos: many,
      backfillMs: 0,
    })
    const [, ...waiting] = await slos.evaluate(T0 + DELAY)
    for (const status of waiting) {
      expect(status.state).toBe('unmeasured')
      expect(status.notes).toContain('its samples wait to be counted')
      expect(status).not.toHaveProperty('burning')
    }
    await slos.evaluate(T0 + DELAY + 15_000)
    const all = await slos.evaluate(T0 + DELAY + 30_000)
    expect(all.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])
  })

  test('stops between two blocks when it is told to, and leaves the statuses as they were', async () => {
    const slo = makeSlo('aborted', { ...DAYS, indicator: ratioOf('history_total') })
    const stop = new AbortController()
    let queries = 0
    const counted = {
      describe: 'counted',
      insertRows: (batch: ColumnBatch) => store.insertRows(batch),
      query: (<T>(...args: Parameters<Store['query']>) =>
        store.query<T>(...args)) satisfies Store['query'],
      queryColumns: (...args: Parameters<Store['queryColumns']>) => {
        if ((queries += 1) === 7) stop.abort()
        return store.queryColumns(...args)
      },
      command: (sql: string) => store.command(sql),
      detachedParts: () => store.detachedParts(),
      close: () => store.close(),
    }
    const slos = new Slos({
      store: counted,
      own: new OwnMetrics(),
      log: silentLog(),
      slos: [slo],
      backfillMs: Infinity,
    })
    expect(await slos.evaluate(T0 + DELAY, stop.signal)).toEqual([])
    expect(slos.evaluation()).toEqual({ state: 'waiting' })
    expect(queries).toBeLessThan(14)
  })
})

describe('a clock that jumps', () => {
  const slo = makeSlo('jump', { window: '30d', windowMs: 30 * DAY })

  test.each([
    ['ahead', DAY],
    ['back', -DAY],
  ])('%s for one evaluation: no hole is left', async (direction, byMs) => {
    const name = `jump-${direction}`
    const { slos } = start({ ...slo, slo: name, indicator: ratioOf(`jump_${direction}_total`) })
    const traffic = new Traffic(store, `jump_${direction}_total`, T0)
    await traffic.run(T0 + HOUR, { '200': 10, '500': 0 })
    await slos.evaluate(T0 + HOUR + DELAY)
    await slos.evaluate(T0 + HOUR + byMs)
    for (let t = 62; t <= 180; t += 2) {
      await traffic.run(T0 + t * MINUTE, { '200': 10, '500': 0 })
      if (t !== 62 && t < 160) continue
      const [status] = await slos.evaluate(T0 + t * MINUTE + DELAY)
      expect(status).toMatchObject({ state: 'ok', measuredUntilMs: T0 + t * MINUTE, notes: [] })
    }
    const starts = new Set((await storedSlices(name)).map((row) => row.start))
    expect(starts).toHaveLength(180)
  })

  test('a long pause leaves no hole either, and a block that was cut short is completed', async () => {
    const long = makeSlo('pause', { window: '30d', windowMs: 30 * DAY })
    const traffic = new Traffic(store, 'pause_total', T0)
    await traffic.run(T0 + HOUR, { '200': 10, '500': 10 })
    const { slos } = start(long)
    await slos.evaluate(T0 + HOUR + DELAY)
    await traffic.run(T0 + DAY, { '200': 10, '500': 10 })
    const [status] = await slos.evaluate(T0 + DAY + DELAY)
    expect(status!.coverage).toBeCloseTo(1 / 30, 9)
    expect(status!.sli).toBeCloseTo(0.5, 9)
    // The same, by a collector that was started anew.
    await traffic.run(T0 + 2 * DAY, { '200': 10, '500': 10 })
    const restarted = await evaluateOne(long, T0 + 2 * DAY + DELAY)
    expect(restarted.coverage).toBeCloseTo(2 / 30, 9)
  })
})

describe('queries that match less than people think', () => {
  test('no bad series ever: no bad events, with a note', async () => {
    await new Traffic(store, 'flawless_total', T0).run(T0 + HOUR, { '200': 10 })
    const status = await evaluateOne(makeSlo('flawless'), T0 + HOUR + DELAY)
    expect(status).toMatchObject({ state: 'ok', sli: 1 })
    expect(status.notes[0]).toContain('matches no series')
  })

  test('a bad metric that nobody ever sent: nothing is measured', async () => {
    const slo = makeSlo('unsent', {
      indicator: {
        ...ratioOf('flawless_total', 'bad'),
        partQuery: { text: 'typo', selector: parseSelector('flawless_errors_total') },
      } as LoadedSlo['indicator'],
    })
    const status = await evaluateOne(slo, T0 + HOUR + DELAY)
    expect(status).toMatchObject({ state: 'unmeasured', coverage: 0 })
    expect(status.notes[0]).toContain('no metric flawless_errors_total was ever received')
  })

  test('no good series ever: nothing is measured', async () => {
    const slo = makeSlo('typo', {
      indicator: {
        ...ratioOf('flawless_total', 'good'),
        partQuery: { text: 'typo', selector: parseSelector('flawles_total') },
      } as LoadedSlo['indicator'],
    })
    const status = await evaluateOne(slo, T0 + HOUR + DELAY)
    expect(status).toMatchObject({ state: 'unmeasured', coverage: 0 })
    expect(status.notes[0]).toContain('nothing is measured')
  })

  test('watched, but nobody came: measured, and not spent', async () => {
    await new Traffic(store, 'idle_total', T0).run(T0 + HOUR, { '200': 0, '500': 0 })
    const status = await evaluateOne(makeSlo('idle'), T0 + HOUR + DELAY)
    expect(status).toMatchObject({
      state: 'ok',
      reason: 'no traffic in the window',
      budgetRemaining: 1,
      burning: false,
    })
    expect(status).not.toHaveProperty('sli')
  })

  test('more good events than events', async () => {
    const slo = makeSlo('swapped', {
      indicator: {
        ...ratioOf('history_total', 'good'),
        totalQuery: ratioOf('history_total').kind === 'ratio' && {
          text: 'history_total{code="500"}',
          selector: parseSelector('history_total{code="500"}'),
        },
      } as LoadedSlo['indicator'],
    })
    const status = await evaluateOne(slo, T0 + DELAY)
    expect(status.notes.join()).toContain('more good events than events in total')
  })

  test('an alert that cannot fire says so', async () => {
    const slo = makeSlo('lax', { target: 0.4, indicator: ratioOf('history_total') })
    const status = await evaluateOne(slo, T0 + DELAY)
    expect(status.alert.canFire).toBe(false)
    expect(status.alert).not.toHaveProperty('detectionSeconds')
    expect(status.notes.join()).toContain('can never fire')
  })
})

describe('thresholds', () => {
  test('on a column of a typed table', async () => {
    const batch = new ColumnBatch()
    addEntity(batch, 'machine', 99n, T0, { 'host.name': 'm9' })
    for (let i = 0; i < 240; i++) {
      addTyped(batch, machine, 99n, T0 + i * 15_000, { procs_running: i < 24 ? 9 : 1 })
    }
    await store.insertRows(batch)
    const indicator = thresholdOf('node_procs_running{instance="m9"}', 'lt', 5)
    const slo = makeSlo('threshold', { indicator, window: '1h', windowMs: HOUR })
    const status = await evaluateOne(slo, T0 + HOUR + DELAY)
    expect(status.sli).toBeCloseTo(1 - 24 / 240, 9)
    expect(status.threshold).toEqual({ operator: 'lt', value: 5 })
    const timeslices = makeSlo('timeslices', {
      indicator,
      window: '1h',
      windowMs: HOUR,
      target: 0.9,
      budgeting: { method: 'Timeslices', sliceTarget: 1 },
    })
    const sliced = await evaluateOne(timeslices, T0 + HOUR + DELAY)
    expect(sliced.sli).toBeCloseTo(1 - 6 / 60, 9)
  })
})

describe('failures', () => {
  test('one SLO fails: it is unmeasured and says why, the others go on', async () => {
    const noPattern = {
      name: 'idle_total',
      matchers: [{ label: 'code', operator: '=~', value: '(' }],
    } as const
    const broken = makeSlo('broken', {
      indicator: {
        kind: 'threshold',
        query: { text: 'x', selector: noPattern },
        operator: 'lt',
        value: 1,
      },
    })
    const { own, slos } = start(broken, makeSlo('idle'))
    const [failed, fine] = await slos.evaluate(T0 + HOUR + DELAY)
    expect(failed).toMatchObject({ state: 'unmeasured' })
    expect(failed!.reason).toContain('the evaluation failed: error parsing regexp')
    expect(failed).not.toHaveProperty('burning')
    expect(fine?.state).toBe('ok')
    const lines = (await sloLines(own)).join('\n')
    expect(lines).toContain('candor_slo_evaluation_failures_total 1')
    expect(lines).not.toContain('candor_slo_last_evaluation_timestamp_seconds ')
  })

  test('slices that did not reach the store are written by the next evaluation', async () => {
    await new Traffic(store, 'refused_total', T0).run(T0 + HOUR, { '200': 10, '500': 0 })
    let refuse = true
    const own = new OwnMetrics()
    const flaky: Store = {
      describe: 'flaky',
      insertRows: (batch) =>
        refuse ? Promise.reject(new Error('disk is full')) : store.insertRows(batch),
      query: (sql, params, options) => store.query(sql, params, options),
      queryColumns: (...args) => store.queryColumns(...args),
      command: (sql) => store.command(sql),
      detachedParts: () => store.detachedParts(),
      close: () => store.close(),
    }
    const slos = new Slos({ store: flaky, own, log: silentLog(), slos: [makeSlo('refused')] })
    const [failed] = await slos.evaluate(T0 + HOUR + DELAY)
    expect(failed).toMatchObject({ state: 'unmeasured' })
    refuse = false
    const [status] = await slos.evaluate(T0 + HOUR + DELAY)
    expect(status).toMatchObject({ state: 'ok', coverage: 60 / 1_440 })
  })

  test('an evaluation that is asked for while one runs is that one', async () => {
    const { slos } = start(makeSlo('idle'))
    const [first, second] = [slos.evaluate(T0 + HOUR), slos.evaluate(T0 + 2 * HOUR)]
    expect(second).toBe(first)
    await first
  })
})

test('many windows in one evaluation', async () => {
  const slos = Array.from({ length: 40 }, (_, i) =>
    makeSlo('history', { window: `${i + 10}m`, windowMs: (i + 10) * MINUTE, service: `s${i}` }),
  )
  const statuses = await start(...slos).slos.evaluate(T0 + DELAY)
  expect(statuses.map(({ sli }) => sli?.toFixed(3))).toEqual(slos.map(() => '0.900'))
})
