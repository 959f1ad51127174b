/** What the cgroups of one machine have in common, looked at once for all of them. */
import type { FlagTable } from '../../settings/flag.ts'
import type { KernelFiles } from '../read/files.ts'
import { BlockDevices } from './block-devices.ts'
import { NetworkNamespaces } from './network-namespaces.ts'

export interface Shared {
  readonly files: KernelFiles
  readonly devices: BlockDevices
  readonly networks: NetworkNamespaces
  /** Sizes of huge pages as the names of the cgroup's files have them: 2MB, 1GB. */
  readonly pageSizes: readonly string[]
  /** Whether descriptors, sockets and limits of the processes are to be read. */
  readonly looksAtProcesses: boolean
}

const PROCESSES_FLAG = 'collector.cgroup.processes'

export const cgroupFlags = {
  [PROCESSES_FLAG]: {
    type: 'boolean',
    default: false,
    help: 'Once a minute count the descriptors and sockets of each process of each container, and read its limits. Costs one look a descriptor.',
  },
} as const satisfies FlagTable

export function share(
  files: KernelFiles,
  settings: Readonly<Record<string, unknown>> = {},
): Shared {
  return {
    files,
    devices: new BlockDevices(files),
    networks: new NetworkNamespaces(files),
    pageSizes: pageSizes(files),
    looksAtProcesses: settings[PROCESSES_FLAG] === true,
  }
}

const KIB_OF_UNITS = [
  ['GB', 1 << 20],
  ['MB', 1 << 10],
  ['KB', 1],
] as const

/** Source: /sys/kernel/mm/hugepages/hugepages-2048kB; sizes are fixed from the boot on. */
function pageSizes(files: KernelFiles): string[] {
  return files.names(`${files.paths.sysfs}/kernel/mm/hugepages`).flatMap((name) => {
    const kib = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1])
    const [unit, size] = KIB_OF_UNITS.find(([, least]) => kib >= least) ?? []
    return size === undefined ? [] : [`${kib / size}${unit}`]
  })
}
