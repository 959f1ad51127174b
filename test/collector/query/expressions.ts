/** Expressions about a few series that there are, and such series: most have answers, many of them full. */
import fc from 'fast-check'
import { STALE_BITS, type SampleSeries } from '../../../collector/query/grid/grid.ts'
import { Labels } from '../../../collector/query/grid/labels.ts'

const NAMES = ['m', 'n', 'c_total'] as const
const is = fc.constant
const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((all) => all.join(''))

const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -5, max: 20 }) },
  { weight: 4, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
)
/** Every 30 s, from −5 to 15 min; undefined is a gap. */
const valuesArb = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: value },
    { weight: 2, arbitrary: is('stale' as const) },
    { weight: 4, arbitrary: is(undefined) },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
)

const keys = NAMES.flatMap((name) =>
  ['1', '2'].flatMap((a) => ['x', 'y'].map((b) => ({ __name__: name, a, b }))),
)

export const seriesArb: fc.Arbitrary<SampleSeries[]> = fc
  .tuple(...keys.map(() => fc.option(valuesArb)))
  .map((all) => all.flatMap((values, i) => (values === null ? [] : [seriesOf(keys[i]!, values)])))

function seriesOf(
  labels: Record<string, string>,
  all: readonly (number | 'stale' | undefined)[],
): SampleSeries {
  const kept = [...all.entries()].filter(([, one]) => one !== undefined)
  const values = new Float64Array(kept.length)
  const bits = new BigUint64Array(values.buffer)
  for (const [i, [, one]] of kept.entries()) {
    if (one === 'stale') bits[i] = STALE_BITS
    else values[i] = one!
  }
  const times = Float64Array.from(kept, ([i]) => -300_000 + i * 30_000)
  return { labels: Labels.of(labels), times, values }
}

const duration = fc.constantFrom('30s', '45s', '1m', '3m', '10m')
const range = join(is('['), duration, is(']'))
const subrange = join(
  is('['),
  duration,
  is(':'),
  fc.constantFrom('', '20s', '30s', '1m', '4m'),
  is(']'),
)
const rangeFunction = fc.constantFrom(
  'rate',
  'increase',
  'delta',
  'irate',
  'idelta',
  'resets',
  'changes',
  'deriv',
  'sum_over_time',
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'count_over_time',
  'last_over_time',
  'first_over_time',
  'present_over_time',
  'absent_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'mad_over_time',
  'ts_of_max_over_time',
  'ts_of_last_over_time',
)
const instantFunction = fc.constantFrom(
  'abs',
  'ceil',
  'sqrt',
  'sgn',
  'timestamp',
  'absent',
  'sort',
  'sort_desc',
  'day_of_week',
  'minute',
)
const aggregation = fc.constantFrom(
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'group',
  'stddev',
  'stdvar',
)
const ranked = fc.constantFrom('topk', 'bottomk', 'quantile', 'limitk')
const arithmetic = fc.constantFrom(' + ', ' - ', ' * ', ' / ', ' % ', ' ^ ', ' atan2 ')
const comparison = fc.constantFrom(' == ', ' != ', ' < ', ' >= ')
const set = fc.constantFrom(' and ', ' or ', ' unless ')

/** What expressions are about. */
export interface Vocabulary {
  readonly names: readonly string[]
  /** In braces, or nothing. */
  readonly matchers: readonly string[]
  /** Whole selectors. */
  readonly others: readonly string[]
  /** Two labels that the series of a name differ by. */
  readonly labels: readonly [string, string]
  /** A value of each. */
  readonly values: readonly [string, string]
  /** Unix seconds at which series have samples. */
  readonly times: readonly [number, number]
}

/** Of `seriesArb`. */
const OWN: Vocabulary = {
  names: NAMES,
  matchers: ['', '{a="1"}', '{b!="x"}', '{a=~"1|3"}', '{a="2",b="y"}'],
  others: ['{__name__=~"m|n"}', '{__name__=~".+",a="1",b="x"}', 'none'],
  labels: ['a', 'b'],
  values: ['1', 'x'],
  times: [120, 300],
}

