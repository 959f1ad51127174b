/**
 * What one machine looks like right now: the last of a few passes with the rates between the first
 * and the last, and what the rules say of it. `candor check` prints it, and the first start does.
 *
 * A key that is missing was not measured; a limit that is null does not exist.
 */
import { type FindingRuleId, findingRules } from '../catalog/finding.ts'
import type { Link } from '../catalog/findings/link.ts'
import { findingLinks } from '../catalog/findings/links.ts'
import type { AgentPass, ReaderReport } from '../agent/pass.ts'
import { type JvmCoverage, jvmCoverage } from '../judge/coverage.ts'
import type { Verdict } from '../judge/finding.ts'
import type { Fleet } from '../judge/fleet.ts'
import { judge } from '../judge/judge.ts'
import { findingId, type Judged } from '../judge/lifecycle.ts'
import type { RequestMix, Subject } from '../judge/profile.ts'
import { makeProfiles, type Profiles, type RuntimeSeen } from '../judge/profiles.ts'
import { type WithConsequences, withConsequences } from '../judge/root-cause.ts'
import { median } from '../judge/statistics.ts'
import type { Row } from '../wire/sample.ts'
import {
  containerColumn,
  type Earlier,
  fleetOf,
  grownSince,
  machineColumn,
  rowsOf,
  runtimeColumn,
} from './fleet-of-passes.ts'

export interface MachinePicture {
  readonly name: string
  readonly id: string
  readonly kernel?: string
  readonly cgroups?: string
  readonly cpus?: number
  readonly memoryBytes?: number
  readonly memoryAvailableBytes?: number
  readonly load1?: number
}

export interface ContainerPicture {
  readonly id: string
  readonly name: string
  readonly runtime?: string
  readonly cpuUsedCores?: number
  readonly cpuLimitCores?: number | null
  readonly throttledRatio?: number
  readonly memoryWorkingSetBytes?: number
  readonly memoryLimitBytes?: number | null
  readonly oomKills?: number
}

export interface RuntimePicture {
  readonly pid: number
  readonly runtime: string
  readonly name: string
  readonly container?: string
  readonly version?: string
  readonly collector?: string
  readonly heapMaxBytes?: number
  readonly heapCommittedBytes?: number
  readonly memoryLimitBytes?: number | null
}

/** The id is that which a collector gives it. */
export type FindingPicture = WithConsequences<
  Verdict & Subject & { readonly id: string; readonly links: readonly Link[] }
>

export interface NotJudged {
  readonly rule: FindingRuleId
  readonly name: string
  readonly reason: string
}

export interface JudgedPasses {
  readonly profiles: Profiles
  readonly jvms: JvmCoverage
  readonly judged: readonly Judged[]
  readonly findings: readonly FindingPicture[]
}

export interface Picture {
  readonly machine: MachinePicture
  readonly containers: readonly ContainerPicture[]
  readonly runtimes: readonly RuntimePicture[]
  readonly jvms: JvmCoverage
  readonly findings: readonly FindingPicture[]
  readonly notJudged: readonly NotJudged[]
  readonly readers: readonly ReaderReport[]
  readonly unread: AgentPass['unread']
}

/** Fields whose value is known, null among them; the others are left out. */
function known<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as unknown as T
}

/** What the rules say of the machine between two passes. */
export function judgePasses(earlier: Earlier, pass: AgentPass): JudgedPasses {
  const fleet = fleetOf(earlier, pass)
  const mix = requestMix(fleet)
  const profiles = makeProfiles(fleet, mix)
  const judged = judge(profiles, mix)
  return {
    profiles,
    jvms: jvmCoverage(fleet, profiles),
    judged,
    findings: withConsequences(
      judged.flatMap(({ subject, rule, judgement }) =>
        judgement.kind === 'finding'
          ? [
              {
                id: findingId(rule, subject),
                ...judgement.verdict,
                ...identityOf(subject),
                links: findingLinks[rule],
              },
            ]
          : [],
      ),
    ),
  }
}

export function takePicture(earlier: Earlier, pass: AgentPass): Picture {
  const { profiles, jvms, judged, findings } = judgePasses(earlier, pass)
  const seenOf = new Map(
    profiles.runtimes.map((seen) => [seen.profile.entity['process.pid'], seen] as const),
  )
  return {
    machine: pictureOfMachine(pass),
    containers: rowsOf(pass, 'container')
      .filter(({ entity }) => entity.attributes['candor.cgroup.level'] === 'container')
      .map((row) => pictureOfContainer(row, earlier, pass)),
    runtimes: rowsOf(pass, 'runtime').map((row) =>
      pictureOfRuntime(row, seenOf.get(row.entity.attributes['process.pid'])),
    ),
    jvms,
    findings,
    notJudged: [
      ...judged.flatMap(({ subject, rule, judgement }) =>
        judgement.kind === 'not-judged'
          ? [{ rule, name: subject.name, reason: judgement.reason }]
          : [],
      ),
      ...unreadable(pass),
    ],
    readers: pass.readers,
    unread: pass.unread,
  }
}

