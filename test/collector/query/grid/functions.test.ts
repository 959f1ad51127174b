import { describe, expect, test } from 'vitest'
import type { Grid, GridSeries } from '../../../../collector/query/grid/grid.ts'
import { instantFunctions } from '../../../../collector/query/grid/instant-functions.ts'
import type { GridValue } from '../../../../collector/query/grid/value.ts'
import { functions } from '../../../../collector/query/language/functions.ts'
import { Notes } from '../../../../collector/query/notes.ts'
import { s, shown } from './series.ts'

type Argument = readonly GridSeries[] | number | readonly number[] | string

function call(
  name: string,
  args: readonly Argument[],
  {
    steps = 1,
    startMs = 0,
    notes = new Notes(),
  }: { steps?: number; startMs?: number; notes?: Notes } = {},
): GridValue {
  const grid: Grid = { startMs, endMs: startMs + (steps - 1) * 1_000, stepMs: 1_000 }
  const values = args.map((argument): GridValue => {
    if (typeof argument === 'string') return { type: 'string', text: argument }
    if (typeof argument === 'number') {
      return { type: 'scalar', values: new Float64Array(steps).fill(argument) }
    }
    if (argument.every((one) => typeof one === 'number')) {
      if (argument.length > 0) return { type: 'scalar', values: Float64Array.from(argument) }
    }
    return { type: 'vector', series: argument as readonly GridSeries[] }
  })
  return instantFunctions[name]!(values, { grid, notes })
}
function vector(name: string, args: readonly Argument[], options = {}) {
  const value = call(name, args, options)
  return value.type === 'vector' ? shown(value.series) : value
}
function scalar(name: string, args: readonly Argument[], options = {}) {
  const value = call(name, args, options)
  return value.type === 'scalar' ? [...value.values] : value
}
/** A function of one value. */
const of = (name: string, value: number, ...more: number[]) => {
  const [series] = vector(name, [[s('a{x=1}', value)], ...more]) as [string, number][]
  expect(series?.[0]).toBe('a!{x=1}')
  return series?.[1]
}
const [inf, nan] = [Infinity, Number.NaN]

describe('of single values', () => {
  const f = (name: string, value: number, expected: number, ...more: number[]) =>
    expect(of(name, value, ...more)).toBe(expected)
  const near = (name: string, value: number, expected: number) =>
    expect(of(name, value)).toBeCloseTo(expected, 14)
  test('size and sign', () => {
    f('abs', -2, 2)
    f('abs', nan, nan)
    f('sgn', -3, -1)
    f('sgn', 0, 0)
    f('sgn', -0, -0)
    f('sgn', nan, nan)
    f('ceil', 1.2, 2)
    f('ceil', -0.5, -0)
    f('floor', -1.2, -2)
  })
  test('round', () => {
    f('round', 2.5, 3)
    f('round', -2.5, -2)
    f('round', 2.4, 2)
    f('round', 17, 20, 5 * 4)
    f('round', 0.37, 0.4, 0.1)
    f('round', -13, -10, 5 * 2)
    f('round', 5, nan, 0)
    f('round', inf, inf)
    f('round', nan, nan)
  })
  test('powers and logarithms', () => {
    f('sqrt', 9, 3)
    f('sqrt', -1, nan)
    f('exp', 0, 1)
    f('ln', 0, -inf)
    f('ln', -1, nan)
    f('log2', 8, 3)
    f('log10', 1000, 3)
    near('exp', 1, Math.E)
  })
  test('angles', () => {
    near('sin', Math.PI / 2, 1)
    near('cos', Math.PI, -1)
    near('tan', Math.PI / 4, 1)
    near('asin', 1, Math.PI / 2)
    near('acos', -1, Math.PI)
    near('atan', inf, Math.PI / 2)
    near('sinh', 1, 1.1752011936438014)
    near('cosh', 1, 1.5430806348152437)
    near('tanh', inf, 1)
    near('asinh', 1, 0.881373587019543)
    near('acosh', 2, 1.3169578969248166)
    near('atanh', 0.5, 0.5493061443340548)
    f('acos', 2, nan)
    near('deg', Math.PI, 180)
    near('rad', 180, Math.PI)
  })
  test('clamp', () => {
    f('clamp', 5, 3, 1, 3)
    f('clamp', -5, 1, 1, 3)
    f('clamp', 2, 2, 1, 3)
    f('clamp', 5, 2, 2, 2)
    f('clamp', nan, nan, 1, 3)
    f('clamp', 2, nan, nan, 3)
    f('clamp', -inf, 0, 0, nan)
    f('clamp_min', inf, inf, nan)
    f('clamp_max', 5, 3, 3)
    f('clamp_min', 1, 3, 3)
    f('clamp_max', -inf, -inf, 3)
    expect(vector('clamp', [[s('a', 1)], 3, 1])).toEqual([])
    expect(vector('clamp', [[s('a', 1, 2, null)], [0, 3, 0], [0.5, 2, 9]], { steps: 3 })).toEqual([
      ['a!', 0.5, null, null],
    ])
  })
  test('each step for itself', () => {
    expect(vector('abs', [[s('a', -1, null, -3), s('b', null, 2, null)]], { steps: 3 })).toEqual([
      ['a!', 1, null, 3],
      ['b!', null, 2, null],
    ])
    expect(vector('round', [[s('a', 7, 7)], [2, 10]], { steps: 2 })).toEqual([['a!', 8, 10]])
  })
})

