/** Every reader of the machine's own files, in the order in which they are listed and run. */
import { arp } from './arp.ts'
import { bonding } from './bonding.ts'
import { conntrack } from './conntrack.ts'
import { diskstats } from './diskstats.ts'
import { balloon } from './balloon.ts'
import { btrfs } from './btrfs.ts'
import { buddyinfo } from './buddyinfo.ts'
import { cgroupsCount } from './cgroups-count.ts'
import { diskInfo } from './disk-info.ts'
import { hugepages } from './hugepages.ts'
import { inotify } from './inotify.ts'
import { ksmd } from './ksmd.ts'
import { loop } from './loop.ts'
import { meminfoNuma } from './meminfo-numa.ts'
import { nfs } from './nfs.ts'
import { nfsd } from './nfsd.ts'
import { overlay } from './overlay.ts'
import { processLimits } from './process-limits.ts'
import { processes } from './processes.ts'
import { swap } from './swap.ts'
import { textfile } from './textfile.ts'
import { xfs } from './xfs.ts'
import { zoneinfo } from './zoneinfo.ts'
import { zram } from './zram.ts'
import { filesystem } from './filesystem.ts'
import { fibrechannel } from './fibrechannel.ts'
import { infiniband } from './infiniband.ts'
import { ipvs } from './ipvs.ts'
import { loadavg } from './loadavg.ts'
import { meminfo } from './meminfo.ts'
import { netclass } from './netclass.ts'
import { netdev } from './netdev.ts'
import { netstat } from './netstat.ts'
import { pressure } from './pressure.ts'
import type { MachineReader } from './reader.ts'
import { sockstat } from './sockstat.ts'
import { softnet } from './softnet.ts'
import { stat } from './stat.ts'
import { tcpstat } from './tcpstat.ts'
import { udpQueues } from './udp-queues.ts'
import { uptime } from './uptime.ts'
import { vmstat } from './vmstat.ts'
import { clock } from './clock.ts'
import { cpu } from './cpu.ts'
import { cpuTopology } from './cpu-topology.ts'
import { cpufreq } from './cpufreq.ts'
import { dmi } from './dmi.ts'
import { edac } from './edac.ts'
import { entropy } from './entropy.ts'
import { filefd } from './filefd.ts'
import { hwmon } from './hwmon.ts'
import { interrupts } from './interrupts.ts'
import { kernelHung } from './kernel-hung.ts'
import { lsm } from './lsm.ts'
import { machineTotal } from './machine-totals.ts'
import { md } from './md.ts'
import { nvme } from './nvme.ts'
import { os } from './os.ts'
import { powerSupply } from './power-supply.ts'
import { rapl } from './rapl.ts'
import { schedstat } from './schedstat.ts'
import { selinux } from './selinux.ts'
import { softirqs } from './softirqs.ts'
import { thermalZone } from './thermal-zone.ts'
import { time } from './time.ts'
import { uname } from './uname.ts'
import { virtualisation } from './virtualisation.ts'
import { watchdog } from './watchdog.ts'

export const machineReaders: readonly MachineReader[] = [
  stat,
  meminfo,
  vmstat,
  loadavg,
  pressure,
  diskstats,
  filesystem,
  diskInfo,
  loop,
  overlay,
  swap,
  zram,
  ksmd,
  balloon,
  hugepages,
  meminfoNuma,
  zoneinfo,
  buddyinfo,
  nfs,
  nfsd,
  xfs,
  btrfs,
  processes,
  processLimits,
  cgroupsCount,
  inotify,
  textfile,
  netdev,
  netclass,
  bonding,
  netstat,
  sockstat,
  softnet,
  udpQueues,
  tcpstat,
  arp,
  conntrack,
  ipvs,
  infiniband,
  fibrechannel,
  uptime,
  cpu,
  cpufreq,
  cpuTopology,
  machineTotal,
  schedstat,
  interrupts,
  softirqs,
  time,
  clock,
  uname,
  os,
  dmi,
  virtualisation,
  lsm,
  selinux,
  entropy,
  filefd,
  kernelHung,
  edac,
  hwmon,
  thermalZone,
  rapl,
  powerSupply,
  nvme,
  md,
  watchdog,
]
