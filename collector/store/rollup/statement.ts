/**
 * The statements that fill rollups: one INSERT … SELECT a table, a tier and a range, which may be made
 * again at any time with the same result. All text in them is the catalogue's and numbers of our own.
 *
 * Minutes come from samples, hours from minutes. All tenants are rolled up at once, each for itself:
 * tenant is in every GROUP BY and PARTITION BY.
 */
import { limits } from '../../../catalog/limit.ts'
import { BRIDGE_MS, type Figure, type Rolled, type RolledValue, type Tier } from './rolled.ts'

/** Windows whose start is in [fromMs, toMs). Ids are hashes: a share of their range is one of the rows. */
export interface Range {
  readonly fromMs: number
  readonly toMs: number
  /** Part `part` of `parts` equal ones of all ids. */
  readonly part: number
  readonly parts: number
}

const at = (ms: number) => `fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`

/** One thread, so that inserts and people do not wait. Compiling hundreds of expressions takes longer than running them. */
export const BACKGROUND_SETTINGS = [
  'max_threads = 1',
  'max_insert_threads = 1',
  `max_memory_usage = ${limits.rollupMemoryBytes.value}`,
  `max_execution_time = ${limits.rollupMs.value / 1_000}`,
  'compile_expressions = 0',
  'compile_aggregate_expressions = 0',
  'async_insert = 0',
  'insert_null_as_default = 0',
].join(', ')

const IDS = 2n ** 64n

function ids(id: string, { part, parts }: Range): string {
  if (parts === 1) return ''
  const first = (IDS * BigInt(part)) / BigInt(parts)
  const last = (IDS * BigInt(part + 1)) / BigInt(parts) - 1n
  return ` AND ${id} BETWEEN ${first} AND ${last}`
}

const isCounted = ({ figures }: RolledValue) => figures.includes('increase')

const columnsOf = ({ id, keys, values }: Rolled, tier: Tier): string =>
  [
    'tenant',
    id,
    ...keys,
    'ts',
    ...values.flatMap(({ column, figures, sketch }) => [
      ...figures.map((figure) => `${column}__${figure}`),
      ...(tier === '1h' && sketch !== undefined ? [`${column}__sketch`] : []),
    ]),
  ].join(', ')

export const rollStatement = (rolled: Rolled, tier: Tier, range: Range): string =>
  `INSERT INTO ${rolled.table}_${tier} (${columnsOf(rolled, tier)})
${tier === '1m' ? minutes(rolled, range) : hours(rolled, range)}
SETTINGS ${BACKGROUND_SETTINGS}`

/** Rows that a statement reads, to tell in how many parts it is to be made. */
export const countStatement = ({ table }: Rolled, tier: Tier, fromMs: number, toMs: number) =>
  `SELECT toFloat64(count()) AS n FROM ${tier === '1m' ? table : `${table}_1m`}
WHERE ts >= ${at(fromMs)} AND ts < ${at(toMs)}`

const MINUTE_FIGURES: Readonly<Record<Figure, (column: string) => string>> = {
  min: (c) => `min(${c})`,
  max: (c) => `max(${c})`,
  sum: (c) => `sum(${c})`,
  count: (c) => `count(${c})`,
  last: (c) => `argMax(${c}, ts)`,
  increase: (c) => `sum(multiIf(${c} IS NULL, NULL,
      ${c}__before IS NULL OR at - ${c}__at > ${BRIDGE_MS}, 0, ${c} < ${c}__before, ${c}, ${c} - ${c}__before))`,
}

/** The newest sample of a counter before each row, and its time, are found by looking back in order. */
function minutes(rolled: Rolled, range: Range): string {
  const { table, id, keys, values } = rolled
  const names = ['tenant', id, ...keys]
  const before = values
    .filter(isCounted)
    .flatMap(({ column }) => [
      `last_value(${column}) IGNORE NULLS OVER earlier AS ${column}__before`,
      `maxIf(at, ${column} IS NOT NULL) OVER earlier AS ${column}__at`,
    ])
  const figures = values.flatMap(({ column, figures: each }) =>
    each.map((figure) => MINUTE_FIGURES[figure](column)),
  )
  return `SELECT ${[...names, 'toDateTime64(toStartOfMinute(ts), 3) AS minute', ...figures].join(',\n  ')}
FROM (
  SELECT ${[...names, 'ts', 'at', ...values.map(({ column }) => column), ...before].join(',\n    ')}
  FROM (
    SELECT ${[...names, 'ts', 'toUnixTimestamp64Milli(ts) AS at', ...values.map(({ column }) => present(rolled, column))].join(', ')}
    FROM ${table} FINAL
    WHERE ts >= ${at(range.fromMs - BRIDGE_MS)} AND ts < ${at(range.toMs)}${ids(id, range)}
  )
  WINDOW earlier AS (
    PARTITION BY ${names.join(', ')} ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
)
WHERE ts >= ${at(range.fromMs)}
GROUP BY ${[...names, 'minute'].join(', ')}`
}

/** Where a series ended, and where a sender measured nothing, there is no number. */
const present = ({ table }: Rolled, column: string): string =>
  table === 'point' ? `if(isNaN(point.${column}), NULL, point.${column}) AS ${column}` : column

const HOUR_FIGURES: Readonly<Record<Figure, (column: string) => string>> = {
  min: (c) => `min(${c}__min)`,
  max: (c) => `max(${c}__max)`,
  sum: (c) => `sum(${c}__sum)`,
  count: (c) => `sum(${c}__count)`,
  last: (c) => `argMax(${c}__last, ts)`,
  increase: (c) => `sum(${c}__increase)`,
}
const MINUTE_SECONDS = 60

function hours({ table, id, keys, values }: Rolled, range: Range): string {
  const names = ['tenant', id, ...keys]
  const figures = values.flatMap(({ column, figures: each, sketch }) => [
    ...each.map((figure) => HOUR_FIGURES[figure](column)),
    ...(sketch === undefined ? [] : [sketchOf(column, sketch)]),
  ])
  return `SELECT ${[...names, 'toDateTime64(toStartOfHour(ts), 3) AS hour', ...figures].join(',\n  ')}
FROM ${table}_1m FINAL
WHERE ts >= ${at(range.fromMs)} AND ts < ${at(range.toMs)}${ids(id, range)}
GROUP BY ${[...names, 'hour'].join(', ')}`
}

/** The combinator with If takes no NULL. */
function sketchOf(column: string, sketch: NonNullable<RolledValue['sketch']>): string {
  const figure = sketch === 'rate' ? `${column}__increase / ${MINUTE_SECONDS}` : `${column}__max`
  return `quantileDDStateIf(0.01, 0.5)(assumeNotNull(${figure}), ${figure} IS NOT NULL)`
}
