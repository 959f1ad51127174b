/**
 * What the store knows of every entity over the last hour: one query an entity kind.
 * Units are those of the columns; times are unix ms. `null` is a column that was absent; it never
 * becomes 0.
 */
import { limits } from '../../catalog/limit.ts'
import { cpuUsed, INTERVAL_MS, known, ms, since, SILENCE_MS, until } from './sql.ts'
import type { Store } from '../store/store.ts'

export const WINDOW_MS = 3_600_000
/** The first and the last sample within an hour are never an hour apart: look back a little more. */
const SLACK_MS = 120_000

export interface MachineFigures {
  readonly entity: string
  readonly attributes: Readonly<Record<string, string>>
  readonly firstMs: number
  readonly lastMs: number
  /** Distinct samples of the window. */
  readonly samples: number
  /** Median time between two samples; 0 with fewer than two. */
  readonly intervalMs: number
  /** Silence after which it, and an entity on it, counts as gone. */
  readonly silenceMs: number
  /** Starts of the minutes in which it reported. */
  readonly minutesMs: readonly number[]
  readonly cpuCores: number | null
  readonly memoryBytes: number | null
  readonly memoryUsedBytes: number | null
  readonly cpuUsedCores: number | null
}

export interface ContainerFigures {
  readonly entity: string
  readonly hostId: string
  readonly path: string
  readonly level: string
  readonly memoryLimitCgroup: string
  readonly firstMs: number
  readonly lastMs: number
  /** The quota that is set on the cgroup itself. */
  readonly ownCpuCores: number | null
  readonly cpuLimitCores: number | null
  /** The limit that is set on the cgroup itself. */
  readonly ownMemoryBytes: number | null
  readonly memoryLimitBytes: number | null
}

export interface RuntimeFigures {
  readonly entity: string
  readonly attributes: Readonly<Record<string, string>>
  readonly lastMs: number
  readonly heapMaxBytes: number | null
  readonly heapCommittedBytes: number | null
  readonly metaspaceCommittedBytes: number | null
  readonly classes: number | null
  readonly osThreads: number | null
}

export interface Fleet {
  readonly nowMs: number
  readonly machines: readonly MachineFigures[]
  /** Groups too: a JVM may live in one. Those that ended within the window are there as well. */
  readonly containers: readonly ContainerFigures[]
  readonly runtimes: readonly RuntimeFigures[]
}

const MACHINES = `
SELECT toString(entity) AS entity, attributes, firstMs, lastMs, samples, intervalMs,
  ${SILENCE_MS} AS silenceMs, minutesMs, newest.1 AS cpuCores, newest.2 AS memoryBytes,
  memoryUsedBytes, cpuUsedCores
FROM (
  SELECT entity, ${ms('min(ts)')} AS firstMs, ${ms('max(ts)')} AS lastMs,
    toFloat64(uniqExact(ts)) AS samples,
    ${INTERVAL_MS} AS intervalMs,
    groupUniqArray(${ms('toStartOfMinute(ts)::DateTime64(3)')}) AS minutesMs,
    argMax(tuple(cpu_cores, memory_mem_total_bytes), ts) AS newest,
    avg(memory_mem_total_bytes - memory_mem_available_bytes) AS memoryUsedBytes
  FROM machine FINAL
  WHERE ${since('from')}
  GROUP BY entity
) AS figures
LEFT JOIN (${cpuUsed('from')}) AS cpu USING entity
INNER JOIN (${known('machine', 'attributes')}) AS known USING entity`

const CONTAINERS = `
SELECT toString(entity) AS entity, hostId, path, level, memoryLimitCgroup, firstMs, lastMs,
  newest.1 / newest.2 AS ownCpuCores, newest.3 AS cpuLimitCores,
  newest.4 AS ownMemoryBytes, newest.5 AS memoryLimitBytes
FROM (
  SELECT entity, ${ms('min(ts)')} AS firstMs, ${ms('max(ts)')} AS lastMs,
    argMax(tuple(cpu_quota, cpu_period, cpu_limit_effective_cores,
      memory_limit_bytes, memory_limit_effective_bytes), ts) AS newest
  FROM container FINAL
  WHERE ${since('from')}
  GROUP BY entity
) AS figures
INNER JOIN (${known(
  'container',
  `attributes['host.id'] AS hostId,
    attributes['candor.cgroup.path'] AS path,
    attributes['candor.cgroup.level'] AS level,
    attributes['candor.memory.limit.cgroup'] AS memoryLimitCgroup`,
)}) AS known USING entity`

const RUNTIMES = `
SELECT toString(entity) AS entity, attributes, lastMs, newest.1 AS heapMaxBytes,
  newest.2 AS heapCommittedBytes, newest.3 AS metaspaceCommittedBytes, newest.4 AS classes,
  newest.5 AS osThreads
FROM (
  SELECT entity, ${ms('max(ts)')} AS lastMs,
    argMax(tuple(heap_max_bytes, heap_committed_bytes, metaspace_committed_bytes, classes,
      os_threads), ts) AS newest
  FROM runtime FINAL
  WHERE ${since('from')}
  GROUP BY entity
) AS figures
INNER JOIN (${known('runtime', 'attributes')}) AS known USING entity`

export async function readFleet(
  store: Pick<Store, 'query'>,
  nowMs: number,
  tenant: string,
): Promise<Fleet> {
  const ask = <T>(sql: string, windowMs: number) =>
    store.query<T>(
      sql,
      { tenant, from: nowMs - windowMs, until: until(nowMs) },
      { session: 'evaluate' },
    )
  const machines = await ask<MachineFigures>(MACHINES, WINDOW_MS + SLACK_MS)
  const silenceMs = machines.reduce<number>(
    (longest, machine) => Math.max(longest, machine.silenceMs),
    limits.entityFreshMs.value,
  )
  return {
    nowMs,
    machines,
    containers: await ask<ContainerFigures>(CONTAINERS, WINDOW_MS),
    runtimes: await ask<RuntimeFigures>(RUNTIMES, silenceMs),
  }
}