describe('dates', () => {
  const f = (name: string, date: string, expected: number) =>
    expect(of(name, Date.parse(date) / 1_000)).toBe(expected)
  test('parts', () => {
    f('minute', '2026-11-21T20:59:59Z', 59)
    f('hour', '2026-11-21T20:59:59Z', 20)
    f('day_of_week', '2026-11-21T20:59:59Z', 6)
    f('day_of_week', '2026-11-22T00:00:00Z', 0)
    f('day_of_month', '2026-11-21T20:59:59Z', 21)
    f('month', '2026-11-21T20:59:59Z', 11)
    f('year', '2026-11-21T20:59:59Z', 2026)
  })
  test('before the epoch', () => {
    f('year', '1969-12-31T23:59:59Z', 1969)
    f('minute', '1969-12-31T23:58:00Z', 58)
    f('hour', '1969-12-31T23:00:00Z', 23)
    f('day_of_week', '1969-12-31T00:00:00Z', 3)
    f('year', '-000001-06-01T00:00:00Z', -1)
  })
  test('leap years', () => {
    f('days_in_month', '2024-02-01T00:00:00Z', 29)
    f('days_in_month', '2023-02-01T00:00:00Z', 28)
    f('days_in_month', '1900-02-01T00:00:00Z', 28)
    f('days_in_month', '2000-02-01T00:00:00Z', 29)
    f('days_in_month', '2026-12-31T00:00:00Z', 31)
    f('day_of_year', '2024-12-31T00:00:00Z', 366)
    f('day_of_year', '2023-12-31T00:00:00Z', 365)
    f('day_of_year', '2024-03-01T00:00:00Z', 61)
    f('day_of_month', '2024-02-29T00:00:00Z', 29)
  })
  test('days before and after the epoch are those of the calendar', () => {
    for (let day = -1_100; day < 1_100; day++) {
      const date = new Date(day * 86_400_000 + 5_000_000)
      const seconds = date.getTime() / 1_000
      const parts = ['year', 'month', 'day_of_month', 'day_of_week'].map((name) =>
        of(name, seconds),
      )
      expect(parts).toEqual([
        date.getUTCFullYear(),
        date.getUTCMonth() + 1,
        date.getUTCDate(),
        date.getUTCDay(),
      ])
    }
  })
  test('what is no time', () => {
    expect(of('year', nan)).toBeNaN()
    expect(of('hour', inf)).toBeNaN()
    expect(of('year', 1e15)).toBe(31690708)
  })
  test('of the time of each step where nothing is given', () => {
    const startMs = Date.parse('2026-11-21T20:59:59Z')
    expect(vector('hour', [], { startMs, steps: 2 })).toEqual([['!', 20, 21]])
    expect(vector('minute', [], { startMs, steps: 2 })).toEqual([['!', 59, 0]])
  })
})

