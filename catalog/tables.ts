/** Every table, in the order in which docs, /metrics and the schema print them. */
import type { Table } from './metric.ts'
import { containerBlkio, containerDisk } from './tables/container-disk.ts'
import { containerHugetlb } from './tables/container-hugetlb.ts'
import { containerNetwork } from './tables/container-network.ts'
import { containerInfo } from './tables/container-info.ts'
import { container } from './tables/container.ts'
import { machineCallsApart } from './tables/machine-calls-apart.ts'
import { machineCpu } from './tables/machine-cpu.ts'
import { machineDisk } from './tables/machine-disk.ts'
import { machineFilesystem } from './tables/machine-filesystem.ts'
import { machineFinished } from './tables/machine-finished.ts'
import { machineNetwork } from './tables/machine-network.ts'
import { agentTables } from './tables/machine-agent.ts'
import { machineArp } from './tables/machine-arp.ts'
import { machineBonding } from './tables/machine-bonding.ts'
import { machineConntrack } from './tables/machine-conntrack.ts'
import { machineFibrechannel, machineFibrechannelInfo } from './tables/machine-fibrechannel.ts'
import { machineInfiniband, machineInfinibandInfo } from './tables/machine-infiniband.ts'
import { machineIpvs, machineIpvsBackend } from './tables/machine-ipvs.ts'
import {
  machineNetclass,
  machineNetclassInfo,
  machineNohandler,
} from './tables/machine-netclass.ts'
import { machineNetstat } from './tables/machine-netstat.ts'
import { machineTcpstat, machineUdpQueues } from './tables/machine-sockets.ts'
import { machineSockstat } from './tables/machine-sockstat.ts'
import { machineSoftnet } from './tables/machine-softnet.ts'
import {
  machineBtrfs,
  machineBtrfsAllocation,
  machineBtrfsDevice,
  machineBtrfsInfo,
  machineBtrfsReserved,
} from './tables/machine-btrfs.ts'
import {
  machineDiskAta,
  machineDiskFilesystem,
  machineDiskInfo,
  machineDiskMapper,
} from './tables/machine-disk-info.ts'
import { machineLoop, machineOverlay } from './tables/machine-loop.ts'
import {
  machineBalloon,
  machineHugepages,
  machineHugepagesNode,
  machineKsm,
  machineZram,
} from './tables/machine-memory-more.ts'
import {
  machineNfs,
  machineNfsd,
  machineNfsdRequests,
  machineNfsRequests,
} from './tables/machine-nfs.ts'
import { machineBuddy, machineMemoryNuma, machineZone } from './tables/machine-numa.ts'
import {
  machineCgroupControllers,
  machineInotify,
  machineProcesses,
  machineProcessLimits,
  machineProcessStates,
  machineThreadStates,
} from './tables/machine-processes.ts'
import { machineSwap } from './tables/machine-swap.ts'
import { machineTextfile, machineTextfileError } from './tables/machine-textfile.ts'
import { machineXfs } from './tables/machine-xfs.ts'
import {
  machineCpuBug,
  machineCpuCore,
  machineCpuFlag,
  machineCpuInfo,
  machineCpuPackage,
  machineCpuState,
  machineSmt,
} from './tables/machine-processor.ts'
import {
  machineCpuFrequency,
  machineCpuFrequencyLimit,
  machineCpuGovernor,
} from './tables/machine-cpufreq.ts'
import { machineSchedstat } from './tables/machine-schedstat.ts'
import {
  machineInterrupts,
  machineSoftirqs,
  machineSoftirqVectors,
} from './tables/machine-interrupts.ts'
import {
  machineClock,
  machineClocksource,
  machineClocksourceCurrent,
  machineTime,
  machineTimeZone,
} from './tables/machine-time.ts'
import {
  machineDmi,
  machineLsm,
  machineOs,
  machineOsSupport,
  machineOsVersion,
  machineUname,
  machineVirtualization,
} from './tables/machine-facts.ts'
import {
  machineEntropy,
  machineFilefd,
  machineKernelHung,
  machineSelinux,
} from './tables/machine-kernel.ts'
import { machineEdac, machineEdacChannel, machineEdacCsrow } from './tables/machine-edac.ts'
import { machineHwmon, machineHwmonChip, machineHwmonLabel } from './tables/machine-hwmon.ts'
import { machineCoolingDevice, machineThermalZone } from './tables/machine-thermal-zone.ts'
import { machineRapl, machineRaplZone } from './tables/machine-rapl.ts'
import { machinePowerSupply, machinePowerSupplyInfo } from './tables/machine-power-supply.ts'
import { machineNvme } from './tables/machine-nvme.ts'
import { machineMd } from './tables/machine-md.ts'
import { machineWatchdog, machineWatchdogInfo } from './tables/machine-watchdog.ts'
import {
  machineCpuCache,
  machineDimm,
  machineNode,
  machineNodeDistance,
  machineNodeHugepages,
  machineThreadSiblings,
  machineTotals,
} from './tables/machine-totals.ts'
import { machineReader } from './tables/machine-reader.ts'
import { machineUnread } from './tables/machine-unread.ts'
import { machine } from './tables/machine.ts'
import { runtime, runtimeGc } from './tables/runtime.ts'

