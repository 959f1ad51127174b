import { expect, test } from 'vitest'
import { diskInfo, parseUdev } from '../../../agent/machine/disk-info.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { readRows } from './open.ts'

test('a disk and a volume, by the database below the root directory', () => {
  const rows = readRows(diskInfo, fixture('v2-kubernetes-6.8'))
  expect(rows.map(({ table, keys }) => [table.name, ...keys].join('|'))).toEqual([
    'machine_disk_info|nvme0n1|259|0|pci-0000:01:00.0-nvme-1|eui.0000000000000001|Made NVMe 1TB|S1|1B2QEXM7|0',
    'machine_disk_info|dm-0|252|0||||||',
    'machine_disk_filesystem|dm-0|xfs|filesystem|7d1f4f6a-0002-4c55-9b6b-4bd8d2f9a002|',
    'machine_disk_mapper|dm-0||containers|vg0-containers|LVM-wbGqQEBL9SxrW2DLntJwgg8fAv946hw3Tvjqh0v31fWgxEtD4BoHO0lROWFUY65T|vg0',
  ])
})

test('without udev a disk still has its numbers', () => {
  const [row] = readRows(diskInfo, fixture('hybrid-firecracker-6.18'))
  expect(row!.keys.slice(0, 3)).toEqual(['vda', '254', '0'])
})

test('devices are left out as by diskstats', () => {
  const flag = { 'collector.diskstats.device-exclude': '^nvme' }
  const rows = readRows(diskInfo, fixture('v2-kubernetes-6.8'), flag)
  expect(rows.map(({ keys }) => keys[0])).toEqual(['dm-0', 'loop3', 'dm-0', 'dm-0'])
})

test('any bytes are properties', () => {
  recordOrMalformed(['E:ID_MODEL=x\n', 'S:', 'E:', '='], (bytes) => [
    parseUdev(bytes.toString('latin1')).size,
  ])
  expect([...parseUdev('E:A=b=c\nE:=x\nI:1\nE:N\n')]).toEqual([['A', 'b=c']])
})
