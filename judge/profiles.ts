/**
 * From the fleet's figures to the profiles that rules judge. Pure: the store and the clock are
 * behind `Fleet`.
 *
 * A machine's allocation is the sum of the limits that its containers have of their own. Groups
 * never count, and neither does a container inside another that has a limit of its own: it lives
 * on the outer one's share. A container that is only limited by a group above it shares that limit
 * with others and asks for nothing itself; it counts as one without limits.
 */
import { withBelieved } from './believed.ts'
import {
  type ContainerFigures,
  type Fleet,
  GONE_INTERVALS,
  type MachineFigures,
  type RuntimeFigures,
  WINDOW_MS,
} from './fleet.ts'
import { known } from './known.ts'
import type { MachineProfile, RequestMix, RuntimeProfile } from './profile.ts'
import { kindOf } from './runtime-attributes.ts'
import {
  ancestors,
  cgroupOf,
  identity,
  nameOf,
  runtimeProfile,
  type Surroundings,
  withNeighbours,
} from './runtime-profile.ts'
import { workloadOf } from './workload.ts'

export interface Profiles {
  readonly runtimes: readonly RuntimeSeen[]
  readonly machines: readonly MachineProfile[]
  /** Containers that reported lately, groups left out. */
  readonly containers: number
}

export interface RuntimeSeen {
  readonly profile: RuntimeProfile
  /** What people deploy; its name where that is not known. */
  readonly workload: string
  /** Why the limits that hold for it are not known; a missing limit means nothing then. */
  readonly unread?: string
}

const CORES = { own: 'ownCpuCores', effective: 'cpuLimitCores' } as const
const MEMORY = { own: 'ownMemoryBytes', effective: 'memoryLimitBytes' } as const
type Dimension = typeof CORES | typeof MEMORY

export function makeProfiles(fleet: Fleet, mix: RequestMix): Profiles {
  const machines = fleet.machines.filter((each) => reports(each, fleet.nowMs))
  const containersOf = Map.groupBy(fleet.containers, (each) => each.hostId)
  const runtimesOf = Map.groupBy(fleet.runtimes, (each) => each.attributes['host.id'] ?? '')
  const runtimes: RuntimeSeen[] = []
  const profiles: MachineProfile[] = []
  let containers = 0
  for (const machine of machines) {
    const hostId = machine.attributes['host.id'] ?? ''
    const all = containersOf.get(hostId) ?? []
    const living = newestOfPath(all.filter((each) => isThere(each, machine)))
    for (const each of living.values()) containers += isUnitOfWork(each) ? 1 : 0
    profiles.push(machineProfile(machine, all, living, mix))
    const present = (runtimesOf.get(hostId) ?? []).filter((each) => isThere(each, machine))
    const seen = newestOfPid(present).flatMap((figures) =>
      runtimeSeen(figures, { machine, living }),
    )
    const together = Map.groupBy(seen, ({ profile }) => profile.cgroup)
    for (const { profile, ...each } of seen) {
      const { cgroup } = profile
      const there =
        cgroup === undefined ? [profile] : together.get(cgroup)!.map((other) => other.profile)
      runtimes.push({ ...each, profile: withNeighbours(profile, there) })
    }
  }
  return { runtimes, machines: profiles, containers }
}

function runtimeSeen(figures: RuntimeFigures, surroundings: Surroundings): RuntimeSeen[] {
  const runtime = kindOf(figures.attributes['process.runtime.name'])
  if (runtime === undefined) return []
  const cgroup = cgroupOf(figures)
  const profile = runtimeProfile(runtime, figures, surroundings)
  const workload = workloadOf('runtime', figures.attributes) ?? profile.name
  const owner = cgroup === undefined ? undefined : surroundings.living.get(cgroup)
  const unread = whyUnread(cgroup, owner)
  // Who knows no limits would predict as if there were none.
  return [
    unread === undefined
      ? { workload, profile: withBelieved(profile) }
      : { workload, profile, unread },
  ]
}

export const reports = (
  machine: Pick<MachineFigures, 'lastMs' | 'silenceMs'>,
  nowMs: number,
): boolean => machine.lastMs >= nowMs - machine.silenceMs

/** Whether something is still there, as of the newest pass of its machine. */
const isThere = (
  each: Pick<ContainerFigures, 'lastMs' | 'endedMs'>,
  { lastMs: newestMs, ...machine }: MachineFigures,
) =>
  !hasEnded(each) &&
  each.lastMs >=
    newestMs - (machine.intervalMs > 0 ? GONE_INTERVALS * machine.intervalMs : machine.silenceMs)

const hasEnded = ({ lastMs, endedMs = null }: Pick<ContainerFigures, 'lastMs' | 'endedMs'>) =>
  endedMs !== null && endedMs >= lastMs

const isUnitOfWork = (each: ContainerFigures) => each.level === 'container'

