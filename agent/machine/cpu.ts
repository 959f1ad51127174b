/**
 * CPUs: what they did since boot and, looked at once a minute, which are online or isolated, whether
 * they share cores, how often heat slowed them down.
 *
 * Source: /proc/stat; /sys/devices/system/cpu, Documentation/ABI/testing/sysfs-devices-system-cpu;
 *         /proc/cpuinfo
 */
import { CPU_MODES } from '../../catalog/tables/machine-cpu.ts'
import {
  machineCpuBug,
  machineCpuCore,
  machineCpuFlag,
  machineCpuInfo,
  machineCpuPackage,
  machineCpuState,
  machineSmt,
} from '../../catalog/tables/machine-processor.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { Row } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf, rowOf } from '../read/row-of.ts'
import { number, numbered, word } from './attribute.ts'
import { bugsOf, flagsOf, parseCpuInfo } from './cpu-info.ts'
import { parseCpuList } from './cpu-list.ts'
import { everyMinute } from './minute.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'
import { statFile } from './stat-file.ts'

const [ONLINE, ISOLATED] = ['online', 'isolated'].map((name) => columnOf(machineCpuState, name))
const [SMT_ACTIVE, THREADS] = ['smt_active', 'threads_per_core'].map((name) =>
  columnOf(machineSmt, name),
)

/** Keys of /proc/cpuinfo in the order of the labels of `node_cpu_info`. */
const INFO = [
  'processor',
  'physical id',
  'core id',
  'vendor_id',
  'cpu family',
  'model',
  'model name',
  'microcode',
  'stepping',
  'cache size',
]

const INCLUDE = 'collector.cpu.info.flags-include'
const BUGS = 'collector.cpu.info.bugs-include'
const GUEST = 'collector.cpu.guest'

function openCpu(context: MachineContext): Read {
  const stat = statFile(context)
  const hardware = openHardware(context)
  const isGuestOn = context.settings[GUEST] !== false
  const isDue = everyMinute()
  let slow: readonly Row[] = []
  return (timeMs) => {
    if (isDue(timeMs)) slow = hardware()
    const times = stat.read('cpu') ? stat.cpus : []
    if (times.length + slow.length === 0) {
      return {
        reason: `no CPUs at ${context.files.paths.sysfs}${CPUS}, no stat under --path.procfs`,
        cure: 'set --path.sysfs and --path.procfs to where /sys and /proc are mounted',
      }
    }
    if (!isGuestOn) for (const { values } of times) values.fill(Number.NaN, CPU_MODES.length)
    return rowsOnly([...times, ...slow])
  }
}

const CPUS = '/devices/system/cpu'

function openHardware({ files, machine, settings }: MachineContext): () => readonly Row[] {
  const folder = `${files.paths.sysfs}${CPUS}`
  const state = new KeptRows(machineCpuState, machine)
  const core = new KeptRows(machineCpuCore, machine)
  const socket = new KeptRows(machineCpuPackage, machine)
  const smt = new KeptRows(machineSmt, machine)
  const info = new KeptRows(machineCpuInfo, machine)
  const flag = new KeptRows(machineCpuFlag, machine)
  const bug = new KeptRows(machineCpuBug, machine)
  const all = [state, core, socket, smt, info, flag, bug]
  const wanted = [INCLUDE, BUGS].map((name) => settings[name] as string | undefined)
  const [flags, bugs] = wanted.map((text) => (text === undefined ? undefined : new RegExp(text)))
  const isInfoOn =
    settings['collector.cpu.info'] === true || flags !== undefined || bugs !== undefined
  return () => {
    for (const rows of all) rows.begin()
    const cpus = numbered(files, folder, 'cpu')
    const isolated = new Set(parseCpuList(word(files, `${folder}/isolated`) ?? ''))
    for (const [name, cpu] of cpus) {
      const online = number(files, `${folder}/${name}/online`)
      if (Number.isNaN(online) && !isolated.has(Number(cpu))) continue
      const values = rowOf(state, cpu)
      values[ONLINE!] = online
      if (isolated.has(Number(cpu))) values[ISOLATED!] = 1
    }
    readThrottles(files, folder, cpus, core, socket)
    readSmt(files, folder, cpus, smt)
    if (isInfoOn) readInfo(files, info, [flag, flags], [bug, bugs])
    return all.flatMap((rows) => rows.finish())
  }
}

/** Threads of a core, and cores of a socket, count the same events: the first one tells them. */
function readThrottles(
  files: KernelFiles,
  folder: string,
  cpus: readonly [string, string][],
  cores: KeptRows,
  sockets: KeptRows,
): void {
  const seen = new Set<string>()
  const once = (rows: KeptRows, path: string, ...keys: readonly string[]) => {
    const id = `${keys.join(' ')}/${keys.length}`
    if (seen.has(id)) return
    const count = number(files, path)
    if (Number.isNaN(count)) return
    seen.add(id)
    rowOf(rows, ...keys)[0] = count
  }
  for (const [name] of cpus) {
    const socket = word(files, `${folder}/${name}/topology/physical_package_id`)
    const core = word(files, `${folder}/${name}/topology/core_id`)
    if (socket === undefined || core === undefined) continue
    once(cores, `${folder}/${name}/thermal_throttle/core_throttle_count`, socket, core)
    once(sockets, `${folder}/${name}/thermal_throttle/package_throttle_count`, socket)
  }
}

function readSmt(
  files: KernelFiles,
  folder: string,
  cpus: readonly [string, string][],
  rows: KeptRows,
): void {
  const siblings = cpus.map(([name]) =>
    word(files, `${folder}/${name}/topology/thread_siblings_list`),
  )
  const threads = Math.max(0, ...siblings.map((list) => parseCpuList(list ?? '').length))
  const active = number(files, `${folder}/smt/active`)
  if (Number.isNaN(active) && threads === 0) return
  const values = rowOf(rows)
  values[SMT_ACTIVE!] = active
  if (threads > 0) values[THREADS!] = threads
}

type Wanted = readonly [rows: KeptRows, which: RegExp | undefined]

function readInfo(files: KernelFiles, info: KeptRows, flag: Wanted, bug: Wanted): void {
  const text = files.readText(`${files.paths.procfs}/cpuinfo`)
  if (text === undefined) return
  const cpus = parseCpuInfo(text)
  for (const cpu of cpus) infoOf(info, ...INFO.map((key) => cpu.get(key) ?? ''))
  for (const [[rows, which], items] of [
    [flag, flagsOf(cpus[0]!)],
    [bug, bugsOf(cpus[0]!)],
  ] as const) {
    for (const item of items) if (which?.test(item) === true) infoOf(rows, item)
  }
}

export const cpu: MachineReader = {
  name: 'cpu',
  help: 'Time of CPUs, online, isolated, throttled: /proc/stat, /sys/devices/system/cpu.',
  flags: {
    [GUEST]: {
      type: 'boolean',
      default: true,
      help: 'Show node_cpu_guest_seconds_total: time that CPUs spent in guests.',
    },
    'collector.cpu.info': {
      type: 'boolean',
      default: false,
      help: 'Show node_cpu_info: what each CPU is, from /proc/cpuinfo.',
    },
    [INCLUDE]: {
      type: 'string',
      form: 'regexp',
      value: 'REGEXP',
      help: 'Show node_cpu_flag_info for these flags of the CPU, and node_cpu_info.',
    },
    [BUGS]: {
      type: 'string',
      form: 'regexp',
      value: 'REGEXP',
      help: 'Show node_cpu_bug_info for these faults of the CPU, and node_cpu_info.',
    },
  },
  open: openCpu,
}
