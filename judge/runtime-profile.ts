/**
 * The profile of one runtime: what it says of itself, what is enforced on its cgroup and on those
 * above it, what moves.
 */
import type { ContainerFigures, Grown, MachineFigures, RuntimeFigures } from './fleet.ts'
import { isByDefault } from './ergonomics/by-default.ts'
import { known } from './known.ts'
import type {
  CgroupMemory,
  Neighbour,
  Recent,
  RuntimeKind,
  RuntimeProfile,
  Subject,
} from './profile.ts'
import {
  believedOf,
  cgroupModeOf,
  finalFlagsOf,
  firstOf,
  listOf,
  settingsOf,
} from './runtime-attributes.ts'
import { quotaGrowth } from './runtime-columns.ts'

export interface Surroundings {
  readonly machine: MachineFigures
  /** Cgroups that are there, by path. */
  readonly living: ReadonlyMap<string, ContainerFigures>
}

export const cgroupOf = ({ attributes }: RuntimeFigures): string | undefined =>
  attributes['candor.cgroup.path']

export const nameOf = (machine: MachineFigures): string =>
  machine.attributes['host.name'] ?? machine.attributes['host.id'] ?? machine.entity

export const identity = (
  attributes: Readonly<Record<string, string>>,
  names: readonly string[],
): Subject['entity'] => Object.fromEntries(names.map((name) => [name, attributes[name] ?? '']))

/** `/a/b/c` → `/a/b`, `/a`. */
export function ancestors(path: string): string[] {
  const found: string[] = []
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    found.push(path.slice(0, end))
  }
  return found
}

/** Without those that share its cgroup: what they believe is in their own profiles. */
export function runtimeProfile(
  runtime: RuntimeKind,
  figures: RuntimeFigures,
  surroundings: Surroundings,
): RuntimeProfile {
  const { attributes, newest } = figures
  const believedMemory = believedOf(
    newest.believedMemoryBytes,
    attributes['candor.runtime.believed.memory.source'],
  )
  return known<RuntimeProfile>({
    kind: 'runtime',
    runtime,
    entity: identity(attributes, ['host.id', 'process.pid', 'process.creation.time']),
    name: fullName(attributes),
    machine: nameOf(surroundings.machine),
    version: attributes['process.runtime.version'],
    description: attributes['process.runtime.description'],
    ageSeconds: ageOf(figures),
    osThreads: newest.osThreads,
    rssAnonBytes: newest.rssAnonBytes,
    rssFileBytes: newest.rssFileBytes,
    rssShmemBytes: newest.rssShmemBytes,
    swapBytes: newest.swapBytes,
    affinityCpus: newest.affinityCpus,
    believedCpus: believedOf(
      newest.believedCpus,
      attributes['candor.runtime.believed.cpus.source'],
    ),
    believedMemory,
    environment: settingsOf(attributes['candor.runtime.environment']),
    arguments: listOf(attributes['candor.runtime.arguments'], '\n'),
    build: settingsOf(attributes['candor.runtime.build']),
    workers: newest.workers,
    pool: poolOf(figures),
    mallocArenas: newest.mallocArenas,
    otherAllocator: attributes['candor.runtime.allocator'],
    seesCgroups: switchOf(attributes['candor.runtime.sees.cgroups']),
    ...ofJvm(figures),
    ...enforced(figures, surroundings),
    recent: recentOf(figures, surroundings),
    longRun: figures.longRun,
    jvmsInCgroup: runtime === 'jvm' ? 1 : 0,
  })
}

type Partly<T> = { readonly [K in keyof T]?: T[K] | null | undefined }

const ofJvm = ({ attributes, newest }: RuntimeFigures): Partly<RuntimeProfile> => ({
  collector: attributes['candor.jvm.collector'],
  main: attributes['candor.jvm.main'],
  heapMaxBytes: newest.heapMaxBytes,
  heapCommittedBytes: newest.heapCommittedBytes,
  heapUsedBytes: newest.heapUsedBytes,
  heapLiveBytes: newest.heapLiveBytes,
  metaspaceCommittedBytes: newest.metaspaceCommittedBytes,
  classes: newest.classes,
  codeResidentBytes: newest.codeResidentBytes,
  gcThreads: newest.gcThreads,
  compilerThreads: newest.compilerThreads,
  flags: listOf(attributes['candor.jvm.flags'], ' '),
  finalFlags: finalFlagsOf(attributes['candor.jvm.flags.final']),
  capabilities: listOf(attributes['candor.jvm.capabilities'], '\n'),
  countersFileSystem: attributes['candor.jvm.counters.filesystem'],
})

