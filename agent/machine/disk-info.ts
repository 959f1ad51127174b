/**
 * What block devices are: model, serial number, file system, place in the device mapper.
 *
 * Source: the database of udev, /run/udev/data/bMAJOR:MINOR, lines `E:NAME=value`; sd-device
 *         major and minor from /proc/diskstats; /sys/block/DEVICE/queue/rotational
 */
import {
  machineDiskAta,
  machineDiskFilesystem,
  machineDiskInfo,
  machineDiskMapper,
} from '../../catalog/tables/machine-disk-info.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf, rowOf } from '../read/row-of.ts'
import { linesOf, unsignedOf, wordsOf } from '../read/words.ts'
import { devicesLeftOut } from './devices.ts'
import { LEFT_OUT_DEVICES } from './diskstats.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

/** What udev says of a device by name; other lines are left. */
export function parseUdev(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of linesOf(text)) {
    const equals = line.indexOf('=')
    if (line.startsWith('E:') && equals > 2) {
      found.set(line.slice(2, equals), line.slice(equals + 1))
    }
  }
  return found
}

const ATA = [
  'ID_ATA_WRITE_CACHE',
  'ID_ATA_WRITE_CACHE_ENABLED',
  'ID_ATA_ROTATION_RATE_RPM',
] as const

function disks({ files, machine, settings }: MachineContext): Read {
  const info = new KeptRows(machineDiskInfo, machine)
  const filesystem = new KeptRows(machineDiskFilesystem, machine)
  const mapper = new KeptRows(machineDiskMapper, machine)
  const ata = new KeptRows(machineDiskAta, machine)
  const all = [info, filesystem, mapper, ata]
  const leftOut = devicesLeftOut('diskstats', settings, LEFT_OUT_DEVICES)
  const root = files.paths.rootfs.replace(/\/+$/, '')
  const folder = (settings['path.udev.data'] as string | undefined) ?? `${root}/run/udev/data`

  function read(major: string, minor: string, device: string): void {
    const udev = parseUdev(files.readText(`${folder}/b${major}:${minor}`) ?? '')
    const of = (name: string) => udev.get(name) ?? ''
    // Shorter than ID_SERIAL, which has the model before it.
    const serial = of('SCSI_IDENT_SERIAL') || of('ID_SERIAL_SHORT')
    const rotational = files.readText(`${files.paths.sysfs}/block/${device}/queue/rotational`)
    const what = [of('ID_PATH'), of('ID_WWN'), of('ID_MODEL'), serial, of('ID_REVISION')]
    infoOf(info, device, major, minor, ...what, rotational ?? '')
    const name = of('DM_NAME')
    if (name !== '') {
      const volume = [of('DM_LV_LAYER'), of('DM_LV_NAME'), name, of('DM_UUID'), of('DM_VG_NAME')]
      infoOf(mapper, device, ...volume)
    }
    const type = of('ID_FS_TYPE')
    if (type !== '') {
      const rest = [of('ID_FS_USAGE'), of('ID_FS_UUID'), of('ID_FS_VERSION')]
      infoOf(filesystem, device, type, ...rest)
    }
    if (of('ID_ATA') !== '') rowOf(ata, device).set(ATA.map((key) => unsignedOf(of(key))))
  }

  return () => {
    const text = files.readText(`${files.paths.procfs}/diskstats`)
    if (text === undefined) return noFile('diskstats')
    for (const rows of all) rows.begin()
    for (const line of linesOf(text)) {
      const [major = '', minor = '', device] = wordsOf(line)
      if (device !== undefined && !leftOut!.test(device)) read(major, minor, device)
    }
    return rowsOnly(all.flatMap((rows) => rows.finish()))
  }
}

export const diskInfo: MachineReader = {
  name: 'disk_info',
  partOf: 'diskstats',
  help: 'Models and serial numbers of disks: /run/udev/data.',
  slow: true,
  flags: {
    'path.udev.data': {
      type: 'string',
      form: 'path',
      value: 'DIRECTORY',
      help: 'Where udev keeps its database, when not at /run/udev/data of the root directory.',
    },
  },
  open: disks,
}
