/**
 * The statements that fill rollups: one INSERT … SELECT a table, a tier and a range, which may be made
 * again at any time with the same result. All text in them is the catalogue's and numbers of our own.
 *
 * Minutes come from samples, hours from minutes. All tenants are rolled up at once, each for itself:
 * tenant is in every GROUP BY. What costs most is left out where a look at the range allows it: columns
 * that no row of it has, and FINAL where no row is there twice.
 */
import { limits } from '../../../catalog/limit.ts'
import {
  BRIDGE_MS,
  type Figure,
  figuresOf,
  type Rolled,
  type RolledValue,
  type Tier,
  TIERS,
} from './rolled.ts'

/** Windows whose start is in [fromMs, toMs): of hours, one. */
export interface Range {
  readonly fromMs: number
  readonly toMs: number
  /** Of these entities or series alone; of all of them where it is absent. */
  readonly ids?: readonly bigint[]
  /** Part `part` of `parts` equal ones of all ids: they are hashes, so a share of their range is one of the rows. */
  readonly part?: number
  readonly parts?: number
}

const at = (ms: number) => `fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`

/**
 * One thread, so that inserts and people do not wait. Compiling hundreds of expressions takes longer than
 * running them. Rows lie in the order of the groups, so that a few of these are in memory at a time.
 */
export const BACKGROUND_SETTINGS = [
  'max_threads = 1',
  'max_insert_threads = 1',
  `max_memory_usage = ${limits.rollupMemoryBytes.value}`,
  `max_execution_time = ${limits.rollupMs.value / 1_000}`,
  'compile_expressions = 0',
  'compile_aggregate_expressions = 0',
  'optimize_aggregation_in_order = 1',
  `aggregation_in_order_max_block_bytes = ${8 << 20}`,
  `min_insert_block_size_bytes = ${64 << 20}`,
  'async_insert = 0',
  'insert_null_as_default = 0',
].join(', ')

const IDS = 2n ** 64n

function within(id: string, { ids, part = 0, parts = 1 }: Range): string {
  if (ids !== undefined) return ` AND ${id} IN (${ids.join(', ')})`
  if (parts === 1) return ''
  const first = (IDS * BigInt(part)) / BigInt(parts)
  const last = (IDS * BigInt(part + 1)) / BigInt(parts) - 1n
  return ` AND ${id} BETWEEN ${first} AND ${last}`
}

const sourceOf = ({ table }: Rolled, tier: Tier) => (tier === '1m' ? table : `${table}_1m`)

export const keyOf = ({ id, keys }: Rolled) => ['tenant', id, ...keys]

/** Columns that a value is made of. */
const madeOf = (value: RolledValue, tier: Tier): readonly string[] =>
  tier === '1m' ? [value.column] : figuresOf(value, '1m').map((each) => `${value.column}__${each}`)

/** `rows` of a range, and how many of these have each of its `values`, in their order. */
export const lookStatement = (rolled: Rolled, tier: Tier, range: Range): string => {
  const { id, values } = rolled
  const counts = values.map((value) => `count(${madeOf(value, tier).at(-1)})`)
  const present = counts.length === 0 ? '[]' : `arrayMap(n -> toFloat64(n), [${counts.join(', ')}])`
  return `SELECT toFloat64(count()) AS rows, ${present} AS present
FROM ${sourceOf(rolled, tier)}
WHERE ts >= ${at(range.fromMs)} AND ts < ${at(range.toMs)}${within(id, range)}
SETTINGS ${BACKGROUND_SETTINGS}`
}

/**
 * Whether a row is there `twice`: then it was sent, or rolled up, again and is not merged yet. Two keys of
 * the same hash look like that too, which only takes longer.
 */
export const twiceStatement = (rolled: Rolled, tier: Tier, range: Range): string =>
  `SELECT count() > uniqExact(cityHash64(${keyOf(rolled).join(', ')}, ts)) AS twice
FROM ${sourceOf(rolled, tier)}
WHERE ts >= ${at(range.fromMs - bridgeOf(tier))} AND ts < ${at(range.toMs)}${within(rolled.id, range)}
SETTINGS ${BACKGROUND_SETTINGS}`

/** What lies before an hour, and its first steps begin at. */
const bridgeOf = (tier: Tier) => (tier === '1h' ? BRIDGE_MS : 0)

const columnsOf = (rolled: Rolled, tier: Tier): string =>
  [
    ...keyOf(rolled),
    'ts',
    'samples',
    ...rolled.values.flatMap((value) => [
      ...figuresOf(value, tier).map((figure) => `${value.column}__${figure}`),
      ...(tier === '1h' && value.sketch !== undefined ? [`${value.column}__sketch`] : []),
    ]),
  ].join(', ')

/** `rolled` with those of its values that are to be made; `isTwice` as the statement above tells. */
export const rollStatement = (
  rolled: Rolled,
  tier: Tier,
  range: Range,
  isTwice: boolean,
): string => {
  const from = `${sourceOf(rolled, tier)}${isTwice ? ' FINAL' : ''}`
  return `INSERT INTO ${rolled.table}_${tier} (${columnsOf(rolled, tier)})
${tier === '1m' ? minutes(rolled, range, from) : hour(rolled, range, from)}
SETTINGS ${BACKGROUND_SETTINGS}`
}

type Aggregates = Readonly<Record<Exclude<Figure, 'increase'>, (value: RolledValue) => string>>

/** A fraction of a second that a double has no end of costs bytes in each window; 1/1024 s adds up to nothing. */
const kept = ({ nature, unit }: RolledValue, figure: string) =>
  nature === 'counter' && unit === 's' ? `floor(${figure} * 1024) / 1024` : figure