/** Nothing in them depends on where a range starts or ends. */
export function expressionsAbout(words: Vocabulary): fc.Arbitrary<string> {
  const [a, b] = words.labels
  const [ofA, ofB] = words.values
  const selector = fc.oneof(
    join(fc.constantFrom(...words.names), fc.constantFrom(...words.matchers)),
    fc.constantFrom(...words.others),
  )
  const moved = fc.oneof(
    { weight: 6, arbitrary: is('') },
    fc.constantFrom(
      ' offset 1m',
      ' offset -90s',
      ` @ ${words.times[0]}`,
      ` @ ${words.times[1]} offset 45s`,
    ),
  )
  const grouping = fc.constantFrom(
    '',
    ` by (${a})`,
    ` without (${b})`,
    ' by (__name__)',
    ` by (${a}, ${b})`,
  )
  const matching = fc.constantFrom(
    '',
    '',
    `on (${a}, ${b}) `,
    `ignoring (${b}) `,
    `on (${a}) group_left `,
    `on (${a}) group_right (${b}) `,
  )
  const setMatching = fc.constantFrom('', '', `on (${a}) `, `ignoring (${b}) `)
  const replaced = fc.constantFrom(
    `, "${b}", "z", "${a}", "${ofA}")`,
    `, "${a}", "$1", "${b}", "(.*)")`,
    ', "c", "", "", "")',
    `, "c", "$1-$1", "${b}", "(${ofB}).*")`,
  )
  return fc.letrec<Record<'vector' | 'scalar', string>>((tie) => ({
    scalar: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'expression' },
      fc.constantFrom('1', '0.5', '2', '-3', 'NaN', 'Inf'),
      is('time()'),
      join(is('scalar('), tie('vector'), is(')')),
      join(is('('), tie('scalar'), arithmetic, tie('scalar'), is(')')),
      join(is('('), tie('scalar'), comparison, is('bool '), tie('scalar'), is(')')),
    ),
    vector: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'expression' },
      join(selector, moved),
      join(rangeFunction, is('('), selector, range, moved, is(')')),
      join(rangeFunction, is('('), tie('vector'), subrange, moved, is(')')).map(inParens),
      join(is('quantile_over_time('), tie('scalar'), is(', '), selector, range, moved, is(')')),
      join(is('predict_linear('), selector, range, moved, is(', '), tie('scalar'), is(')')),
      join(instantFunction, is('('), tie('vector'), is(')')),
      join(is('clamp('), tie('vector'), is(', 0, '), tie('scalar'), is(')')),
      join(is('label_replace('), tie('vector'), replaced),
      join(aggregation, grouping, is(' ('), tie('vector'), is(')')),
      join(ranked, grouping, is(' ('), tie('scalar'), is(', '), tie('vector'), is(')')),
      join(is('count_values'), grouping, is(' ("v", '), tie('vector'), is(')')),
      join(is('-('), tie('vector'), is(')')),
      join(is('vector('), tie('scalar'), is(')')),
      join(is('('), tie('vector'), arithmetic, tie('scalar'), is(')')),
      join(is('('), tie('scalar'), comparison, tie('vector'), is(')')),
      join(is('('), tie('vector'), arithmetic, matching, tie('vector'), is(')')),
      join(is('('), tie('vector'), comparison, matching, tie('vector'), is(')')),
      join(is('('), tie('vector'), set, setMatching, tie('vector'), is(')')),
    ),
  })).vector
}

export const expressionArb = expressionsAbout(OWN)

/** What a subquery is of stands in parentheses, as a suffix of what comes last in it would be its own. */
function inParens(text: string): string {
  const open = text.indexOf('(') + 1
  const close = text.lastIndexOf('[')
  return `${text.slice(0, open)}(${text.slice(open, close)})${text.slice(close)}`
}
