/**
 * What the machine's own files cost: a pass over thirteen of them, which every agent of this kind
 * reads, and a pass of all readers that are on by default and read each time.
 *
 * The thirteen: stat, meminfo, vmstat, loadavg, uptime, diskstats, pressure/{cpu,memory,io},
 * net/{dev,snmp,sockstat}, sys/fs/file-nr.
 */
import { diskstats } from '../../agent/machine/diskstats.ts'
import { filefd } from '../../agent/machine/filefd.ts'
import { loadavg } from '../../agent/machine/loadavg.ts'
import { meminfo } from '../../agent/machine/meminfo.ts'
import { parseNetdev } from '../../agent/machine/netdev.ts'
import { NetstatFile } from '../../agent/machine/netstat.ts'
import type { MachineContext, MachineReader, Read } from '../../agent/machine/reader.ts'
import { machineReaders } from '../../agent/machine/readers.ts'
import { parseSockstat } from '../../agent/machine/sockstat.ts'
import { stat } from '../../agent/machine/stat.ts'
import { uptime } from '../../agent/machine/uptime.ts'
import { vmstat } from '../../agent/machine/vmstat.ts'
import { KernelFiles } from '../../agent/read/files.ts'
import { KeyedRows } from '../../agent/read/keyed-rows.ts'
import { parsePressure } from '../../agent/read/pressure.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { machineNetstat } from '../../catalog/tables/machine-netstat.ts'
import { machineNetwork } from '../../catalog/tables/machine-network.ts'
import { machineSockstat } from '../../catalog/tables/machine-sockstat.ts'
import { median } from '../../judge/statistics.ts'
import { emptyRow } from '../../wire/sample.ts'
import { cpuMs } from './statistics.ts'

/** Each is the file of its name alone. */
const READERS: readonly MachineReader[] = [
  stat,
  meminfo,
  vmstat,
  loadavg,
  uptime,
  diskstats,
  filefd,
]
const WARM_PASSES = 200
const ROUNDS = 40
/** CPU time is told in steps that one pass would drown in. */
const PASSES = 25

/** In ms a pass. */
export function hostFigures(): { readonly hostMs: number; readonly hostAllMs: number } {
  const files = new KernelFiles({
    procfs: '/proc',
    sysfs: '/sys',
    cgroupfs: '/sys/fs/cgroup',
    rootfs: '/',
  })
  const entity = { kind: 'machine', attributes: {} } as const
  const { values } = emptyRow(machine, entity)
  const context = { files, machine: entity, values, settings: {} }
  const all = machineReaders.filter((each) => each.slow !== true && each.offByDefault !== true)
  try {
    return {
      hostMs: passMs([...READERS.map((each) => each.open(context)), ...alone(context)]),
      hostAllMs: passMs(all.map((each) => each.open(context))),
    }
  } finally {
    files.closeAll()
  }
}

/** Files whose readers read others beside. */
function alone({ files, machine: entity, values }: MachineContext): (() => void)[] {
  const pressures = ['cpu', 'memory', 'io'].map((what) => files.proc(`pressure/${what}`))
  const [dev, snmp, sockstat] = [files.net('dev'), files.net('snmp'), files.net('sockstat')]
  const devices = new KeyedRows(machineNetwork, entity)
  const protocols = new NetstatFile()
  const counted = emptyRow(machineNetstat, entity)
  const sockets = emptyRow(machineSockstat, entity)
  return [
    () => {
      for (const file of pressures) {
        const end = files.read(file)
        if (end > 0) parsePressure(files.bytes, end, values, { some: 0, full: 1 })
      }
    },
    () => parseNetdev(files.bytes, files.readAll(dev), devices),
    () => protocols.parse(files.bytes, files.read(snmp), counted.values),
    () => parseSockstat(files.bytes, files.read(sockstat), sockets.values),
  ]
}

/** Median of the rounds. */
function passMs(reads: readonly (Read | (() => void))[]): number {
  let timeMs = Date.now()
  const pass = () => {
    timeMs += 1_000
    for (const read of reads) read(timeMs)
  }
  for (let i = 0; i < WARM_PASSES; i += 1) pass()
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = cpuMs()
    for (let i = 0; i < PASSES; i += 1) pass()
    return (cpuMs() - before) / PASSES
  })
  return median(rounds)!
}
