/** Vectors: OpenSLO's README, and the demonstration data with figures that knowledge of the field gives. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Budgeting, budgetOf, type Sums, sliOf, weigh } from '../../../judge/slo/budget.ts'
import type { Slices } from '../../../judge/slo/slices.ts'

const slices = (good: readonly number[], total: readonly number[]): Slices => ({
  startMs: 0,
  sliceMs: 60_000,
  good: Float64Array.from(good),
  total: Float64Array.from(total),
  measured: Uint8Array.from(good, () => 1),
})

function sums({ good, total, measured }: Slices): Sums {
  const add = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)
  return { good: add(good), total: add(total), measured: add(measured) }
}

const DEMONSTRATION = slices(
  [2, 10, 12, 13, 13, 12, 13, 13, 12, 11],
  [4, 10, 12, 13, 14, 15, 14, 13, 12, 11],
)

describe('budgeting methods', () => {
  const f = (budgeting: Budgeting, sli: number, burnedPercent: number) => {
    const budget = budgetOf(sums(weigh(DEMONSTRATION, budgeting)), 0.95, 10)
    expect(budget.sli).toBeCloseTo(sli, 9)
    expect((1 - budget.remaining!) * 100).toBeCloseTo(burnedPercent, 3)
    expect(budget.coverage).toBe(1)
  }
  test('Occurrences', () => f({ method: 'Occurrences' }, 0.940677966, 118.644))
  test('Timeslices', () => f({ method: 'Timeslices', sliceTarget: 0.95 }, 0.6, 800))
  test('RatioTimeslices', () => f({ method: 'RatioTimeslices' }, 0.915714286, 168.571))

  test('minutes that a budget allows', () => {
    const day = 1_440
    const allowed = (slicesInWindow: number, target: number) => {
      const badMinutes = slicesInWindow * (1 - target)
      const good = slicesInWindow - badMinutes
      const all = { good, total: slicesInWindow, measured: slicesInWindow }
      expect(budgetOf(all, target, slicesInWindow).remaining).toBeCloseTo(0, 9)
      return badMinutes
    }
    expect(allowed(14 * day, 0.95)).toBeCloseTo(1_008)
    expect(allowed(7 * day, 0.9995)).toBeCloseTo(5.04)
    expect(allowed(30 * day, 0.999)).toBeCloseTo(43.2)
    expect(allowed(28 * day, 0.9999)).toBeCloseTo(4.032)
  })

  test('without traffic a timeslice is good, and a ratio has no weight', () => {
    const idle = slices([0, 1], [0, 2])
    expect(sums(weigh(idle, { method: 'Timeslices', sliceTarget: 0.9 }))).toMatchObject({
      good: 1,
      total: 2,
    })
    expect(sums(weigh(idle, { method: 'RatioTimeslices' }))).toMatchObject({ good: 0.5, total: 1 })
  })

  test('a slice that was not measured has no weight in any method', () => {
    const unmeasured = { ...slices([0, 1], [0, 1]), measured: Uint8Array.of(0, 1) }
    for (const budgeting of [
      { method: 'Occurrences' },
      { method: 'Timeslices', sliceTarget: 0.9 },
      { method: 'RatioTimeslices' },
    ] as const) {
      expect(sums(weigh(unmeasured, budgeting))).toEqual({ good: 1, total: 1, measured: 1 })
    }
  })
})

describe('budget', () => {
  test('nothing measured is neither good nor spent', () => {
    expect(budgetOf({ good: 0, total: 0, measured: 0 }, 0.99, 10)).toEqual({ coverage: 0 })
  })
  test('no traffic spends nothing and has no SLI', () => {
    expect(budgetOf({ good: 0, total: 0, measured: 5 }, 0.99, 10)).toEqual({
      remaining: 1,
      coverage: 0.5,
    })
  })
  test('a total outage overspends by the whole of the ratio', () => {
    const { remaining } = budgetOf({ good: 0, total: 7, measured: 1 }, 0.999, 1)
    expect(remaining).toBeCloseTo(-999, 6)
  })
  test('more good than total is all good', () => {
    expect(sliOf({ good: 11, total: 10, measured: 1 })).toBe(1)
  })
  test('remaining is (SLI − target) / (1 − target), from −∞ to 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.99999, noNaN: true }),
        (total, share, target) => {
          const { sli, remaining } = budgetOf(
            { good: total * share, total, measured: 1 },
            target,
            1,
          )
          expect(remaining).toBeLessThanOrEqual(1 + 1e-9)
          expect(remaining! * (1 - target)).toBeCloseTo(sli! - target, 9)
          // What is left and what was burned make one.
          expect(remaining! + (1 - sli!) / (1 - target)).toBeCloseTo(1, 5)
        },
      ),
    )
  })
})
