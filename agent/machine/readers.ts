/** Every reader of the machine's own files, in the order in which they are listed and run. */
import { diskstats } from './diskstats.ts'
import { loadavg } from './loadavg.ts'
import { meminfo } from './meminfo.ts'
import { netdev } from './netdev.ts'
import { pressure } from './pressure.ts'
import type { MachineReader } from './reader.ts'
import { stat } from './stat.ts'
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
  uptime,
]
