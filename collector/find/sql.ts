/**
 * Pieces of SQL that the fleet's queries share. Values are parameters, never text.
 *
 * A row that was sent twice may be there twice until the store has merged it, so queries take only
 * figures that a doubled row does not change: newest, first, last, distinct times, or a mean of
 * gauges.
 */
import { limits } from '../../catalog/limit.ts'
import { GONE_INTERVALS } from '../../judge/fleet.ts'

/** What findings ask is never in a hurry: one thread, so that what comes in finds another. */
export const UNHURRIED = 'SETTINGS max_threads = 1'

export const ms = (expression: string): string => `toFloat64(toUnixTimestamp64Milli(${expression}))`

export const at = (parameter: string): string => `fromUnixTimestamp64Milli({${parameter}:Int64})`

/** Rows of one tenant, later than `{from}`; a clock may be ahead by as much as the receiver allows. */
export const since = (parameter: string): string =>
  `tenant = {tenant:String} AND ts > ${at(parameter)} AND ts <= ${at('until')}`

export const until = (nowMs: number): number => nowMs + limits.clockAheadMs.value

/** Attributes of every entity of a kind, as they were announced last. */
export const known = (kind: 'machine' | 'container' | 'runtime', select: string): string => `
  SELECT entity, ${select}
  FROM entity FINAL
  WHERE tenant = {tenant:String} AND kind = '${kind}'`

/**
 * Entities of a kind that were seen since `{seen}`, with expressions of rows of the same entity. What its
 * identity is made of is the same in all of them, so they need not be merged first, which for a large
 * fleet takes many times as long as reading them.
 */
export const seen = (
  kind: 'machine' | 'container' | 'runtime',
  expressions: Columns,
  where = '',
): string => `
  SELECT entity, ${Object.entries(expressions)
    .map(([name, expression]) => `${expression} AS ${name}`)
    .join(', ')}
  FROM entity
  WHERE tenant = {tenant:String} AND kind = '${kind}' AND last_seen > ${at('seen')}${where}
  GROUP BY entity`

/** For `seen`: an attribute that is part of what an entity is. */
export const same = (attribute: string): string => `any(attributes['${attribute}'])`

/** For `seen`: an attribute that may be told anew. */
export const told = (attribute: string): string => `argMax(attributes['${attribute}'], last_seen)`

/** For `seen`: when it ended, as its agent said; NULL while it lives. */
export const ENDED = 'max(ended_ms)'

/** When an entity ended, as its agent said; NULL while it lives. */
export const ENDED_MS = 'ended_ms AS endedMs'

/** Median time between the samples of a group; 0 with fewer than two. */
export const INTERVAL_MS = `
    toFloat64(if(uniqExact(ts) < 2, 0, arrayReduce('quantileExact(0.5)', arrayPopFront(
      arrayDifference(arraySort(groupUniqArray(toUnixTimestamp64Milli(ts))))))))`

/** Silence after which a machine, and an entity on it, counts as gone. */
export const SILENCE_MS = `greatest(${limits.entityFreshMs.value}., 3 * intervalMs)`

/** Of a machine: silence after which something on it counts as gone. */
export const GONE_MS = `if(intervalMs > 0, ${GONE_INTERVALS} * intervalMs, silenceMs)`

/** Holds for what runs on a machine, beside `machineMs` and `goneMs` of it: neither gone nor ended. */
export const IS_THERE = `lastMs >= machineMs - goneMs AND (endedMs IS NULL OR lastMs > endedMs)`

type Columns = Readonly<Record<string, string>>

/** Expressions by name as one value, which a query answers with as an object. */
const figures = (expressions: Columns): string => `tuple(${Object.values(expressions).join(', ')})
    ::Tuple(${Object.keys(expressions)
      .map((name) => `${name} Nullable(Float64)`)
      .join(', ')})`

/** Columns of the newest row of a group, by name. */
export const newest = (columns: Columns): string => `argMax(${figures(columns)}, ts)`

/**
 * A column that is never below 0 in the newest row of a group, which may be there in parts that are not
 * merged yet. What that row lacks is NULL, whatever was before.
 */
export const inNewest = (column: string): string => `nullIf(max((ts, ifNull(${column}, -1))).2, -1)`

/**
 * What counters of a group grew by between the first and the last sample, by name. One that fell began
 * anew, which the extremes show; one that is told less often than the others must cover most of the time.
 */
export const grown = (columns: Columns, seconds: string): string =>
  figures(Object.fromEntries(Object.entries(columns).map(([name, c]) => [name, grew(c, seconds)])))

const grew = (column: string, seconds: string): string => {
  const isThere = `${column} IS NOT NULL`
  const span = `(${ms(`maxIf(ts, ${isThere})`)} - ${ms(`minIf(ts, ${isThere})`)}) / 1000`
  return `if(min(${column}) < argMin(${column}, ts) OR max(${column}) > argMax(${column}, ts)
      OR ${span} < ${COVERED} * ${seconds}, NULL, argMax(${column}, ts) - argMin(${column}, ts))`
}

const COVERED = 0.8

/** CPU time that a machine used, in cores: the mean between the first and the last sample. */
export const cpuUsed = (parameter: string, where = ''): string =>
  cpuTime(
    'user_seconds + nice_seconds + system_seconds + irq_seconds + softirq_seconds',
    'cpuUsedCores',
    parameter,
    where,
  )

/** CPU time that the hypervisor gave to others, in the same way. */
export const cpuStolen = (parameter: string): string =>
  cpuTime('steal_seconds', 'stolenCores', parameter)

const cpuTime = (counter: string, name: string, parameter: string, where = ''): string => `
  SELECT entity, if(min(last >= first), sum((last - first) / seconds), NULL) AS ${name}
  FROM (
    SELECT entity, cpu, argMin(spent, ts) AS first, argMax(spent, ts) AS last,
      (${ms('max(ts)')} - ${ms('min(ts)')}) / 1000 AS seconds
    FROM (
      SELECT entity, cpu, ts, ${counter} AS spent
      FROM machine_cpu
      WHERE ${since(parameter)} ${where}
    )
    WHERE spent IS NOT NULL
    GROUP BY entity, cpu
    HAVING seconds > 0
  )
  GROUP BY entity`