function enforced(
  figures: RuntimeFigures,
  { machine, living }: Surroundings,
): Partly<RuntimeProfile> {
  const { attributes } = figures
  const line = lineOf(figures, living)
  const [owner] = line
  const cgroup = cgroupOf(figures)
  const own = owner?.path === cgroup ? owner : undefined
  const high = tightest(line, 'memoryHighBytes')
  return {
    cgroup,
    memoryLimitBytes: own?.memoryLimitBytes,
    memoryLimitCgroup: own?.memoryLimitCgroup || attributes['candor.memory.limit.cgroup'],
    ownMemoryLimitBytes: own?.ownMemoryBytes,
    // The tightest of the line, as for the limit itself.
    memoryHighBytes: high?.newest.memoryHighBytes,
    memoryHighCgroup: high?.path,
    swapLimitBytes: tightest(line, 'swapLimitBytes')?.newest.swapLimitBytes,
    cpuLimitCores: own?.cpuLimitCores,
    ownCpuLimitCores: own?.ownCpuCores,
    cpuShares: own?.newest.cpuShares,
    cpuWeight: own?.newest.cpuWeight,
    threadsInCgroup: own?.newest.threadsInCgroup,
    threadsLimit: own?.newest.threadsLimit,
    memoryRequestBytes: own?.newest.memoryRequestBytes,
    first: firstOf(attributes),
    cgroupMemory: own && known<CgroupMemory>({ ...own.memory }),
    machineMemoryBytes: machine.memoryBytes,
    machineSwapBytes: machine.swapBytes,
    machineCpus: machine.cpuCores,
    machineStolenCores: machine.stolenCores,
    machineCgroups: cgroupModeOf(machine.attributes['candor.cgroup.mode']),
    machineControllers: listOf(machine.attributes['candor.machine.controllers'], ','),
    kernel: machine.attributes['os.version'],
  }
}

/** Its cgroup and those above it that are there, the nearest first. */
function lineOf(
  figures: RuntimeFigures,
  living: Surroundings['living'],
): readonly ContainerFigures[] {
  const cgroup = cgroupOf(figures)
  if (cgroup === undefined) return []
  return [cgroup, ...ancestors(cgroup)].flatMap((path) => living.get(path) ?? [])
}

/** The one of the line that has the least, the nearest of several. */
function tightest(
  line: readonly ContainerFigures[],
  limit: 'memoryHighBytes' | 'swapLimitBytes',
): ContainerFigures | undefined {
  const of = ({ newest }: ContainerFigures) => newest[limit] ?? Number.POSITIVE_INFINITY
  const [first] = line.toSorted((a, b) => (of(a) === of(b) ? 0 : of(a) - of(b)))
  return first !== undefined && first.newest[limit] !== null ? first : undefined
}

function fullName(attributes: RuntimeFigures['attributes']): string {
  const pid = `pid ${attributes['process.pid']}`
  const program = attributes['candor.runtime.name'] ?? attributes['candor.jvm.main']
  const place = attributes['container.name']
  const name = program === undefined ? pid : `${pid} (${program})`
  return place === undefined || place === '' ? name : `${name} in ${place}`
}

function ageOf({ attributes, lastMs }: RuntimeFigures): number | undefined {
  const startMs = Date.parse(attributes['process.creation.time'] ?? '')
  return Number.isNaN(startMs) ? undefined : Math.max(0, (lastMs - startMs) / 1000)
}

function poolOf({ attributes, newest }: RuntimeFigures): RuntimeProfile['pool'] {
  const name = attributes['candor.runtime.pool']
  const threads = newest.poolThreads
  return name === undefined || threads === null ? undefined : { name, threads }
}

const switchOf = (text: string | undefined): boolean | undefined =>
  text === 'false' ? false : text === 'true' ? true : undefined

/**
 * Throttling is counted by the cgroup whose quota runs out, which may be one above; all else by the
 * cgroup of the process.
 */
function recentOf(figures: RuntimeFigures, { living }: Surroundings): Recent | undefined {
  const { grown } = figures
  if (grown === undefined || !(grown.seconds > 0)) return undefined
  const { gcCpuReportedSeconds, ...own } = grown.figures
  const line = lineOf(figures, living)
  const limited = line.find(
    ({ ownCpuCores }) => ownCpuCores !== null && ownCpuCores === line[0]!.cpuLimitCores,
  )
  return known<Recent>({
    ...own,
    gcCpuSeconds: own.gcCpuSeconds ?? gcCpuReportedSeconds,
    ...grownIn(grown, cgroupOf(figures)),
    ...(limited && quotaOf(grown, limited.path)),
    seconds: grown.seconds,
  })
}

const grownIn = (
  { cgroups }: Grown,
  path: string | undefined,
): Grown['cgroups'][string] | undefined =>
  path !== undefined && Object.hasOwn(cgroups, path) ? cgroups[path] : undefined

function quotaOf(grown: Grown, path: string): Partly<Recent> {
  const counted = grownIn(grown, path)
  return Object.fromEntries(
    Object.keys(quotaGrowth).map((name) => [name, counted?.[name as keyof typeof quotaGrowth]]),
  )
}

/** `together` are the runtimes of its cgroup, it among them. */
export function withNeighbours(
  profile: RuntimeProfile,
  together: readonly RuntimeProfile[],
): RuntimeProfile {
  const others = together.filter((each) => each !== profile)
  return {
    ...profile,
    jvmsInCgroup: together.filter(({ runtime }) => runtime === 'jvm').length,
    ...(others.length > 0 && { neighbours: others.map(neighbourOf) }),
  }
}

function neighbourOf(profile: RuntimeProfile): Neighbour {
  const { entity, runtime, name, believedMemory, heapMaxBytes, rssAnonBytes, ageSeconds } = profile
  return known<Neighbour>({
    pid: entity['process.pid'] ?? '',
    runtime,
    name,
    believedMemoryBytes: believedMemory?.value ?? heapMaxBytes,
    byDefault: (believedMemory !== undefined && isByDefault(believedMemory)) || undefined,
    rssAnonBytes,
    ageSeconds,
  })
}