describe('scalars, vectors and time', () => {
  test('scalar', () => {
    expect(scalar('scalar', [[s('a', 1, 2, null)]], { steps: 3 })).toEqual([1, 2, nan])
    expect(scalar('scalar', [[s('a', 1, 2, null), s('b', null, 3, 4)]], { steps: 3 })).toEqual([
      1,
      nan,
      4,
    ])
    expect(scalar('scalar', [[]])).toEqual([nan])
  })
  test('vector', () => expect(vector('vector', [[1, nan]], { steps: 2 })).toEqual([['', 1, nan]]))
  test('time and pi', () => {
    expect(scalar('time', [], { startMs: 1_500, steps: 2 })).toEqual([1.5, 2.5])
    expect(scalar('pi', [], { steps: 2 })).toEqual([Math.PI, Math.PI])
  })
  test('timestamp', () =>
    expect(vector('timestamp', [[s('a{x=1}', 5, null)]], { startMs: 7_000, steps: 2 })).toEqual([
      ['a!{x=1}', 7, null],
    ]))
})

describe('label_replace', () => {
  const f = (
    labels: string,
    [to, by, from, pattern]: [string, string, string, string],
    expected: string,
  ) =>
    expect(vector('label_replace', [[s(labels, 1)], to, by, from, pattern])).toEqual([
      [expected, 1],
    ])
  test('sets a label where the whole value matches', () => {
    f('a{x=foo-bar}', ['y', '$1', 'x', '(.*)-(.*)'], 'a{x=foo-bar,y=foo}')
    f('a{x=foo-bar}', ['y', '$2/$1', 'x', '(.*)-(.*)'], 'a{x=foo-bar,y=bar/foo}')
    f('a{x=foo-bar}', ['y', 'z', 'x', 'foo'], 'a{x=foo-bar}')
    f('a{x=foo}', ['y', 'z', 'x', 'fo|foo'], 'a{x=foo,y=z}')
    f('a{x=foo}', ['x', 'bar', 'x', '.*'], 'a{x=bar}')
    f('a{x=1\n2}', ['y', '$1', 'x', '(.*)'], 'a{x=1\n2,y=1\n2}')
  })
  test('of what is not there, and to nothing', () => {
    f('a', ['y', 'z', 'x', '.*'], 'a{y=z}')
    f('a', ['y', 'z', 'x', '.+'], 'a')
    f('a{x=1}', ['x', '', 'x', '.*'], 'a')
    f('a{x=1}', ['x', '$5', 'x', '(.*)'], 'a')
  })
  test('references are as in Go', () => {
    f('a{x=foo}', ['y', '${1}x', 'x', '(.*)'], 'a{x=foo,y=foox}')
    f('a{x=foo}', ['y', '$1x', 'x', '(.*)'], 'a{x=foo}')
    f('a{x=foo}', ['y', '$word!', 'x', '(?P<word>.*)'], 'a{x=foo,y=foo!}')
    f('a{x=foo}', ['y', '${word}$$1$', 'x', '(?<word>.*)'], 'a{x=foo,y=foo$1$}')
    f('a{x=foo}', ['y', '$0 ${} ${1', 'x', '(f).*'], 'a{x=foo,y=foo ${} ${1}')
    f('a{x=foo}', ['y', '[$2]', 'x', '(f)(g)?oo'], 'a{x=foo,y=[]}')
  })
  test('the name', () => {
    f('a!{x=b}', ['__name__', '$1', 'x', '(.*)'], 'b{x=b}')
    f('a!{x=b}', ['y', '$1', '__name__', '(.*)'], 'a!{x=b,y=a}')
    f('a', ['any name', 'é', '', '.*'], 'a{any name=é}')
  })
  test('what cannot be', () => {
    const fails = (series: GridSeries[], args: string[], message: string) =>
      expect(() => call('label_replace', [series, ...args])).toThrow(message)
    fails([s('a', 1)], ['y', '', 'x', '('], 'invalid regular expression in label_replace(): (')
    fails([s('a', 1)], ['', '', 'x', '.*'], 'invalid destination label name in label_replace(): ')
    fails(
      [s('a{x=1}', 1), s('a{x=2}', 1)],
      ['x', '', 'x', '.*'],
      'vector cannot contain metrics with the same labelset',
    )
  })
  test('a pattern that others take for ever over', () =>
    f(`a{x=${'a'.repeat(5_000)}}`, ['y', 'z', 'x', '(a*)*b'], `a{x=${'a'.repeat(5_000)}}`))
})

