/** Rows as they may be, looked at one by one. Times are minutes, and windows end at each of them. */
import { describe, expect, test } from 'vitest'
import { Labels } from '../../../../../collector/query/grid/labels.ts'
import {
  endAt,
  goingOn,
  minutesOf,
  type RolledFigure,
  rolledInTurns,
  type RolledSeries,
  rowsOf,
} from '../../../../../collector/query/leaf/rolled/series.ts'
import { upOfWindows } from '../../../../../collector/query/leaf/rolled/up.ts'
import { overRolled } from '../../../../../collector/query/leaf/rolled/values.ts'

const MINUTE = 60_000
const labels = Labels.of({ __name__: 'a' })

type Row = readonly [minute: number, values: Partial<Record<RolledFigure | 'count', number>>]

function seriesOf(rows: readonly Row[], widthMs = MINUTE): RolledSeries {
  const figures = [...new Set(rows.flatMap(([, values]) => Object.keys(values)))].filter(
    (name): name is RolledFigure => name !== 'count',
  )
  const found = rowsOf(rows.length, figures)
  for (const [row, [minute, { count = 1, ...values }]] of rows.entries()) {
    found.starts[row] = minute * MINUTE
    found.ends[row] = minute * MINUTE + widthMs
    found.counts[row] = count
    for (const figure of figures) found[figure][row] = values[figure] ?? Number.NaN
  }
  return { labels, ...found }
}

const counter = seriesOf([
  [0, { last: 10 }],
  [1, { last: 16 }],
  [2, { last: 4 }],
  [30, { last: 10 }],
  [31, { last: 11 }],
])
const level = seriesOf([
  [0, { mean: 2, least: 1, most: 3, count: 4 }],
  [1, { mean: 8, least: 2, most: 9, count: 2 }],
  [3, { mean: 1, least: 1, most: 1, count: 1 }],
])
const hours = seriesOf(
  [
    [0, { increase: 60 }],
    [60, { increase: 120 }],
  ],
  60 * MINUTE,
)

/** At each time, in minutes; undefined where there is no value. */
const f = (
  series: RolledSeries,
  name: string,
  windowMinutes: number,
  at: readonly number[],
  want: readonly (number | undefined)[] | 'unknown',
  parameters: readonly number[] = [],
) => {
  const found = at.map((minute) => {
    const windows = {
      endMs: minute * MINUTE,
      strideMs: 1,
      steps: 1,
      rangeMs: windowMinutes * MINUTE,
    }
    const values = overRolled(series, { name, parameters }, windows)
    if (values === 'unknown') return values
    return values?.present[0] === 1 ? values.values[0] : undefined
  })
  expect(want === 'unknown' ? [...new Set(found)] : found).toEqual(
    want === 'unknown'
      ? ['unknown']
      : want.map((value) => (value === undefined ? value : expect.closeTo(value, 9))),
  )
}

describe('what a counter has counted', () => {
  test('of whole rows; a fall is a reset', () =>
    f(counter, 'increase', 2, [1, 2, 3, 4, 5], [undefined, 6, 10, 4, undefined]))
  test('of parts of rows', () => f(counter, 'increase', 0.5, [2, 1.75, 2.25], [3, 3, 2.5]))
  test('each second', () => f(counter, 'rate', 1, [2], [0.1]))
  test('over a silence that is all in the window, and over none that is not', () =>
    f(counter, 'increase', 30, [31, 32, 33, 40], [16, 11, 7, 1]))
  test('in hours', () => f(hours, 'increase', 30, [30, 75, 120, 140], [30, 45, 60, 20]))
  test('of hours no value is known', () => {
    for (const name of ['newest', 'min_over_time', 'sum_over_time', 'resets', 'stddev_over_time']) {
      f(hours, name, 120, [120], 'unknown')
    }
  })
  test('but how many there are, and how steep', () => {
    f(hours, 'count_over_time', 120, [120], [2])
    f(hours, 'irate', 5, [120], [120 / 3_600])
  })
})

