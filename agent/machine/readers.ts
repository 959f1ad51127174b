/** Every reader of the machine's own files, in the order in which they are listed and run. */
import { arp } from './arp.ts'
import { bonding } from './bonding.ts'
import { conntrack } from './conntrack.ts'
import { diskstats } from './diskstats.ts'
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

export const machineReaders: readonly MachineReader[] = [
  stat,
  meminfo,
  vmstat,
  loadavg,
  pressure,
  diskstats,
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
  uptime,
]
