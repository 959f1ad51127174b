/** What the store knows of every entity: one query an entity kind, and what moves. */
import { limits } from '../../catalog/limit.ts'
import {
  type ContainerFigures,
  type Fleet,
  type Grown,
  type MachineFigures,
  RECENT_MS,
  type RuntimeFigures,
  type UnreadFigures,
  WINDOW_MS,
} from '../../judge/fleet.ts'
import type { LongRun } from '../../judge/profile.ts'
import { containerMemory, containerNewest, runtimeNewest } from '../../judge/runtime-columns.ts'
import type { Store } from '../store/store.ts'
import { readGrowth } from './growth.ts'
import type { LongRuns } from './long-runs.ts'
import {
  cpuStolen,
  cpuUsed,
  ENDED_MS,
  INTERVAL_MS,
  known,
  ms,
  newest,
  since,
  SILENCE_MS,
  until,
} from './sql.ts'

/** The first and the last sample within an hour are never an hour apart: look back a little more. */
const SLACK_MS = 120_000

const MACHINES = `
SELECT toString(entity) AS entity, attributes, firstMs, lastMs, samples, intervalMs,
  ${SILENCE_MS} AS silenceMs, minutesMs, newest.1 AS cpuCores, newest.2 AS memoryBytes,
  newest.3 AS swapBytes, memoryUsedBytes, cpuUsedCores
FROM (
  SELECT entity, ${ms('min(ts)')} AS firstMs, ${ms('max(ts)')} AS lastMs,
    toFloat64(uniqExact(ts)) AS samples,
    ${INTERVAL_MS} AS intervalMs,
    groupUniqArray(${ms('toStartOfMinute(ts)::DateTime64(3)')}) AS minutesMs,
    argMax(tuple(cpu_cores, memory_mem_total_bytes, memory_swap_total_bytes), ts) AS newest,
    avg(memory_mem_total_bytes - memory_mem_available_bytes) AS memoryUsedBytes
  FROM machine FINAL
  WHERE ${since('from')}
  GROUP BY entity
) AS figures
LEFT JOIN (${cpuUsed('from')}) AS cpu USING entity
INNER JOIN (${known('machine', 'attributes')}) AS known USING entity`

const STOLEN = `SELECT toString(entity) AS entity, stolenCores FROM (${cpuStolen('from')})`

const CONTAINERS = `
SELECT toString(entity) AS entity, hostId, path, level, memoryLimitCgroup, firstMs, lastMs, endedMs,
  set.1 / set.2 AS ownCpuCores, set.3 AS cpuLimitCores,
  set.4 AS ownMemoryBytes, set.5 AS memoryLimitBytes, newest, memory
FROM (
  SELECT entity, ${ms('min(ts)')} AS firstMs, ${ms('max(ts)')} AS lastMs,
    argMax(tuple(cpu_quota, cpu_period, cpu_limit_effective_cores,
      memory_limit_bytes, memory_limit_effective_bytes), ts) AS set,
    ${newest(containerNewest)} AS newest,
    ${newest(containerMemory)} AS memory
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
SELECT toString(entity) AS entity, attributes, lastMs, endedMs, newest
FROM (
  SELECT entity, ${ms('max(ts)')} AS lastMs, ${newest(runtimeNewest)} AS newest
  FROM runtime FINAL
  WHERE ${since('from')}
  GROUP BY entity
) AS figures
INNER JOIN (${known('runtime', `attributes, ${ENDED_MS}`)}) AS known USING entity`

type Stolen = Required<Pick<MachineFigures, 'entity' | 'stolenCores'>>

/** Of the newest pass of each machine; what was all read since has no row in it. */
const UNREAD = `
SELECT toString(entity) AS entity, reason, entities AS count
FROM (
  SELECT entity, reason, max(ts) AS lastTs, argMax(entities, ts) AS entities
  FROM machine_unread FINAL
  WHERE ${since('from')} AND kind = 'runtime'
  GROUP BY entity, reason
) AS figures
INNER JOIN (
  SELECT entity, max(ts) AS newestTs FROM machine FINAL WHERE ${since('from')} GROUP BY entity
) AS newest USING entity
WHERE lastTs >= newestTs AND entities > 0
ORDER BY count DESC, entity, reason
LIMIT ${limits.apiRows.value}`

export interface FleetStore {
  readonly store: Pick<Store, 'query'>
  readonly tenant: string
  readonly longRuns: LongRuns
}

export async function readFleet(
  { store, tenant, longRuns }: FleetStore,
  nowMs: number,
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
  const containers = await ask<ContainerFigures>(CONTAINERS, WINDOW_MS)
  const runtimes = await ask<RuntimeFigures>(RUNTIMES, silenceMs)
  const unread = await ask<UnreadFigures>(UNREAD, silenceMs)
  // Most fleets hold no runtime at first, and nothing grew in those.
  const grown = runtimes.length === 0 ? new Map<string, Grown>() : await readGrowth(ask)
  const longRun = runtimes.length === 0 ? new Map<string, LongRun>() : await longRuns.read(nowMs)
  const stolen = runtimes.length === 0 ? [] : await ask<Stolen>(STOLEN, RECENT_MS)
  const stolenFrom = new Map(stolen.map((each) => [each.entity, each.stolenCores]))
  return {
    nowMs,
    machines: machines.map((each) => ({
      ...each,
      ...optional('stolenCores', stolenFrom.get(each.entity)),
    })),
    containers,
    unread,
    runtimes: runtimes.map((each) => ({
      ...each,
      ...optional('grown', grown.get(each.entity)),
      ...optional('longRun', longRun.get(each.entity)),
    })),
  }
}

const optional = <K extends string, T>(key: K, value: T | undefined): { [Key in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [Key in K]: T })
