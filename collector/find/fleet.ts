/** What the store knows of runtimes, and of what is around each: its machine, its cgroups, what moves. */
import { limits } from '../../catalog/limit.ts'
import {
  type ContainerFigures,
  type Fleet,
  type MachineFigures,
  RECENT_MS,
  type RuntimeFigures,
  type UnreadFigures,
} from '../../judge/fleet.ts'
import { containerMemory, containerNewest, runtimeNewest } from '../../judge/runtime-columns.ts'
import type { Store } from '../store/store.ts'
import { asking, inSlices } from './asking.ts'
import { readGrowth } from './growth.ts'
import { LongRuns } from './long-runs.ts'
import { longestSilence, type MachineNow, Machines, withoutUse } from './machines.ts'
import { cpuStolen, ENDED, ENDED_MS, known, ms, newest, same, seen, since, told } from './sql.ts'

const STOLEN = `SELECT toString(entity) AS entity, stolenCores FROM (${cpuStolen('from')})`

const IDS = 'AND entity IN {ids:Array(UInt64)}'

const OF_CGROUP = { hostId: same('host.id'), path: same('candor.cgroup.path') }

/** Of all cgroups of a fleet the rules need those that a runtime is in, and those above these. */
const CGROUPS = `
SELECT toString(entity) AS entity
FROM (${seen('container', OF_CGROUP)})
WHERE (hostId, path) IN (
  SELECT hostId, arrayJoin(arrayMap(
    length -> arrayStringConcat(arraySlice(names, 1, length), '/'), range(2, length(names) + 1)))
  FROM (
    SELECT hostId, splitByChar('/', path) AS names FROM (${seen('runtime', OF_CGROUP)})
  )
)`

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
  WHERE ${since('from')} ${IDS}
  GROUP BY entity
) AS figures
INNER JOIN (${seen(
  'container',
  {
    ...OF_CGROUP,
    level: told('candor.cgroup.level'),
    memoryLimitCgroup: told('candor.memory.limit.cgroup'),
    endedMs: ENDED,
  },
  ` ${IDS}`,
)}) AS known USING entity`

const REPORTING = `
SELECT toString(entity) AS entity FROM runtime WHERE ${since('from')} GROUP BY entity`

const RUNTIMES = `
SELECT toString(entity) AS entity, attributes, lastMs, endedMs, newest
FROM (
  SELECT entity, ${ms('max(ts)')} AS lastMs, ${newest(runtimeNewest)} AS newest
  FROM runtime FINAL
  WHERE ${since('from')} ${IDS}
  GROUP BY entity
) AS figures
INNER JOIN (${known('runtime', `attributes, ${ENDED_MS}`)} ${IDS}) AS known USING entity`

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
  SELECT entity, max(ts) AS newestTs FROM machine WHERE ${since('from')} GROUP BY entity
) AS newest USING entity
WHERE lastTs >= newestTs AND entities > 0
ORDER BY count DESC, entity, reason
LIMIT ${limits.apiRows.value}`

export interface FleetStore {
  readonly store: Pick<Store, 'query'>
  readonly tenant: string
  /** What was asked before and is not asked for each time. */
  readonly machines: Machines
  readonly longRuns: LongRuns
}

export const fleetStore = (
  store: Pick<Store, 'query'>,
  tenant: string,
  onFailure?: (error: unknown) => void,
): FleetStore => ({
  store,
  tenant,
  machines: new Machines(),
  longRuns: new LongRuns(store, tenant, onFailure),
})

export interface FleetRead {
  readonly all: readonly MachineNow[]
  /** Runtimes, the machines and cgroups that these are on and in, and machines with some that are unread. */
  readonly fleet: Fleet
}

export async function readFleet(
  { store, tenant, machines: remembered, longRuns }: FleetStore,
  nowMs: number,
): Promise<FleetRead> {
  const ask = asking(store, tenant, nowMs)
  const all = await remembered.read(ask, nowMs)
  const silenceMs = longestSilence(all)
  const reporting = await ask<Named>(REPORTING, silenceMs)
  const unread = await ask<UnreadFigures>(UNREAD, silenceMs)
  // Most fleets hold no runtime at first.
  if (reporting.length === 0) {
    const machines = around(all, [], unread).map(withoutUse)
    return { all, fleet: { nowMs, machines, containers: [], runtimes: [], unread } }
  }
  const runtimes = await inSlices(reporting.map(entityOf), (ids) =>
    ask<RuntimeFigures>(RUNTIMES, silenceMs, { ids }),
  )
  const cgroups = await ask<Named>(CGROUPS, silenceMs)
  // A machine that is nearly silent may have left one out that still counts as there.
  const containers = await inSlices(cgroups.map(entityOf), (ids) =>
    ask<ContainerFigures>(CONTAINERS, 2 * silenceMs, { ids }),
  )
  const grown = await readGrowth(ask, runtimes, containers)
  const longRun = await longRuns.read(nowMs)
  const stolen = await ask<Stolen>(STOLEN, RECENT_MS)
  const stolenFrom = new Map(stolen.map((each) => [each.entity, each.stolenCores]))
  return {
    all,
    fleet: {
      nowMs,
      machines: around(all, runtimes, unread).map((each) => ({
        ...withoutUse(each),
        ...optional('stolenCores', stolenFrom.get(each.entity)),
      })),
      containers,
      unread,
      runtimes: runtimes.map((each) => ({
        ...each,
        ...optional('grown', grown.get(each.entity)),
        ...optional('longRun', longRun.get(each.entity)),
      })),
    },
  }
}

function around(
  machines: readonly MachineNow[],
  runtimes: readonly RuntimeFigures[],
  unread: readonly UnreadFigures[],
): readonly MachineNow[] {
  const hosts = new Set(runtimes.map(({ attributes }) => attributes['host.id']))
  const entities = new Set(unread.map(entityOf))
  return machines.filter(
    ({ entity, attributes }) => entities.has(entity) || hosts.has(attributes['host.id']),
  )
}

interface Named {
  readonly entity: string
}
const entityOf = ({ entity }: Named): string => entity

const optional = <K extends string, T>(key: K, value: T | undefined): { [Key in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [Key in K]: T })
