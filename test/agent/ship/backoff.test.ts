import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs, parseRetryAfter } from '../../../agent/ship/backoff.ts'
import { limits } from '../../../catalog/limit.ts'

test('the ceiling doubles up to its limit', () => {
  const f = (failures: number, want: number) =>
    expect(backoffMs(failures, undefined, () => 0.5)).toBe(want)
  f(1, 500)
  f(2, 1_000)
  f(3, 2_000)
  f(7, 30_000)
  f(1_000, 30_000)
})

test('Retry-After is waited for in full, up to its limit', () => {
  expect(backoffMs(1, 7_000, () => 0)).toBe(7_000)
  expect(backoffMs(1, 7_000, () => 0.5)).toBe(7_500)
  expect(backoffMs(1, 1e12, () => 0)).toBe(limits.pushRetryAfterMs.value)
})

test('any wait is whole, not negative and bounded', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1 }),
      fc.option(fc.nat(), { nil: undefined }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, retryAfterMs, random) => {
        const ms = backoffMs(failures, retryAfterMs, () => random)
        expect(Number.isInteger(ms)).toBe(true)
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThan(limits.pushRetryAfterMs.value + limits.pushBackoffMs.value)
      },
    ),
  )
})

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-11-21T08:00:00Z')
  const f = (header: string | undefined, want: number | undefined) =>
    expect(parseRetryAfter(header, now)).toBe(want)
  f('3', 3_000)
  f('0', 0)
  f('Sat, 21 Nov 2026 08:00:05 GMT', 5_000)
  f('Sat, 21 Nov 2026 07:00:00 GMT', 0)
  f('soon', undefined)
  f(undefined, undefined)
})
