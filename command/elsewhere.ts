/**
 * What `candor check` can say of a machine that is not Linux: the machine's totals, by
 * `systeminformation`, which starts the programs of that system. Containers, pressure, cgroups and
 * runtimes are read from the kernel of Linux, and elsewhere they are not there to be read: on such a
 * machine containers run in a virtual machine, and that is where an agent belongs.
 */
import { styleText } from 'node:util'
import { cpu, currentLoad, fsSize, mem, osInfo } from 'systeminformation'
import { bytes, percent } from '../dashboards/console/units.js'
import { printable, table } from './table.ts'

export interface Elsewhere {
  readonly name: string
  /** As the system calls itself: `macOS 15.1 (Darwin 24.1.0)`. */
  readonly system: string
  /** Absent where the system does not say. */
  readonly cpus?: number
  readonly physicalCores?: number
  readonly memoryBytes?: number
  readonly memoryAvailableBytes?: number
  readonly swapBytes?: number
  readonly load1?: number
  readonly filesystems: readonly {
    readonly mountpoint: string
    readonly type: string
    readonly sizeBytes: number
    readonly availableBytes: number
  }[]
  /** What this system cannot tell, and where it can be had. */
  readonly notRead: string
}

const NOT_READ =
  'containers, pressure, cgroup limits and runtimes: only Linux has them. Run the agent on the Linux machine, or in the virtual machine, that the containers run on.'

export async function lookElsewhere(): Promise<Elsewhere> {
  const [system, processor, memory, load, disks] = await Promise.all([
    osInfo(),
    cpu(),
    mem(),
    currentLoad(),
    fsSize(),
  ])
  return {
    name: system.hostname,
    system: `${system.distro} ${system.release} (${system.platform} ${system.kernel})`,
    ...known('cpus', processor.cores),
    ...known('physicalCores', processor.physicalCores),
    ...known('memoryBytes', memory.total),
    ...known('memoryAvailableBytes', memory.available),
    // A machine without swap says 0, and that is what it has.
    swapBytes: memory.swaptotal,
    ...(Number.isFinite(load.avgLoad) && { load1: load.avgLoad }),
    filesystems: disks.map(({ mount, type, size, available }) => ({
      mountpoint: mount,
      type,
      sizeBytes: size,
      availableBytes: available,
    })),
    notRead: NOT_READ,
  }
}

/** The library says 0 for what it could not find out: no machine has 0 CPUs or no memory. */
const known = <K extends string>(name: K, value: number): { readonly [_ in K]?: number } =>
  (value > 0 ? { [name]: value } : {}) as { readonly [_ in K]?: number }

export function describeElsewhere(machine: Elsewhere): string {
  const { name, system, cpus, physicalCores, memoryBytes, memoryAvailableBytes } = machine
  const parts = [
    system,
    cpus !== undefined && `${cpus} CPUs`,
    physicalCores !== undefined && `${physicalCores} cores`,
    memoryBytes !== undefined && `${bytes(memoryBytes)} memory`,
    memoryAvailableBytes !== undefined && `${bytes(memoryAvailableBytes)} available`,
    machine.load1 !== undefined && `load ${machine.load1}`,
  ].filter((part) => typeof part === 'string')
  const rows = machine.filesystems.map(({ mountpoint, type, sizeBytes, availableBytes }) => [
    mountpoint,
    type,
    bytes(sizeBytes),
    percent(sizeBytes > 0 ? 1 - availableBytes / sizeBytes : undefined),
  ])
  return [
    `${styleText('bold', printable(name), { stream: process.stdout })}  ${parts.map(printable).join(', ')}`,
    '',
    table(['file system', 'type', 'size', 'used'], rows, [2, 3]),
    '',
    `Not read  ${machine.notRead}`,
  ].join('\n')
}
