import { describe, expect, test } from 'vitest'
import {
  ALL_SAMPLES,
  piecesOf,
  type Reach,
  reachOfAll,
} from '../../../../../collector/query/leaf/rolled/tiers.ts'

const reach: Reach = {
  samplesMs: 1_000,
  minutesMs: 500,
  madeMs: { '1m': 1_900, '1h': 1_800 },
}

describe('pieces of a grid', () => {
  const f = (
    startMs: number,
    endMs: number,
    windowMs: number,
    want: readonly string[],
    where: Partial<Reach> = {},
  ) => {
    const pieces = piecesOf({ startMs, endMs, stepMs: 100 }, windowMs, { ...reach, ...where })
    expect(
      pieces.map(
        ({ origin, grid, before, steps }) =>
          `${origin} ${grid.startMs}-${grid.endMs} ${before}+${steps}`,
      ),
    ).toEqual(want)
  }
  test('all of samples', () => f(1_050, 1_300, 50, ['samples 1050-1250 0+3']))
  test('a window has to begin where they are', () =>
    f(1_000, 1_200, 50, ['1m 1000-1000 0+1', 'samples 1100-1200 1+2']))
  test('all there is', () =>
    f(300, 1_200, 100, ['1h 300-500 0+3', '1m 600-1000 3+5', 'samples 1100-1200 8+2']))
  test('a window over all of it', () => f(2_000, 2_000, 1_600, ['1h 2000-2000 0+1']))
  test('no minutes', () =>
    f(300, 1_200, 100, ['1h 300-1000 0+8', 'samples 1100-1200 8+2'], { minutesMs: Infinity }))
  test('no hours', () =>
    f(300, 1_200, 100, ['1m 300-1000 0+8', 'samples 1100-1200 8+2'], { minutesMs: -Infinity }))
  test('no samples', () =>
    f(300, 1_200, 100, ['1h 300-500 0+3', '1m 600-1200 3+7'], { samplesMs: Infinity }))
  test('nothing older', () => f(300, 500, 100, ['samples 300-500 0+3'], ALL_SAMPLES))
})

test('several tables reach as far as the least of them, and what has nothing older does not count', () => {
  const other: Reach = { samplesMs: 900, minutesMs: 600, madeMs: { '1m': 1_950, '1h': 1_700 } }
  expect(reachOfAll([reach, ALL_SAMPLES, other])).toEqual({
    samplesMs: 1_000,
    minutesMs: 600,
    madeMs: { '1m': 1_900, '1h': 1_700 },
  })
  expect(reachOfAll([ALL_SAMPLES])).toBe(ALL_SAMPLES)
  expect(reachOfAll([])).toBe(ALL_SAMPLES)
})
