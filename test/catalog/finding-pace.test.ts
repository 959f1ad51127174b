import { expect, test } from 'vitest'
import { findingPaces, isDue, paceMs } from '../../catalog/finding-pace.ts'

const { runtimes, strands } = findingPaces

test('a small fleet is asked about each time, a large one at most as seldom as it may be', () => {
  expect(paceMs(runtimes, 0)).toBe(0)
  expect(paceMs(runtimes, 333)).toBe(0)
  expect(paceMs(runtimes, 334)).toBe(1_000)
  expect(paceMs(runtimes, 10_000)).toBe(30_000)
  expect(paceMs(runtimes, 1e6)).toBe(60_000)
  expect(paceMs(strands, 200_000)).toBe(600_000)
})

test('due when so much time has gone by, and when the clock went back', () => {
  const f = (nowMs: number) => isDue(runtimes, 10_000, 100_000, nowMs)
  expect(f(129_999)).toBe(false)
  expect(f(130_000)).toBe(true)
  expect(f(99_999)).toBe(true)
  expect(isDue(runtimes, 10_000, Number.NEGATIVE_INFINITY, 0)).toBe(true)
})