describe('label_join', () => {
  const f = (labels: string, args: string[], expected: string) =>
    expect(vector('label_join', [[s(labels, 1)], ...args])).toEqual([[expected, 1]])
  test('puts values together', () => {
    f('a{x=1,y=2}', ['z', '-', 'x', 'y'], 'a{x=1,y=2,z=1-2}')
    f('a{x=1,y=2}', ['z', '', 'y', 'none', 'x'], 'a{x=1,y=2,z=21}')
    f('a{x=1}', ['z', '-', 'none', 'x', 'none'], 'a{x=1,z=-1-}')
    f('a{z=1}', ['z', '-'], 'a')
    f('a!{x=b}', ['__name__', '', 'x'], 'b{x=b}')
  })
  test('what cannot be', () => {
    expect(() => call('label_join', [[s('a', 1)], '', ',', 'x'])).toThrow(
      'invalid destination label name',
    )
    expect(() => call('label_join', [[s('a', 1)], 'y', ',', ''])).toThrow(
      'invalid source label name',
    )
  })
})

describe('order', () => {
  const series = [
    s('a{i=10}', 2),
    s('a{i=9}', nan),
    s('a{i=1}', 3),
    s('a{i=2}', 1),
    s('a{i=3}', null),
  ]
  const order = (name: string, ...args: string[]) =>
    (vector(name, [series, ...args]) as [string][]).map(([labels]) => labels)
  test('by value', () => {
    expect(order('sort')).toEqual(['a{i=2}', 'a{i=10}', 'a{i=1}', 'a{i=9}'])
    expect(order('sort_desc')).toEqual(['a{i=1}', 'a{i=10}', 'a{i=2}', 'a{i=9}'])
  })
  test('by label, numbers by their size', () => {
    expect(order('sort_by_label', 'i')).toEqual(['a{i=1}', 'a{i=2}', 'a{i=3}', 'a{i=9}', 'a{i=10}'])
    expect(order('sort_by_label_desc', 'none', 'i')).toEqual([
      'a{i=10}',
      'a{i=9}',
      'a{i=3}',
      'a{i=2}',
      'a{i=1}',
    ])
    expect(order('sort_by_label')).toEqual(['a{i=1}', 'a{i=10}', 'a{i=2}', 'a{i=3}', 'a{i=9}'])
  })
  test('texts and numbers', () => {
    const f = (...values: string[]) => {
      const series = [...values].reverse().map((value) => s(`a{x=${value}}`, 1))
      expect(
        (vector('sort_by_label', [series, 'x']) as [string][]).map(([labels]) => labels),
      ).toEqual(values.map((value) => (value === '' ? 'a' : `a{x=${value}}`)))
    }
    f('', 'disk', 'disk1', 'disk2', 'disk2a', 'disk10', 'disk10a', 'diskx')
    f('1', '1.5', '1.10', '02', '2', '10', 'a')
    f('9', '99999999999999999999999998', '99999999999999999999999999')
  })
  test('a range has an order of its own', () => {
    const notes = new Notes()
    const two = [s('b', 2, 1), s('a', 1, 2)]
    expect(vector('sort', [two], { steps: 2, notes })).toEqual(shown(two))
    expect(notes.warnings.join()).toContain('sort is ineffective for range queries')
  })
})