/** A process that could not be read may be a runtime: no rule about runtimes can say that all is well. */
function unreadable({ unread }: AgentPass): NotJudged[] {
  return unread
    .filter(({ kind, count }) => kind === 'runtime' && count > 0)
    .flatMap(({ count, reason }) =>
      Object.values(findingRules)
        .filter(({ entity }) => entity === 'runtime')
        .map(({ id }) => ({
          rule: id,
          name: count === 1 ? 'one process' : `up to ${count} processes`,
          reason,
        })),
    )
}

const identityOf = ({ entity, name, machine }: Subject): Subject => ({ entity, name, machine })

function pictureOfMachine(pass: AgentPass): MachinePicture {
  const row = rowsOf(pass, 'machine')[0]
  const attributes = row?.entity.attributes ?? {}
  const column = (name: string) => row && machineColumn(row, name)
  return known<MachinePicture>({
    name: attributes['host.name'] ?? 'this machine',
    id: attributes['host.id'] ?? '',
    kernel: attributes['os.version'],
    cgroups: attributes['candor.cgroup.mode'],
    cpus: column('cpu_cores'),
    memoryBytes: column('memory_mem_total_bytes'),
    memoryAvailableBytes: column('memory_mem_available_bytes'),
    load1: column('load1'),
  })
}

/** A limit that is absent although its controller was read does not exist: null. */
const limitOf = (limit: number | undefined, controllerRead: boolean) =>
  limit ?? (controllerRead ? null : undefined)

function pictureOfContainer(row: Row, earlier: Earlier, pass: AgentPass): ContainerPicture {
  const { attributes } = row.entity
  const seconds = (pass.timeMs - earlier.timeMs) / 1000
  const grown = grownSince(earlier, row, containerColumn)
  const cpu = containerColumn(row, 'cpu_usage_seconds')
  const used = grown('cpu_usage_seconds')
  const periods = grown('cpu_periods')
  const throttled = grown('cpu_throttled_periods')
  const workingSet = containerColumn(row, 'memory_working_set_bytes')
  return known<ContainerPicture>({
    id: attributes['candor.cgroup.path'] ?? '',
    name: attributes['container.name'] ?? attributes['candor.cgroup.name'] ?? '',
    runtime: attributes['container.runtime.name'],
    cpuUsedCores: used === undefined || seconds <= 0 ? undefined : used / seconds,
    cpuLimitCores: limitOf(containerColumn(row, 'cpu_limit_effective_cores'), cpu !== undefined),
    throttledRatio: periods && throttled !== undefined ? throttled / periods : undefined,
    memoryWorkingSetBytes: workingSet,
    memoryLimitBytes: limitOf(
      containerColumn(row, 'memory_limit_effective_bytes'),
      workingSet !== undefined,
    ),
    oomKills: containerColumn(row, 'oom_kills'),
  })
}

function pictureOfRuntime(row: Row, seen: RuntimeSeen | undefined): RuntimePicture {
  const { attributes } = row.entity
  const pid = attributes['process.pid'] ?? ''
  const cgroup = attributes['candor.cgroup.path']
  return known<RuntimePicture>({
    pid: Number(pid),
    runtime: attributes['process.runtime.name'] ?? 'unknown',
    name: attributes['candor.runtime.name'] ?? attributes['candor.jvm.main'] ?? `pid ${pid}`,
    container: attributes['container.name'] || (cgroup === '/' ? undefined : cgroup),
    version: attributes['process.runtime.version'],
    collector: attributes['candor.jvm.collector'],
    heapMaxBytes: runtimeColumn(row, 'heap_max_bytes'),
    heapCommittedBytes: runtimeColumn(row, 'heap_committed_bytes'),
    memoryLimitBytes: limitOf(
      seen?.profile.memoryLimitBytes,
      seen !== undefined && seen.unread === undefined,
    ),
  })
}

/** What the containers of this machine ask for, by the limits that are set on themselves. */
function requestMix({ containers }: Fleet): RequestMix {
  const units = containers.filter(({ level }) => level === 'container')
  const limited = (limit: 'ownCpuCores' | 'ownMemoryBytes') =>
    units.flatMap((each) => each[limit] ?? [])
  const cpu = limited('ownCpuCores')
  const memory = limited('ownMemoryBytes')
  return known<RequestMix>({
    containers: Math.min(cpu.length, memory.length),
    medianCpuCores: median(cpu),
    medianMemoryBytes: median(memory),
  })
}
