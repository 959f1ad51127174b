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
import { type Zone, zoneAt } from './time-zone.ts'

/** Of a link; below any of these folders leaps are counted, or not, as in the plain one. */
const ZONE_NAME = /zoneinfo\/(?:posix\/|right\/)?([\w+-]+(?:\/[\w+-]+)*)$/

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

const UTC: Zone = { offsetSeconds: 0, abbreviation: 'UTC' }

/**
 * The zone of the machine, not of this process, which may run in a container: /etc/localtime is the
 * file of the zone, or leads to it. Without it the zone is UTC, and for UTC no file is needed.
 */
function readZone(files: KernelFiles, timeMs: number, rows: KeptRows): void {
  const localtime = onRoot(files, '/etc/localtime')
  const target = files.linkTarget(localtime)
  const name = ZONE_NAME.exec(target ?? '')?.[1]
  const isNeeded = target === undefined ? files.exists(localtime) : name !== undefined
  const path = target === undefined ? localtime : onRoot(files, `/usr/share/zoneinfo/${name}`)
  const end = isNeeded ? files.readOnce(path) : -1
  const isUtc = target === undefined ? !isNeeded : /^(Etc\/)?UTC$/.test(name ?? '')
  const zone = end < 0 ? (isUtc ? UTC : undefined) : zoneAt(files.bytes.subarray(0, end), timeMs)
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
