import { expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { PointRate } from '../../../collector/access/point-rate.ts'

test('a token in debt waits until it has earned what it sent', () => {
  const rate = new PointRate()
  const saved = (100 * limits.tokenBurstMs.value) / 1_000
  expect(rate.waitMs('a', 100, 0)).toBe(0)
  rate.count('a', 100, saved + 500, 0)
  expect(rate.waitMs('a', 100, 0)).toBe(5_000)
  expect(rate.waitMs('b', 100, 0)).toBe(0)
  expect(rate.waitMs('a', 100, 4_000)).toBe(1_000)
  expect(rate.waitMs('a', 100, 5_001)).toBe(0)
})

test('what was not sent is saved up to a bound, and a clock that goes back takes nothing', () => {
  const rate = new PointRate()
  rate.waitMs('a', 100, 0)
  rate.count('a', 100, 1_000, 1e9)
  expect(rate.waitMs('a', 100, 1e9)).toBe(1)
  expect(rate.waitMs('a', 100, 0)).toBe(1)
})

test('without tokens there is no rate', () => {
  const rate = new PointRate()
  rate.count('', Infinity, 1e12, 0)
  expect(rate.waitMs('', Infinity, 0)).toBe(0)
})
