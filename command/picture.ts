/**
 * What one machine looks like right now: the last of a few passes with the rates between the first
 * and the last, and what the rules say of it. `candor check` prints it, and the first start does.
 *
 * A key that is missing was not measured; a limit that is null does not exist.
 */
import { entities } from '../catalog/entity.ts'
import { columnOf } from '../catalog/tables.ts'
import { container } from '../catalog/tables/container.ts'
import { machine } from '../catalog/tables/machine.ts'
import { runtime } from '../catalog/tables/runtime.ts'
import type { Table } from '../catalog/metric.ts'
import { type FindingRuleId, findingRules } from '../catalog/finding.ts'
import type { AgentPass, ReaderReport } from '../agent/pass.ts'
import type { Verdict } from '../judge/finding.ts'
import type { Fleet } from '../judge/fleet.ts'
import { judge } from '../judge/judge.ts'
import type { RequestMix, Subject } from '../judge/profile.ts'
import { type JvmSeen, makeProfiles } from '../judge/profiles.ts'
import { median } from '../judge/statistics.ts'
import type { Row } from '../wire/sample.ts'

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

export type FindingPicture = Verdict & Subject

export interface NotJudged {
  readonly rule: FindingRuleId
  readonly name: string
  readonly reason: string
}

export interface Picture {
  readonly machine: MachinePicture
  readonly containers: readonly ContainerPicture[]
  readonly runtimes: readonly RuntimePicture[]
  readonly findings: readonly FindingPicture[]
  readonly notJudged: readonly NotJudged[]
  readonly readers: readonly ReaderReport[]
  readonly unread: AgentPass['unread']
}

/** What has to be kept of an earlier pass, since its rows are overwritten by the next one. */
export interface Earlier {
  readonly timeMs: number
  readonly cpuSeconds: ReadonlyMap<string, number>
  readonly periods: ReadonlyMap<string, number>
  readonly throttled: ReadonlyMap<string, number>
}

const containerColumn = reader(container)
const machineColumn = reader(machine)
const runtimeColumn = reader(runtime)

/** Reads one column of a row; undefined where it is absent. */
function reader(table: Table) {
  const cache = new Map<string, number>()
  return (row: Row, column: string): number | undefined => {
    let index = cache.get(column)
    if (index === undefined) cache.set(column, (index = columnOf(table, column)))
    const value = row.values[index]
    return value === undefined || Number.isNaN(value) ? undefined : value
  }
}

const cgroupKey = (row: Row) =>
  `${row.entity.attributes['candor.cgroup.path']}\0${row.entity.attributes['candor.cgroup.inode']}`

export function rememberPass(pass: AgentPass): Earlier {
  const rows = pass.rows.filter((row) => row.table.name === 'container')
  const column = (name: string) =>
    new Map(
      rows.flatMap((row) => {
        const value = containerColumn(row, name)
        return value === undefined ? [] : [[cgroupKey(row), value] as const]
      }),
    )
  return {
    timeMs: pass.timeMs,
    cpuSeconds: column('cpu_usage_seconds'),
    periods: column('cpu_periods'),
    throttled: column('cpu_throttled_periods'),
  }
}

/** Fields whose value is known; the others are left out. */
function known<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as unknown as T
}