describe('histogram_quantile', () => {
  const buckets = (values: Record<string, number | null>, labels = '') =>
    Object.entries(values).map(([le, value]) => s(`h{le=${le}${labels}}`, value))
  const f = (q: number, values: Record<string, number | null>, expected: number) =>
    expect(vector('histogram_quantile', [q, buckets(values)])).toEqual([
      ['h!', Number.isFinite(expected) ? expect.closeTo(expected, 12) : expected],
    ])
  const usual = { '0.1': 10, '0.5': 30, '1': 40, '+Inf': 40 }
  test('between bounds', () => {
    f(0.5, usual, 0.3)
    f(0.25, usual, 0.1)
    f(0.125, usual, 0.05)
    f(0, usual, 0)
    f(1, usual, 1)
    f(0.875, usual, 0.75)
  })
  test('above the last bound, and below 0', () => {
    f(0.9, { '1': 5, '2': 8, '+Inf': 10 }, 2)
    f(0.1, { '-1': 5, '2': 8, '+Inf': 10 }, -1)
    f(0.1, { '0': 5, '2': 8, '+Inf': 10 }, 0)
    f(0.65, { '-1': 5, '2': 8, '+Inf': 10 }, 0.5)
  })
  test('what is none', () => {
    f(0.5, { '1': 5, '2': 8 }, nan)
    f(0.5, { '+Inf': 8 }, nan)
    f(0.5, { '1': 0, '+Inf': 0 }, nan)
    f(0.5, { '1': nan, '+Inf': nan }, 1)
    f(-0.1, usual, -inf)
    f(1.1, usual, inf)
    f(nan, usual, nan)
  })
  test('bounds in any order and spelling', () => {
    f(0.5, { '+Inf': 40, '1': 40, '.1e0': 10, '5e-1': 30 }, 0.3)
    expect(
      vector('histogram_quantile', [
        0.5,
        [...buckets({ '1': 5, Inf: 10 }), ...buckets({ '1.0': 5 })],
      ]),
    ).toEqual([['h!', 0.5]])
  })
  test('counts that fall', () => {
    const notes = new Notes()
    const falling = buckets({ '1': 10, '2': 5, '3': 20, '+Inf': 20 })
    expect(vector('histogram_quantile', [0.75, falling], { notes })).toEqual([['h!', 2.5]])
    expect(notes.infos.join()).toContain('needed to be fixed for monotonicity')
    expect(notes.infos.join()).toContain('for metric name "h"')
  })
  test('nor is rounding told', () => {
    const notes = new Notes()
    const falling = buckets({ '1': 10, '2': 9.999_999_999_999_9, '3': 20, '+Inf': 20 })
    expect(vector('histogram_quantile', [0.75, falling], { notes })).toEqual([['h!', 2.5]])
    expect(notes.infos).toEqual([])
  })
  test('several histograms', () => {
    const two = [
      ...buckets({ '1': 1, '+Inf': 1 }, ',x=1'),
      ...buckets({ '2': 1, '+Inf': 1 }, ',x=2'),
    ]
    expect(vector('histogram_quantile', [0.5, two])).toEqual([
      ['h!{x=1}', 0.5],
      ['h!{x=2}', 1],
    ])
  })
  test('each step for itself', () => {
    const series = [
      s('h{le=1}', 4, 4, null, null),
      s('h{le=2}', 4, null, 4, null),
      s('h{le=+Inf}', 8, 4, 8, null),
    ]
    expect(vector('histogram_quantile', [[0.25, 0.5, 0.25, 0], series], { steps: 4 })).toEqual([
      ['h!', 0.5, 0.5, 1, null],
    ])
  })
  test('what is said beside', () => {
    const notes = new Notes()
    const series = [...buckets({ '1': 1, '+Inf': 1, x: 5, '0x10': 1 }), s('g', 3)]
    expect(vector('histogram_quantile', [2, series], { notes })).toEqual([['h!', inf]])
    expect(notes.warnings.map((note) => note.replace('PromQL warning: ', ''))).toEqual([
      'quantile value should be between 0 and 1, got 2',
      'bucket label "le" is missing or has a malformed value of "x" for metric name "h"',
      'bucket label "le" is missing or has a malformed value of "0x10" for metric name "h"',
      'bucket label "le" is missing or has a malformed value of "" for metric name "g"',
    ])
  })
})

describe('histogram_fraction', () => {
  const series = [s('h{le=1}', 10), s('h{le=2}', 30), s('h{le=4}', 40), s('h{le=+Inf}', 50)]
  const f = (from: number, to: number, expected: number, of = series) =>
    expect(vector('histogram_fraction', [from, to, of])).toEqual([['h!', expected]])
  test('between bounds', () => {
    f(0, 1, 0.2)
    f(1, 2, 0.4)
    f(0, 1.5, 0.4)
    f(1.5, 3, 0.3)
    f(-inf, inf, 1)
    f(4, inf, 0.2)
    f(5, 6, 0)
    f(-5, 0.5, 0.1)
  })
  test('nothing, and what is none', () => {
    f(2, 2, 0)
    f(2, 1, 0)
    f(nan, 1, nan)
    f(0, nan, nan)
    f(0, 1, nan, series.slice(0, 3))
    f(0, 1, nan, [s('h{le=+Inf}', 0)])
  })
  test('below 0', () => {
    const below = [s('h{le=-1}', 10), s('h{le=1}', 30), s('h{le=+Inf}', 40)]
    f(-inf, -1, 0.25, below)
    f(-1, 0, 0.25, below)
    f(-2, -1, 0, below)
  })
})

test('a function that is supported and looks at no range is here', () => {
  const expected = Object.entries(functions)
    .filter(([, { supported, args }]) => supported && !args.includes('matrix'))
    .map(([name]) => name)
    .filter((name) => name !== 'absent') // its labels are those that were asked for
  expect(Object.keys(instantFunctions).sort()).toEqual(expected.sort())
})
