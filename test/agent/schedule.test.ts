import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextPassMs, offsetMs } from '../../agent/schedule.ts'

test('passes are aligned to the wall clock, shifted by the offset', () => {
  const f = (nowMs: number, offset: number, want: number) =>
    expect(nextPassMs(nowMs, 10_000, offset)).toBe(want)
  f(100_000, 0, 110_000)
  f(100_001, 0, 110_000)
  f(109_999, 0, 110_000)
  f(100_000, 3_000, 103_000)
  f(103_000, 3_000, 113_000)
})

test('the next pass is always ahead, and by no more than an interval', () => {
  const interval = fc.integer({ min: 1, max: 3_600_000 })
  fc.assert(
    fc.property(fc.nat({ max: 4_102_444_800_000 }), interval, fc.string(), (now, interval, id) => {
      const offset = offsetMs(id, interval)
      expect(offset).toBeGreaterThanOrEqual(0)
      expect(offset).toBeLessThan(interval)
      const next = nextPassMs(now, interval, offset)
      expect(next).toBeGreaterThan(now)
      expect(next - now).toBeLessThanOrEqual(interval)
      expect((next - offset) % interval).toBe(0)
    }),
  )
})

test('machines spread over the interval, and each keeps its place', () => {
  const tenths = new Map<number, number>()
  for (let i = 0; i < 10_000; i++) {
    const id = i.toString(16).padStart(32, '0')
    const tenth = Math.floor(offsetMs(id, 10_000) / 1_000)
    tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1)
    expect(offsetMs(id, 10_000)).toBe(offsetMs(id, 10_000))
  }
  expect(tenths.size).toBe(10)
  expect(Math.max(...tenths.values())).toBeLessThan(1_500)
})