/** Least, most and mean of a counter say nothing. */
const levelOf = ({ column, nature }: RolledValue) =>
  nature === 'series' ? `${column}__level` : column

const MINUTE: Aggregates = {
  min: (value) => `min(${levelOf(value)})`,
  max: (value) => `max(${levelOf(value)})`,
  avg: (value) => `avg(${levelOf(value)})`,
  last: (value) => kept(value, `argMax(${value.column}, ts)`),
}

function minutes(rolled: Rolled, range: Range, from: string): string {
  const names = keyOf(rolled)
  const figures = rolled.values.flatMap((value) =>
    (figuresOf(value, '1m') as readonly (keyof Aggregates)[]).map((each) => MINUTE[each](value)),
  )
  const where = `ts >= ${at(range.fromMs)} AND ts < ${at(range.toMs)}${within(rolled.id, range)}`
  const source = rolled.id === 'series' ? `(${points(range, from, where)})` : from
  return `SELECT ${[...names, 'toDateTime64(toStartOfMinute(ts), 3) AS minute', 'count()', ...figures].join(',\n  ')}
FROM ${source}
WHERE ${where}
GROUP BY ${[...names, 'minute'].join(', ')}`
}

/** Where a series ended, and where a sender measured nothing, there is no number. */
const points = (range: Range, from: string, where: string): string =>
  `SELECT tenant, series, ts, if(isNaN(point.value), NULL, point.value) AS value,
    if((tenant, series) IN (
      SELECT tenant, series FROM series WHERE kind = 'counter'${within('series', range)}
    ), NULL, value) AS value__level
  FROM ${from} WHERE ${where}`

/**
 * Rows before the hour are there for their counters alone. By weights that are whole numbers the engine makes a
 * mean of whole numbers, whatever the values are.
 */
const HOUR: Aggregates = {
  min: ({ column }) => `minIf(${column}__min, isIn)`,
  max: ({ column }) => `maxIf(${column}__max, isIn)`,
  avg: ({ column }) => `avgWeightedIf(${column}__avg, toFloat64(greatest(samples, 1)), isIn)`,
  last: ({ column }) => `argMaxIf(${column}__last, ts, isIn)`,
}
const STEPS = '__steps'

const isCounted = (value: RolledValue) => figuresOf(value, '1h').includes('increase')

/** Steps from minute to minute that end in the hour, as (seconds, increase), of those that count. */
const steps = ({ column }: RolledValue, fromMs: number): string =>
  `arrayFilter(step -> step.1 > 0, arrayMap(
    (before, after) -> (
      if(after.1 < ${fromMs / 1_000} OR after.1 - before.1 > ${BRIDGE_MS / 1_000}, 0, after.1 - before.1),
      if(after.2 < before.2, after.2, after.2 - before.2)
    ),
    arrayPopBack(${column}__lasts), arrayPopFront(${column}__lasts)
  )) AS ${column}${STEPS}`

function hour(rolled: Rolled, range: Range, from: string): string {
  const { id, values } = rolled
  assertOneHour(range)
  const names = keyOf(rolled)
  const counted = values.filter(isCounted)
  const inner = values.flatMap((value) => {
    const { column } = value
    const plain = figuresOf(value, '1h').filter((each) => each !== 'increase')
    return [
      ...plain.map((each) => `${HOUR[each](value)} AS ${column}__${each}_`),
      ...(isCounted(value)
        ? [
            `arraySort(groupArrayIf((toUnixTimestamp(ts), assumeNotNull(${column}__last)), ${column}__last IS NOT NULL)) AS ${column}__lasts`,
          ]
        : []),
      ...(value.sketch === 'max'
        ? [
            `quantileDDStateIf(0.01, 0.5)(toFloat64(assumeNotNull(${column}__max)), isIn AND ${column}__max IS NOT NULL) AS ${column}__sketch_`,
          ]
        : []),
    ]
  })
  const figures = values.flatMap((value) => {
    const { column, sketch } = value
    return [
      ...figuresOf(value, '1h').map((each) =>
        each === 'increase' ? increaseOf(column, range.fromMs) : `${column}__${each}_`,
      ),
      ...(sketch === undefined ? [] : [sketch === 'max' ? `${column}__sketch_` : ratesOf(column)]),
    ]
  })
  return `SELECT ${[...names, at(range.fromMs), 'rows_', ...figures].join(',\n  ')}
FROM (
  SELECT ${['*', ...counted.map((value) => steps(value, range.fromMs))].join(',\n    ')}
  FROM (
    SELECT ${[...names, 'sumIf(samples, isIn) AS rows_', ...inner].join(',\n      ')}
    FROM (
      SELECT *, ts >= ${at(range.fromMs)} AS isIn FROM ${from}
      WHERE ts >= ${at(range.fromMs - BRIDGE_MS)} AND ts < ${at(range.toMs)}${within(id, range)}
    )
    GROUP BY ${names.join(', ')}
    HAVING max(isIn) = 1
  )
)`
}

/** Of an hour in which it has no sample nothing is known. */
const increaseOf = (column: string, fromMs: number): string =>
  `if(arrayExists(last -> last.1 >= ${fromMs / 1_000}, ${column}__lasts), arraySum(step -> step.2, ${column}${STEPS}), NULL)`

const ratesOf = (column: string): string =>
  `arrayReduce('quantileDDState(0.01, 0.5)', arrayMap(step -> step.2 / step.1, ${column}${STEPS}))`

function assertOneHour({ fromMs, toMs }: Range): void {
  if (toMs - fromMs !== TIERS['1h'].windowMs) throw new Error('hours are made one by one')
}