/** Nothing can be limited in the root cgroup, so it has no row; every other one has. */
function whyUnread(
  cgroup: string | undefined,
  owner: ContainerFigures | undefined,
): string | undefined {
  if (cgroup === undefined || cgroup === '') return 'its cgroup is not known'
  if (cgroup === '/' || owner !== undefined) return undefined
  return 'the limits of its cgroup were not read'
}

/** A cgroup that was made again under its old path is another entity; the newest one counts. */
function newestOfPath(containers: readonly ContainerFigures[]): Map<string, ContainerFigures> {
  const byPath = new Map<string, ContainerFigures>()
  for (const each of containers) {
    const seen = byPath.get(each.path)
    if (seen === undefined || each.lastMs > seen.lastMs) byPath.set(each.path, each)
  }
  return byPath
}

/** A pid is given to one process at a time: what had it before has ended, whether that was said or not. */
function newestOfPid(runtimes: readonly RuntimeFigures[]): readonly RuntimeFigures[] {
  const byPid = Map.groupBy(runtimes, ({ attributes }) => attributes['process.pid'])
  return runtimes.filter((each) =>
    byPid.get(each.attributes['process.pid'])!.every((other) => startOf(other) <= startOf(each)),
  )
}

const startOf = ({ attributes }: RuntimeFigures): number =>
  Date.parse(attributes['process.creation.time'] ?? '') || 0

function machineProfile(
  machine: MachineFigures,
  all: readonly ContainerFigures[],
  living: ReadonlyMap<string, ContainerFigures>,
  mix: RequestMix,
): MachineProfile {
  const { firstMs, lastMs, intervalMs, cpuCores, memoryBytes } = machine
  const expected = intervalMs > 0 ? Math.round((lastMs - firstMs) / intervalMs) + 1 : 1
  const units = all.filter(isUnitOfWork)
  const now = [...living.values()].filter(isUnitOfWork)
  const fullShare = (dimension: Dimension, capacity: number | null, typical?: number) =>
    capacity === null || typical === undefined
      ? 0
      : shareOver(counted(units, dimension), dimension, machine, capacity - typical)
  return known<MachineProfile>({
    kind: 'machine',
    entity: identity(machine.attributes, ['host.id']),
    name: nameOf(machine),
    machine: nameOf(machine),
    historySeconds: (lastMs - firstMs) / 1000,
    coverage: Math.min(1, machine.samples / expected),
    cpuCores,
    memoryBytes,
    cpuAllocatedCores: sum(counted(now, CORES), CORES),
    memoryAllocatedBytes: sum(counted(now, MEMORY), MEMORY),
    containersWithoutLimits: withoutLimits(now),
    cpuUsedCores: machine.cpuUsedCores,
    memoryUsedBytes: machine.memoryUsedBytes,
    cpuFullShare: fullShare(CORES, cpuCores, mix.medianCpuCores),
    memoryFullShare: fullShare(MEMORY, memoryBytes, mix.medianMemoryBytes),
  })
}

/** Containers with a limit of their own that are not inside another such container. */
function counted(
  containers: readonly ContainerFigures[],
  { own }: Dimension,
): readonly ContainerFigures[] {
  const limited = containers.filter((each) => each[own] !== null)
  const paths = new Set(limited.map((each) => each.path))
  return limited.filter((each) => !ancestors(each.path).some((path) => paths.has(path)))
}

/** Containers whose use of one of the two dimensions is bounded by no container's limit. */
function withoutLimits(containers: readonly ContainerFigures[]): number {
  const bounded = ({ own }: Dimension) =>
    new Set(containers.filter((each) => each[own] !== null).map((each) => each.path))
  const cores = bounded(CORES)
  const memory = bounded(MEMORY)
  return containers.filter((each) => {
    const line = [each.path, ...ancestors(each.path)]
    return !line.some((path) => cores.has(path)) || !line.some((path) => memory.has(path))
  }).length
}

const sum = (containers: readonly ContainerFigures[], { effective, own }: Dimension) =>
  containers.reduce((total, each) => total + (each[effective] ?? each[own] ?? 0), 0)

/**
 * Share of the window's samples, one a minute in which the machine reported and the newest, in
 * which more than the threshold was allocated. A container lives until its end, where that was said, or
 * else until an interval after its last sample; a limit that changed in the window counts with its
 * newest value.
 */
function shareOver(
  containers: readonly ContainerFigures[],
  dimension: Dimension,
  { minutesMs, firstMs, lastMs, intervalMs }: MachineFigures,
  threshold: number,
): number {
  const times = [
    ...minutesMs.filter((each) => each >= firstMs && each > lastMs - WINDOW_MS),
    lastMs,
  ]
  const full = times.filter((time) => {
    const alive = containers.filter(
      (each) =>
        each.firstMs - intervalMs <= time &&
        time <= (hasEnded(each) ? each.endedMs! : each.lastMs + intervalMs),
    )
    return sum(alive, dimension) > threshold
  })
  return full.length / times.length
}
