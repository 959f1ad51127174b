/**
 * The machine's clock, its time zone, and what the kernel counts time with.
 *
 * Source: the time of the pass; /etc/localtime, localtime(5), below --path.rootfs;
 *         /sys/devices/system/clocksource
 */
import {
  machineClocksource,
  machineClocksourceCurrent,
  machineTime,
  machineTimeZone,
} from '../../catalog/tables/machine-time.ts'
import { emptyRow, type Row } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf, rowOf } from '../read/row-of.ts'
import { numbered, onRoot, word } from './attribute.ts'
import { everyMinute } from './minute.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'
import { zoneAt } from './time-zone.ts'

function openTime({ files, machine }: MachineContext): Read {
  const now = emptyRow(machineTime, machine)
  const zone = new KeptRows(machineTimeZone, machine)
  const available = new KeptRows(machineClocksource, machine)
  const current = new KeptRows(machineClocksourceCurrent, machine)
  const slow = [zone, available, current]
  const isDue = everyMinute()
  let rows: readonly Row[] = []
  return (timeMs) => {
    now.values[0] = timeMs / 1000
    if (isDue(timeMs)) {
      for (const each of slow) each.begin()
      readZone(files, timeMs, zone)
      readClocksources(files, available, current)
      rows = [now, ...slow.flatMap((each) => each.finish())]
    }
    return rowsOnly(rows)
  }
}

/**
 * The zone of the machine, not of this process, which may run in a container: the file that
 * /etc/localtime leads to. Without that file the zone is UTC; where it is a copy, Debian keeps the name.
 */
function readZone(files: KernelFiles, timeMs: number, rows: KeptRows): void {
  const localtime = onRoot(files, '/etc/localtime')
  const target = files.linkTarget(localtime)
  const name =
    target === undefined
      ? files.exists(localtime)
        ? files.readText(onRoot(files, '/etc/timezone'))
        : 'UTC'
      : /zoneinfo\/(?:posix\/|right\/)?([\w+-]+(?:\/[\w+-]+)*)$/.exec(target)?.[1]
  if (name === undefined) return
  const end = files.readOnce(onRoot(files, `/usr/share/zoneinfo/${name}`))
  const file = end < 0 ? '' : files.bytes.toString('latin1', 0, end)
  const zone = zoneAt(name, timeMs, file)
  if (zone !== undefined) rowOf(rows, zone.abbreviation)[0] = zone.offsetSeconds
}

function readClocksources(files: KernelFiles, available: KeptRows, current: KeptRows): void {
  const folder = `${files.paths.sysfs}/devices/system/clocksource`
  for (const [name, device] of numbered(files, folder, 'clocksource')) {
    const names = word(files, `${folder}/${name}/available_clocksource`) ?? ''
    for (const each of names.split(' ')) if (each !== '') infoOf(available, device, each)
    const chosen = word(files, `${folder}/${name}/current_clocksource`) ?? ''
    if (chosen !== '') infoOf(current, device, chosen)
  }
}

export const time: MachineReader = {
  name: 'time',
  help: 'The clock, its zone and its source: /sys/devices/system/clocksource.',
  open: openTime,
}