describe('of a level', () => {
  test('sums by the share of a row', () =>
    f(level, 'sum_over_time', 1, [0, 1, 1.5, 2, 2.5, 4], [undefined, 8, 12, 16, 8, 1]))
  test('a mean is weighted by samples', () =>
    f(level, 'avg_over_time', 2, [2, 4, 9], [4, 1, undefined]))
  test('what a window touches', () => {
    f(level, 'max_over_time', 1, [1, 1.5, 2, 3], [3, 9, 9, undefined])
    f(level, 'min_over_time', 1, [1, 1.5, 2, 3], [1, 1, 2, undefined])
    f(level, 'present_over_time', 1, [1, 3, 3.5], [1, undefined, 1])
  })
  test('its change from mean to mean, which are in the middle of rows', () =>
    f(level, 'delta', 1, [1.5, 2, 2.5], [6, 3 - 7 / 4, -7 / 2]))
  test('what is not finite stays with its row', () => {
    const odd = seriesOf([
      [0, { mean: Infinity }],
      [1, { mean: 1 }],
      [2, { mean: 2 }],
      [3, { mean: 3 }],
    ])
    f(odd, 'sum_over_time', 3, [3, 4], [Infinity, 6])
  })
})

describe('the newest', () => {
  test('looks back from the end of its window', () =>
    f(counter, 'newest', 5, [0, 0.5, 1, 3, 7.9, 8], [undefined, 10, 10, 4, 4, undefined]))
  test('not beyond an end', () => {
    const ended = seriesOf([
      [0, { last: 1 }],
      [1, { last: 2 }],
    ])
    endAt(ended, 1.5 * MINUTE)
    f(ended, 'newest', 5, [1, 1.4, 1.5, 3], [1, 2, undefined, undefined])
    f(ended, 'last_over_time', 5, [1.5, 3], [2, 2])
  })
})

test('others take a row for a sample, and what needs two has a window that is longer by one', () => {
  f(level, 'quantile_over_time', 1, [2], [8], [0.5])
  f(counter, 'changes', 3, [3], [2])
  f(counter, 'idelta', 1, [2, 3.5, 5, 6], [6, -12, undefined, undefined])
  f(counter, 'idelta', 2, [4.9, 5], [-12, undefined])
})

describe('of several entities', () => {
  const other = seriesOf([
    [2, { last: 1 }],
    [3, { last: 5 }],
  ])
  test('that share a row', () => {
    const joined = rolledInTurns([
      other,
      seriesOf([
        [1, { last: 7 }],
        [2, { last: 9 }],
      ]),
    ])
    expect(joined).toHaveLength(1)
    expect([...joined[0]!.last]).toEqual([7, 1, 5])
    expect([...joined[0]!.counts]).toEqual([1, 2, 1])
  })
  test('that are there at once', () => {
    const both = rolledInTurns([
      other,
      seriesOf([
        [1, { last: 7 }],
        [2, { last: 9 }],
        [3, { last: 9 }],
      ]),
    ])
    expect(both).toHaveLength(2)
  })
})

test('samples go on where rollups end, with the step between', () => {
  const samples = {
    labels,
    times: Float64Array.of(119_000, 125_000, 170_000, 185_000),
    values: Float64Array.of(200, 210, 230, Number.NaN),
  }
  const tail = minutesOf(samples, 2 * MINUTE)
  expect([[...tail.starts], [...tail.counts], [...tail.mean]]).toEqual([[120_000], [2], [220]])
  const whole = goingOn(
    seriesOf([
      [0, { increase: 4 }],
      [1, { increase: 5 }],
    ]),
    tail,
  )
  f(whole, 'increase', 3, [3], [39])
})

describe('up', () => {
  const g = (
    windows: readonly (readonly [minute: number, passes: number])[],
    want: readonly (readonly [minute: number, mean: number])[],
    untilMinutes = 10,
  ) => {
    const rows = upOfWindows(
      windows.map(([minute, passes]) => ({ startMs: minute * MINUTE, passes })),
      MINUTE,
      untilMinutes * MINUTE,
    )
    expect(Array.from(rows.starts, (ms, i) => [ms / MINUTE, rows.mean[i]])).toEqual(want)
  }
  test('a pass or two that are missing are not told', () =>
    g(
      [
        [0, 6],
        [1, 4],
        [2, 6],
      ],
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      3,
    ))
  test('those that are more are', () =>
    g(
      [
        [0, 6],
        [1, 1],
        [2, 6],
      ],
      [
        [0, 1],
        [1, 0.25],
        [2, 1],
      ],
      3,
    ))
  test('a silence until the end', () =>
    g(
      [
        [0, 6],
        [1, 6],
      ],
      [
        [0, 1],
        [1, 1],
        [2, 0],
        [3, 0],
      ],
      4,
    ))
  test('of a machine that reports once a minute', () =>
    g(
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      [
        [0, 1],
        [1, 1],
        [2, 1],
        [5, 0],
      ],
      6,
    ))
  test('a time at which it is only known to be there', () =>
    g(
      [
        [0, 0],
        [3, 2],
      ],
      [
        [2, 0],
        [3, 1],
      ],
      4,
    ))
})
