/**
 * Every function of PromQL: what it takes and gives.
 * Source: prometheus.io/docs/prometheus/latest/querying/functions, Prometheus 3.
 */
import type { ValueType } from './tree.ts'

export interface FunctionType {
  readonly args: readonly ValueType[]
  /** How often the last argument may be left out or repeated: 0 is just as listed, -1 as often as one likes. */
  readonly variadic: number
  readonly returns: ValueType
  /** Prometheus may yet change it, and asks for a flag. */
  readonly experimental?: true
  /** Otherwise the name is known, and the query is refused. */
  readonly supported: boolean
}

const of = (
  args: readonly ValueType[],
  returns: ValueType = 'vector',
  rest: { variadic?: number; experimental?: true; supported?: false } = {},
): FunctionType => ({ args, returns, variadic: 0, supported: true, ...rest })

const EXPERIMENTAL = { experimental: true } as const
/** Of native histograms, start timestamps, or the bounds of the whole question. */
const NOT_YET = { supported: false } as const
const INSTANT = of(['vector'])
const RANGE = of(['matrix'])
const DATE = of(['vector'], 'vector', { variadic: 1 })
const OF_SAMPLE = of(['matrix'], 'vector', EXPERIMENTAL)
const OF_NATIVE = of(['vector'], 'vector', NOT_YET)
const OF_QUESTION = of([], 'scalar', { ...EXPERIMENTAL, ...NOT_YET })
const BY_LABEL = of(['vector', 'string'], 'vector', { ...EXPERIMENTAL, variadic: -1 })

export const functions: Readonly<Record<string, FunctionType>> = {
  abs: INSTANT,
  absent: INSTANT,
  absent_over_time: RANGE,
  acos: INSTANT,
  acosh: INSTANT,
  asin: INSTANT,
  asinh: INSTANT,
  atan: INSTANT,
  atanh: INSTANT,
  avg_over_time: RANGE,
  ceil: INSTANT,
  changes: RANGE,
  clamp: of(['vector', 'scalar', 'scalar']),
  clamp_max: of(['vector', 'scalar']),
  clamp_min: of(['vector', 'scalar']),
  cos: INSTANT,
  cosh: INSTANT,
  count_over_time: RANGE,
  day_of_month: DATE,
  day_of_week: DATE,
  day_of_year: DATE,
  days_in_month: DATE,
  deg: INSTANT,
  delta: RANGE,
  deriv: RANGE,
  double_exponential_smoothing: of(['matrix', 'scalar', 'scalar'], 'vector', EXPERIMENTAL),
  end: OF_QUESTION,
  exp: INSTANT,
  first_over_time: OF_SAMPLE,
  floor: INSTANT,
  histogram_avg: OF_NATIVE,
  histogram_count: OF_NATIVE,
  histogram_fraction: of(['scalar', 'scalar', 'vector']),
  histogram_quantile: of(['scalar', 'vector']),
  histogram_quantiles: of(['vector', 'string', 'scalar', 'scalar'], 'vector', {
    ...EXPERIMENTAL,
    ...NOT_YET,
    variadic: 9,
  }),
  histogram_stddev: OF_NATIVE,
  histogram_stdvar: OF_NATIVE,
  histogram_sum: OF_NATIVE,
  hour: DATE,
  idelta: RANGE,
  increase: RANGE,
  info: of(['vector', 'vector'], 'vector', { ...EXPERIMENTAL, ...NOT_YET, variadic: 1 }),
  integral: of(['matrix', 'scalar'], 'vector', { ...EXPERIMENTAL, ...NOT_YET, variadic: 1 }),
  irate: RANGE,
  label_join: of(['vector', 'string', 'string', 'string'], 'vector', { variadic: -1 }),
  label_replace: of(['vector', 'string', 'string', 'string', 'string']),
  last_over_time: RANGE,
  ln: INSTANT,
  log10: INSTANT,
  log2: INSTANT,
  mad_over_time: OF_SAMPLE,
  max_over_time: RANGE,
  min_over_time: RANGE,
  minute: DATE,
  month: DATE,
  pi: of([], 'scalar'),
  predict_linear: of(['matrix', 'scalar']),
  present_over_time: RANGE,
  quantile_over_time: of(['scalar', 'matrix']),
  rad: INSTANT,
  range: OF_QUESTION,
  rate: RANGE,
  resets: RANGE,
  round: of(['vector', 'scalar'], 'vector', { variadic: 1 }),
  scalar: of(['vector'], 'scalar'),
  sgn: INSTANT,
  sin: INSTANT,
  sinh: INSTANT,
  sort: INSTANT,
  sort_by_label: BY_LABEL,
  sort_by_label_desc: BY_LABEL,
  sort_desc: INSTANT,
  sqrt: INSTANT,
  start: OF_QUESTION,
  start_timestamp: of(['vector'], 'vector', { ...EXPERIMENTAL, ...NOT_YET }),
  stddev_over_time: RANGE,
  stdvar_over_time: RANGE,
  step: OF_QUESTION,
  sum_over_time: RANGE,
  tan: INSTANT,
  tanh: INSTANT,
  time: of([], 'scalar'),
  timestamp: INSTANT,
  ts_of_first_over_time: OF_SAMPLE,
  ts_of_last_over_time: OF_SAMPLE,
  ts_of_max_over_time: OF_SAMPLE,
  ts_of_min_over_time: OF_SAMPLE,
  vector: of(['scalar']),
  year: DATE,
}
