import { expect, test } from 'vitest'
import { SLOW_MS, SlowRound } from '../../agent/slow-round.ts'

const PASS_MS = 10_000

/** Which of the readers run in each pass. */
function runs(readers: number, timesMs: readonly number[]): number[][] {
  const round = new SlowRound(readers)
  const places = Array.from({ length: readers }, (_, place) => place)
  return timesMs.map((timeMs) => places.filter((place) => round.isDue(place, timeMs)))
}
const passes = (count: number) => Array.from({ length: count }, (_, i) => i * PASS_MS)

test('all run in the first pass, and then each in one of its own', () => {
  expect(runs(6, passes(7))).toEqual([[0, 1, 2, 3, 4, 5], [0], [1], [2], [3], [4], [5]])
})

test('each runs once a minute from then on, and never later', () => {
  const all = runs(20, passes(61))
  expect(Math.max(...all.slice(1).map((ran) => ran.length))).toBeLessThanOrEqual(4)
  for (let place = 0; place < 20; place += 1) {
    const at = all.flatMap((ran, pass) => (ran.includes(place) ? [pass] : []))
    const gaps = at.slice(1).map((pass, i) => pass - at[i]!)
    expect(gaps.slice(1).every((gap) => gap * PASS_MS === SLOW_MS)).toBe(true)
    expect(gaps[0]! * PASS_MS).toBeLessThanOrEqual(SLOW_MS)
  }
})

test('a clock that was set back puts none off', () => {
  expect(runs(2, [10 * SLOW_MS, 0])).toEqual([
    [0, 1],
    [0, 1],
  ])
})

test('after a pause all run', () => {
  expect(runs(2, [0, 10 * SLOW_MS])[1]).toEqual([0, 1])
})