export const tables: readonly Table[] = [
  machine,
  machineCpu,
  machineDisk,
  machineFilesystem,
  machineCallsApart,
  machineDiskInfo,
  machineDiskFilesystem,
  machineDiskMapper,
  machineDiskAta,
  machineLoop,
  machineOverlay,
  machineSwap,
  machineZram,
  machineKsm,
  machineBalloon,
  machineHugepages,
  machineHugepagesNode,
  machineMemoryNuma,
  machineZone,
  machineBuddy,
  machineNfs,
  machineNfsRequests,
  machineNfsd,
  machineNfsdRequests,
  machineXfs,
  machineBtrfs,
  machineBtrfsInfo,
  machineBtrfsDevice,
  machineBtrfsReserved,
  machineBtrfsAllocation,
  machineProcesses,
  machineProcessStates,
  machineThreadStates,
  machineProcessLimits,
  machineCgroupControllers,
  machineInotify,
  machineTextfile,
  machineTextfileError,
  machineNetwork,
  machineNohandler,
  machineNetclass,
  machineNetclassInfo,
  machineBonding,
  machineNetstat,
  machineSockstat,
  machineSoftnet,
  machineUdpQueues,
  machineTcpstat,
  machineArp,
  machineConntrack,
  machineIpvs,
  machineIpvsBackend,
  machineInfiniband,
  machineInfinibandInfo,
  machineFibrechannel,
  machineFibrechannelInfo,
  machineCpuBug,
  machineCpuCore,
  machineCpuFlag,
  machineCpuInfo,
  machineCpuPackage,
  machineCpuState,
  machineSmt,
  machineCpuFrequency,
  machineCpuFrequencyLimit,
  machineCpuGovernor,
  machineSchedstat,
  machineInterrupts,
  machineSoftirqs,
  machineSoftirqVectors,
  machineClock,
  machineClocksource,
  machineClocksourceCurrent,
  machineTime,
  machineTimeZone,
  machineDmi,
  machineLsm,
  machineOs,
  machineOsSupport,
  machineOsVersion,
  machineUname,
  machineVirtualization,
  machineEntropy,
  machineFilefd,
  machineKernelHung,
  machineSelinux,
  machineEdac,
  machineEdacChannel,
  machineEdacCsrow,
  machineHwmon,
  machineHwmonChip,
  machineHwmonLabel,
  machineCoolingDevice,
  machineThermalZone,
  machineRapl,
  machineRaplZone,
  machinePowerSupply,
  machinePowerSupplyInfo,
  machineNvme,
  machineMd,
  machineWatchdog,
  machineWatchdogInfo,
  machineCpuCache,
  machineDimm,
  machineNode,
  machineNodeDistance,
  machineNodeHugepages,
  machineThreadSiblings,
  machineTotals,
  machineReader,
  machineUnread,
  machineFinished,
  ...agentTables,
  container,
  containerInfo,
  containerDisk,
  containerBlkio,
  containerNetwork,
  containerHugetlb,
  runtime,
  runtimeGc,
]

/** Those that have a table of their own in the store. */
export const typedTables: readonly Table[] = tables.filter(({ narrow }) => narrow !== true)

/** Position of one column; throws on a name that the catalogue does not have. */
export function columnOf(table: Table, column: string): number {
  const index = table.metrics.findIndex((metric) => metric.column === column)
  if (index < 0) throw new Error(`${table.name} has no column ${column}`)
  return index
}
