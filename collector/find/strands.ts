/**
 * Profiles of machines for the rules about what is free and cannot be used. Of each machine it is asked
 * what the limits of its containers take at most; whoever has enough left by that is fine. The hour of
 * every container is read of the others alone.
 */
import { findingPaces, isDue } from '../../catalog/finding-pace.ts'
import { type ContainerFigures, type MachineFigures, WINDOW_MS } from '../../judge/fleet.ts'
import type { MachineProfile, RequestMix } from '../../judge/profile.ts'
import { makeProfiles } from '../../judge/profiles.ts'
import { mayStrand, type TakenAtMost } from '../../judge/rules/strand.ts'
import { containerMemory, containerNewest, figuresBy } from '../../judge/runtime-columns.ts'
import { type Ask, inSlices } from './asking.ts'
import { longestSilence, MACHINE_MS, type MachineNow, withoutUse } from './machines.ts'
import {
  cpuUsed,
  ENDED,
  inNewest,
  INTERVAL_MS,
  IS_THERE,
  GONE_MS,
  ms,
  same,
  seen,
  SILENCE_MS,
  since,
  told,
} from './sql.ts'

const IDS = 'AND entity IN {ids:Array(UInt64)}'

/**
 * Of a container the largest limits of its newest rows; of a machine their sum. Containers inside others
 * count as well, so what is taken is less or as much.
 */
const TAKEN = `
SELECT toString(host) AS entity, toFloat64(countIf(${IS_THERE})) AS containers,
  sum(cores) AS cores, sum(bytes) AS bytes
FROM (
  SELECT entity, ${ms('max(ts)')} AS lastMs,
    if(max(cpu_quota) IS NULL, 0, max(ifNull(cpu_limit_effective_cores, cpu_quota / cpu_period))) AS cores,
    if(max(memory_limit_bytes) IS NULL, 0,
      max(ifNull(memory_limit_effective_bytes, memory_limit_bytes))) AS bytes
  FROM container
  WHERE ${since('from')}
  GROUP BY entity
) AS figures
INNER JOIN (${seen('container', {
  hostId: same('host.id'),
  level: told('candor.cgroup.level'),
  endedMs: ENDED,
})}) AS known USING entity
INNER JOIN (
  SELECT entity AS host, hostId, lastMs AS machineMs, ${GONE_MS} AS goneMs
  FROM (
    SELECT entity, ${ms('max(ts)')} AS lastMs, ${INTERVAL_MS} AS intervalMs,
      ${SILENCE_MS} AS silenceMs
    FROM machine
    WHERE ${since('from')}
    GROUP BY entity
  ) AS newest
  INNER JOIN (${seen('machine', { hostId: same('host.id') })}) AS machines USING entity
) AS hosts USING hostId
WHERE level = 'container'
GROUP BY host`

const USED = `
SELECT toString(entity) AS entity, minutesMs, memoryUsedBytes, cpuUsedCores
FROM (
  SELECT entity, groupUniqArray(${ms('toStartOfMinute(ts)::DateTime64(3)')}) AS minutesMs,
    avg(memory_mem_total_bytes - memory_mem_available_bytes) AS memoryUsedBytes
  FROM machine
  WHERE ${since('from')} ${IDS}
  GROUP BY entity
) AS figures
LEFT JOIN (${cpuUsed('from', IDS)}) AS cpu USING entity`

const CONTAINERS_OF = `
SELECT DISTINCT toString(entity) AS entity
FROM entity
WHERE tenant = {tenant:String} AND kind = 'container' AND last_seen > fromUnixTimestamp64Milli({seen:Int64})
  AND attributes['host.id'] IN {hosts:Array(String)}`

const LIMITS = `
SELECT toString(entity) AS entity, hostId, path, level, '' AS memoryLimitCgroup, firstMs, lastMs,
  endedMs, quota / period AS ownCpuCores, cpuLimitCores, ownMemoryBytes, memoryLimitBytes
FROM (
  SELECT entity, ${ms('min(ts)')} AS firstMs, ${ms('max(ts)')} AS lastMs,
    ${inNewest('cpu_quota')} AS quota, ${inNewest('cpu_period')} AS period,
    ${inNewest('cpu_limit_effective_cores')} AS cpuLimitCores,
    ${inNewest('memory_limit_bytes')} AS ownMemoryBytes,
    ${inNewest('memory_limit_effective_bytes')} AS memoryLimitBytes
  FROM container
  WHERE ${since('from')} ${IDS}
  GROUP BY entity
) AS figures
INNER JOIN (${seen(
  'container',
  {
    hostId: same('host.id'),
    path: same('candor.cgroup.path'),
    level: told('candor.cgroup.level'),
    endedMs: ENDED,
  },
  ` ${IDS}`,
)}) AS known USING entity`

interface Taken extends TakenAtMost {
  /** Of the machine. */
  readonly entity: string
  /** That are there. */
  readonly containers: number
}
type Used = Pick<MachineFigures, 'entity' | 'minutesMs' | 'memoryUsedBytes' | 'cpuUsedCores'>
type Limited = Omit<ContainerFigures, 'newest' | 'memory'>

export interface Strands {
  readonly machines: readonly MachineProfile[]
  /** That are there, groups left out. */
  readonly containers: number
}

/** Names of machines in one statement. */
const HOSTS = 2_000
const UNREAD = {
  newest: figuresBy(containerNewest, () => null),
  memory: figuresBy(containerMemory, () => null),
}

export class StrandReader {
  #strands: Strands = { machines: [], containers: 0 }
  #askedMs = Number.NEGATIVE_INFINITY

  /** As they were when they were asked for last: the same object until then. */
  async read(
    ask: Ask,
    nowMs: number,
    machines: readonly MachineNow[],
    mix: RequestMix,
  ): Promise<Strands> {
    if (!isDue(findingPaces.strands, this.#strands.containers, this.#askedMs, nowMs)) {
      return this.#strands
    }
    const taken = await ask<Taken>(TAKEN, 2 * longestSilence(machines))
    const takenOf = new Map(taken.map((each) => [each.entity, each]))
    const full = machines.filter((each) => mayStrand(each, takenOf.get(each.entity), mix))
    const used = await inSlices(
      full.map(({ entity }) => entity),
      (ids) => ask<Used>(USED, MACHINE_MS, { ids }),
    )
    const usedBy = new Map(used.map((each) => [each.entity, each]))
    const fleet = {
      nowMs,
      machines: machines.map((each) => ({ ...withoutUse(each), ...usedBy.get(each.entity) })),
      containers: await containersOf(ask, full),
      runtimes: [],
    }
    this.#askedMs = nowMs
    return (this.#strands = {
      machines: makeProfiles(fleet, mix).machines,
      containers: taken.reduce((sum, { containers }) => sum + containers, 0),
    })
  }
}

async function containersOf(
  ask: Ask,
  machines: readonly MachineNow[],
): Promise<readonly ContainerFigures[]> {
  const ids: string[] = []
  for (let i = 0; i < machines.length; i += HOSTS) {
    const hosts = machines.slice(i, i + HOSTS).map(({ attributes }) => attributes['host.id'] ?? '')
    for (const { entity } of await ask<{ entity: string }>(CONTAINERS_OF, WINDOW_MS, { hosts })) {
      ids.push(entity)
    }
  }
  const limited = await inSlices(ids, (slice) => ask<Limited>(LIMITS, WINDOW_MS, { ids: slice }))
  return limited.map((each) => ({ ...each, ...UNREAD }))
}
