/**
 * Btrfs file systems: what is allocated to data and metadata, on which devices.
 *
 * Source: /sys/fs/btrfs/UUID; Documentation/ABI/testing/sysfs-fs-btrfs, fs/btrfs/sysfs.c
 * Units:  bytes; sizes of devices in sectors of 512 bytes, times of commits in ms
 *
 * Errors of its devices are only told by an ioctl, which a process without native code cannot make.
 */
import {
  machineBtrfs,
  machineBtrfsAllocation,
  machineBtrfsDevice,
  machineBtrfsInfo,
  machineBtrfsReserved,
} from '../../catalog/tables/machine-btrfs.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf, rowOf } from '../read/row-of.ts'
import { linesOf, unsignedOf, wordsOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const BLOCK_GROUPS = ['data', 'metadata', 'mixed', 'system']
const SECTOR_BYTES = 512

const COMMITS: readonly (readonly [key: string, column: number, factor: number])[] = [
  ['commits', columnOf(machineBtrfs, 'commits'), 1],
  ['last_commit_ms', columnOf(machineBtrfs, 'last_commit'), 0.001],
  ['max_commit_ms', columnOf(machineBtrfs, 'max_commit'), 0.001],
  ['total_commit_ms', columnOf(machineBtrfs, 'total_commit'), 0.001],
]

/** Space on the devices that a byte of each RAID profile takes, where there are so many devices. */
export function allocationRatio(profile: string, devices: number): number {
  switch (profile) {
    case 'single':
    case 'raid0':
      return 1
    case 'dup':
    case 'raid1':
    case 'raid10':
      return 2
    case 'raid1c3':
      return 3
    case 'raid1c4':
      return 4
    case 'raid5':
      return devices > 1 ? devices / (devices - 1) : Number.NaN
    case 'raid6':
      return devices > 2 ? devices / (devices - 2) : Number.NaN
    default:
      return Number.NaN
  }
}

/** `commits 819` and so on, into the columns of the file system; unknown keys are left. */
export function parseCommitStats(text: string, values: Float64Array): void {
  const found = new Map(linesOf(text).map((line) => wordsOf(line) as [string, string]))
  for (const [key, column, factor] of COMMITS) values[column] = unsignedOf(found.get(key)) * factor
}

function filesystems({ files, machine }: MachineContext): Read {
  const whole = new KeptRows(machineBtrfs, machine)
  const info = new KeptRows(machineBtrfsInfo, machine)
  const sizes = new KeptRows(machineBtrfsDevice, machine)
  const reserved = new KeptRows(machineBtrfsReserved, machine)
  const allocation = new KeptRows(machineBtrfsAllocation, machine)
  const all = [whole, info, sizes, reserved, allocation]
  const root = `${files.paths.sysfs}/fs/btrfs`
  const number = (path: string) => unsignedOf(files.readText(`${root}/${path}`))

  function read(uuid: string): void {
    const values = rowOf(whole, uuid)
    values[0] = number(`${uuid}/allocation/global_rsv_size`)
    parseCommitStats(files.readText(`${root}/${uuid}/commit_stats`) ?? '', values)
    infoOf(info, uuid, files.readText(`${root}/${uuid}/label`) ?? '')
    const devices = files.names(`${root}/${uuid}/devices`)
    for (const device of devices) {
      rowOf(sizes, uuid, device)[0] = number(`${uuid}/devices/${device}/size`) * SECTOR_BYTES
    }
    for (const group of BLOCK_GROUPS) readGroup(uuid, group, devices.length)
  }

  function readGroup(uuid: string, group: string, devices: number): void {
    const folder = `${uuid}/allocation/${group}`
    const names = files.names(`${root}/${folder}`)
    if (names.length === 0) return
    rowOf(reserved, uuid, group)[0] = number(`${folder}/bytes_reserved`)
    for (const profile of names) {
      const ratio = allocationRatio(profile, devices)
      if (Number.isNaN(ratio)) continue
      const [size, used] = ['total_bytes', 'used_bytes'].map((what) =>
        number(`${folder}/${profile}/${what}`),
      )
      rowOf(allocation, uuid, group, profile).set([size!, used!, ratio])
    }
  }

  return () => {
    for (const rows of all) rows.begin()
    for (const uuid of files.names(root)) if (UUID.test(uuid)) read(uuid)
    const found = all.flatMap((rows) => rows.finish())
    if (found.length > 0) return rowsOnly(found)
    return {
      reason: 'no Btrfs file system',
      cure: 'none is needed where Btrfs is not used',
      notHere: true,
    }
  }
}

export const btrfs: MachineReader = {
  name: 'btrfs',
  help: 'Btrfs: /sys/fs/btrfs.',
  open: filesystems,
}
