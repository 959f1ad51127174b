import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Pace } from '../../../collector/receive/pace.ts'

test('some inserts start at once, further ones an interval apart', () => {
  const pace = new Pace(1_000, 3)
  for (let i = 0; i < 3; i++) {
    expect(pace.waitMs(0, 0)).toBe(0)
    pace.take(0, 1)
  }
  expect(pace.waitMs(0, 0)).toBe(1_000)
  expect(pace.waitMs(400, 400)).toBe(600)
  expect(pace.waitMs(1_000, 1_000)).toBe(0)
  pace.take(1_000, 1)
  expect(pace.waitMs(1_000, 1_000)).toBe(1_000)
})

test('one that could not wait is not paid for twice', () => {
  const pace = new Pace(1_000, 1)
  pace.take(0, 1)
  pace.take(0, 1)
  expect(pace.waitMs(0, 0)).toBe(1_000)
})

test('over any time there are no more of those that waited than intervals and the first ones', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3_000 })), fc.integer({ min: 1, max: 5 }), (gaps, burst) => {
      const pace = new Pace(1_000, burst)
      let nowMs = 0
      let inserts = 0
      for (const gap of gaps) {
        nowMs += gap
        if (pace.waitMs(nowMs, nowMs) > 0) continue
        pace.take(nowMs, 1)
        inserts += 1
      }
      expect(inserts).toBeLessThanOrEqual(burst + nowMs / 1_000)
    }),
  )
})

test('after many rows an insert waits an interval for more, whenever it may start', () => {
  const pace = new Pace(1_000, 16)
  pace.take(0, 400)
  expect(pace.waitMs(5_000, 5_000)).toBe(1_000)
  expect(pace.waitMs(5_700, 5_000)).toBe(300)
  expect(pace.waitMs(6_000, 5_000)).toBe(0)
  pace.take(6_000, 1)
  expect(pace.waitMs(29_000, 29_000)).toBe(1_000)
  expect(pace.waitMs(30_000, 30_000)).toBe(0)
})