export function takePicture(earlier: Earlier, pass: AgentPass): Picture {
  const fleet = fleetOf(earlier, pass)
  const mix = requestMix(fleet)
  const profiles = makeProfiles(fleet, mix)
  const judged = judge(profiles, mix)
  const seenOf = new Map(
    profiles.jvms.map((seen) => [seen.profile.entity['process.pid'], seen] as const),
  )
  return {
    machine: pictureOfMachine(pass),
    containers: rowsOf(pass, 'container')
      .filter(({ entity }) => entity.attributes['candor.cgroup.level'] === 'container')
      .map((row) => pictureOfContainer(row, earlier, pass)),
    runtimes: rowsOf(pass, 'runtime').map((row) =>
      pictureOfRuntime(row, seenOf.get(row.entity.attributes['process.pid'])),
    ),
    findings: judged.flatMap(({ subject, judgement }) =>
      judgement.kind === 'finding' ? [{ ...judgement.verdict, ...identityOf(subject) }] : [],
    ),
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
  const key = cgroupKey(row)
  const { attributes } = row.entity
  const seconds = (pass.timeMs - earlier.timeMs) / 1000
  const since = (before: ReadonlyMap<string, number>, now: number | undefined) => {
    const then = before.get(key)
    return now === undefined || then === undefined || now < then ? undefined : now - then
  }
  const cpu = containerColumn(row, 'cpu_usage_seconds')
  const used = since(earlier.cpuSeconds, cpu)
  const periods = since(earlier.periods, containerColumn(row, 'cpu_periods'))
  const throttled = since(earlier.throttled, containerColumn(row, 'cpu_throttled_periods'))
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

function pictureOfRuntime(row: Row, seen: JvmSeen | undefined): RuntimePicture {
  const { attributes } = row.entity
  const pid = attributes['process.pid'] ?? ''
  const cgroup = attributes['candor.cgroup.path']
  return known<RuntimePicture>({
    pid: Number(pid),
    runtime: attributes['process.runtime.name'] ?? 'unknown',
    name: attributes['candor.jvm.main'] ?? `pid ${pid}`,
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

/** A number as the store would answer with it: null where it is absent. */
const orNull = (value: number | undefined): number | null => value ?? null

/** This machine alone as a fleet, so that the same code makes profiles here and in a collector. */
function fleetOf(earlier: Earlier, pass: AgentPass): Fleet {
  const machineRow = rowsOf(pass, 'machine')[0]
  const memory = machineRow && machineColumn(machineRow, 'memory_mem_total_bytes')
  const available = machineRow && machineColumn(machineRow, 'memory_mem_available_bytes')
  const seen = { firstMs: earlier.timeMs, lastMs: pass.timeMs }
  return {
    nowMs: pass.timeMs,
    machines:
      machineRow === undefined
        ? []
        : [
            {
              ...seen,
              entity: entityKey(machineRow),
              attributes: machineRow.entity.attributes,
              samples: 2,
              intervalMs: pass.timeMs - earlier.timeMs,
              silenceMs: Number.POSITIVE_INFINITY,
              minutesMs: [],
              cpuCores: orNull(machineColumn(machineRow, 'cpu_cores')),
              memoryBytes: orNull(memory),
              memoryUsedBytes:
                memory === undefined || available === undefined ? null : memory - available,
              cpuUsedCores: null,
            },
          ],
    containers: rowsOf(pass, 'container').map((row) => {
      const { attributes } = row.entity
      const quota = containerColumn(row, 'cpu_quota')
      const period = containerColumn(row, 'cpu_period')
      return {
        ...seen,
        entity: entityKey(row),
        hostId: attributes['host.id'] ?? '',
        path: attributes['candor.cgroup.path'] ?? '',
        level: attributes['candor.cgroup.level'] ?? '',
        memoryLimitCgroup: attributes['candor.memory.limit.cgroup'] ?? '',
        ownCpuCores: quota === undefined || period === undefined ? null : quota / period,
        cpuLimitCores: orNull(containerColumn(row, 'cpu_limit_effective_cores')),
        ownMemoryBytes: orNull(containerColumn(row, 'memory_limit_bytes')),
        memoryLimitBytes: orNull(containerColumn(row, 'memory_limit_effective_bytes')),
      }
    }),
    runtimes: rowsOf(pass, 'runtime').map((row) => ({
      entity: entityKey(row),
      attributes: row.entity.attributes,
      lastMs: pass.timeMs,
      heapMaxBytes: orNull(runtimeColumn(row, 'heap_max_bytes')),
      heapCommittedBytes: orNull(runtimeColumn(row, 'heap_committed_bytes')),
      metaspaceCommittedBytes: orNull(runtimeColumn(row, 'metaspace_committed_bytes')),
      classes: orNull(runtimeColumn(row, 'classes')),
      osThreads: orNull(runtimeColumn(row, 'os_threads')),
    })),
  }
}

const rowsOf = (pass: AgentPass, table: string) =>
  pass.rows.filter((row) => row.table.name === table)

const entityKey = ({ entity }: Row) =>
  entities[entity.kind].identity.map((name) => entity.attributes[name] ?? '').join('\0')

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
