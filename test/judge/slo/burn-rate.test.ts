/** Tables of the SRE Workbook, chapter 5, and what follows from them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  burnRate,
  canFire,
  detectionMs,
  factorOf,
  pageTier,
  resetMs,
} from '../../../judge/slo/burn-rate.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('burn rate', () => {
  const f = (good: number, total: number, target: number, want: number) =>
    expect(burnRate({ good, total, measured: 1 }, target)).toBeCloseTo(want, 9)
  test('errors as a multiple of the budget', () => {
    f(999, 1_000, 0.999, 1)
    f(0, 10, 0.999, 1_000)
    f(10, 10, 0.999, 0)
    f(9_856, 10_000, 0.999, 14.4)
  })
  test('no traffic burns nothing, no measurement is not known', () => {
    expect(burnRate({ good: 0, total: 0, measured: 3 }, 0.9)).toBe(0)
    expect(burnRate({ good: 0, total: 0, measured: 0 }, 0.9)).toBeUndefined()
  })
})

test('factor from a share of the budget', () => {
  const f = (days: number, wants: readonly number[]) => {
    const windows = [
      [0.02, HOUR],
      [0.05, 6 * HOUR],
      [0.1, DAY],
      [0.1, 3 * DAY],
    ] as const
    for (const [i, [share, window]] of windows.entries()) {
      expect(factorOf(share, days * DAY, window)).toBeCloseTo(wants[i]!, 4)
    }
  }
  f(7, [3.36, 1.4, 0.7, 0.2333])
  f(14, [6.72, 2.8, 1.4, 0.4667])
  f(28, [13.44, 5.6, 2.8, 0.9333])
  f(30, [14.4, 6, 3, 1])
  f(90, [43.2, 18, 9, 3])
})

describe('the page of a period', () => {
  const f = (periodMs: number, longMs: number, shortMs: number, factor: number, share: number) => {
    const tier = pageTier(periodMs, MINUTE)
    expect([tier.longMs, tier.shortMs]).toEqual([longMs, shortMs])
    expect(tier.factor).toBeCloseTo(factor, 9)
    expect(tier.budgetShare).toBeCloseTo(share, 5)
  }
  const hour = [HOUR, 5 * MINUTE] as const
  test('a month spends 2 % in an hour', () => {
    f(30 * DAY, ...hour, 14.4, 0.02)
    f(28 * DAY, ...hour, 13.44, 0.02)
    f(31 * DAY, ...hour, 14.88, 0.02)
  })
  test('a quarter keeps the factor of a month', () => f(90 * DAY, ...hour, 14.4, 0.00667))
  test('a week spends 8 % in an hour', () => {
    f(7 * DAY, ...hour, 13.44, 0.08)
    f(14 * DAY, ...hour, 14.4, 0.04286)
    f(DAY, ...hour, 1.92, 0.08)
  })
  test('below a day the windows shrink, to no less than two slices and one', () => {
    f(12 * HOUR, 30 * MINUTE, 3 * MINUTE, 1.92, 0.08)
    f(HOUR, 3 * MINUTE, MINUTE, 1.6, 0.08)
    f(30 * MINUTE, 2 * MINUTE, MINUTE, 1.2, 0.08)
    f(10 * MINUTE, 2 * MINUTE, MINUTE, 1, 0.2)
  })
  test('windows are whole slices', () => {
    expect(pageTier(30 * DAY, 7 * MINUTE)).toMatchObject({
      longMs: 63 * MINUTE,
      shortMs: 7 * MINUTE,
    })
    expect(pageTier(30 * DAY, 2 * HOUR)).toMatchObject({ longMs: 4 * HOUR, shortMs: 2 * HOUR })
  })
  test('for any period and slice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 400 * 1_440 }),
        fc.integer({ min: 1, max: 1_440 }),
        (periodMinutes, sliceMinutes) => {
          fc.pre(sliceMinutes * 10 <= periodMinutes)
          const sliceMs = sliceMinutes * MINUTE
          const { longMs, shortMs, factor } = pageTier(periodMinutes * MINUTE, sliceMs)
          expect(shortMs).toBeGreaterThanOrEqual(sliceMs)
          expect(longMs).toBeGreaterThan(shortMs)
          expect(longMs).toBeLessThanOrEqual(periodMinutes * MINUTE)
          expect([longMs % sliceMs, shortMs % sliceMs]).toEqual([0, 0])
          expect(factor).toBeGreaterThan(0)
        },
      ),
    )
  })
})

test('detection time of a total outage', () => {
  const f = (target: number, factor: number, longMs: number, wantSeconds: number) => {
    const tier = { longMs, shortMs: longMs / 12, factor, budgetShare: 0 }
    expect(detectionMs(tier, target, 1)! / 1_000).toBeCloseTo(wantSeconds, 2)
  }
  f(0.99, 14.4, HOUR, 518.4)
  f(0.99, 6, 6 * HOUR, 1_296)
  f(0.99, 3, DAY, 2_592)
  f(0.99, 1, 3 * DAY, 2_592)
  f(0.999, 14.4, HOUR, 51.84)
  f(0.999, 6, 6 * HOUR, 129.6)
  f(0.9999, 14.4, HOUR, 5.184)
  f(0.9999, 1, 3 * DAY, 25.92)
})

test('errors below the threshold are never detected, and the short window drains', () => {
  const tier = pageTier(30 * DAY, MINUTE)
  expect(detectionMs(tier, 0.999, 0.0144)).toBeUndefined()
  expect(detectionMs(tier, 0.999, 0.0145)).toBeDefined()
  expect(resetMs(tier, 0.999, 1)).toBeCloseTo(300_000 * (1 - 0.0144), 6)
})

test('targets from which an alert can fire at all', () => {
  const f = (factor: number, from: number) => {
    expect(canFire(factor, from + 0.00001)).toBe(true)
    expect(canFire(factor, from - 0.00001)).toBe(false)
  }
  f(14.4, 0.93056)
  f(13.44, 0.9256)
  f(6, 0.83333)
  f(43.2, 0.97685)
})
