import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { SeenCache } from '../../../collector/receive/seen.ts'

test('holds no more than its limit, and forgets the oldest announcement', () => {
  const seen = new SeenCache(2, 1_000)
  expect(seen.isDue(1n, 0n, 0, 0)).toBe(true)
  expect(seen.isDue(2n, 0n, 0, 0)).toBe(true)
  // The first is announced anew, so the second is the oldest now.
  expect(seen.isDue(1n, 0n, 1_000, 1_000)).toBe(true)
  expect(seen.isDue(3n, 0n, 0, 0)).toBe(true)
  expect(seen.isDue(1n, 0n, 1_500, 1_500)).toBe(false)
  expect(seen.isDue(2n, 0n, 0, 0)).toBe(true)
})

test('what was rolled back or forgotten is due again, what came before is not', () => {
  const seen = new SeenCache(100, 1_000)
  seen.isDue(1n, 0n, 0, 0)
  const mark = seen.mark()
  seen.isDue(2n, 0n, 0, 0)
  seen.rollback(mark)
  expect(seen.isDue(1n, 0n, 0, 0)).toBe(false)
  expect(seen.isDue(2n, 0n, 0, 0)).toBe(true)
  expect(seen.take()).toEqual([1n, 2n])
  expect(seen.take()).toEqual([])
  seen.forget([1n])
  expect(seen.isDue(1n, 0n, 0, 0)).toBe(true)
})

test('what was announced says when it was seen to within the refresh', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1 }), (times) => {
      const seen = new SeenCache(10, 1_000)
      const announced = times.filter((time) => seen.isDue(1n, 0n, time, time))
      expect(Math.min(...announced)).toBe(Math.min(...times))
      expect(Math.max(...times) - Math.max(...announced)).toBeLessThan(1_000)
    }),
  )
})

test('what said nothing for an hour is counted no more, and makes room', () => {
  let nowMs = 0
  const seen = new SeenCache(100, 1_000, () => nowMs)
  for (const id of [1n, 2n, 3n]) seen.isDue(id, 0n, 0, 0)
  expect([seen.size, seen.isNear(3, 1), seen.isNear(4, 1), seen.isNear(4, 2)]).toEqual([
    3,
    true,
    false,
    true,
  ])
  nowMs = limits.tenantIdleMs.value - 1
  // Whatever its sender's clock says.
  seen.isDue(1n, 0n, 5_000, 5_000)
  nowMs += 1
  expect(seen.isNear(3, 1)).toBe(false)
  expect([seen.size, seen.has(1n), seen.has(2n)]).toEqual([1, true, false])
})
