/** What the store knows of every entity over the last hour: one query an entity kind. */
import { limits } from '../../catalog/limit.ts'
import {
  type ContainerFigures,
  type Fleet,
  type MachineFigures,
  type RuntimeFigures,
  WINDOW_MS,
} from '../../judge/fleet.ts'
import { cpuUsed, ENDED_MS, INTERVAL_MS, known, ms, since, SILENCE_MS, until } from './sql.ts'
import type { Store } from '../store/store.ts'

/** The first and the last sample within an hour are never an hour apart: look back a little more. */
const SLACK_MS = 120_000

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
SELECT toString(entity) AS entity, hostId, path, level, memoryLimitCgroup, firstMs, lastMs, endedMs,
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
    attributes['candor.memory.limit.cgroup'] AS memoryLimitCgroup,
    ${ENDED_MS}`,
)}) AS known USING entity`

const RUNTIMES = `
SELECT toString(entity) AS entity, attributes, lastMs, endedMs, newest.1 AS heapMaxBytes,
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
INNER JOIN (${known('runtime', `attributes, ${ENDED_MS}`)}) AS known USING entity`

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
