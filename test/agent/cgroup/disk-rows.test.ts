/** The disks of a cgroup, by the files of v1 and v2. */
import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { namesDevice, parseBytes, parseFigure, SERVICED } from '../../../agent/cgroup/blkio.ts'
import { BlockDevices } from '../../../agent/cgroup/block-devices.ts'
import { DiskRows } from '../../../agent/cgroup/disk-rows.ts'
import { parseIoStat } from '../../../agent/cgroup/io-stat.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { limits } from '../../../catalog/limit.ts'
import type { Entity } from '../../../wire/sample.ts'
import { filesOf, folder, present, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

const entity: Entity = { kind: 'container', attributes: { 'candor.cgroup.path': '/job' } }
const uevent = (name: string) => `MAJOR=0\nDEVNAME=${name}\nDEVTYPE=disk\n`

function machine() {
  const root = folder()
  write(`${root}/sys/dev/block`, {
    '254:0/uevent': uevent('vda'),
    '259:0/uevent': uevent('nvme0n1'),
  })
  const rows = new DiskRows(entity, new BlockDevices(filesOf(root)))
  return { root, rows }
}

const bytesOf = (text: string) => ({ bytes: Buffer.from(text), end: Buffer.byteLength(text) })

/** Figures by table and key. */
const told = (rows: DiskRows) =>
  Object.fromEntries(
    rows.finish().map((row) => [[row.table.name, ...row.keys].join(' '), present(row)]),
  )

const disks = (rows: DiskRows) =>
  Object.fromEntries(rows.disks.finish().map((row) => [row.keys[0], present(row)]))

describe('io.stat', () => {
  const VDA = '254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6'
  const A = {
    read_bytes: 1,
    written_bytes: 2,
    reads: 3,
    writes: 4,
    discarded_bytes: 5,
    discards: 6,
  }
  const f = (text: string, want: Record<string, Record<string, number>>) => {
    const { rows } = machine()
    const { bytes, end } = bytesOf(text)
    for (let pass = 0; pass < 2; pass += 1) {
      parseIoStat(bytes, end, rows)
      expect(disks(rows)).toEqual(want)
    }
  }
  test('one device', () => f(`${VDA}\n`, { '/dev/vda': A }))
  test('two', () =>
    f(`${VDA}\n259:0 rbytes=9\n`, { '/dev/vda': A, '/dev/nvme0n1': { read_bytes: 9 } }))
  test('two on one line', () => f(`259:0 ${VDA}\n`, { '/dev/vda': A }))
  test('figures of two on one line', () =>
    f(`259:0 rbytes=9 ${VDA}\n`, { '/dev/nvme0n1': { read_bytes: 9 }, '/dev/vda': A }))
  test('a device without figures', () => f(`259:0 \n${VDA}\n259:16\n`, { '/dev/vda': A }))
  test('a device that is not there', () => f('8:16 rios=1\n', { '8:16': { reads: 1 } }))
  test('the cost model, in µs', () =>
    f('254:0 rbytes=1 cost.vrate=100.00 cost.usage=2500000 cost.wait=1 cost.new=3\n', {
      '/dev/vda': { read_bytes: 1, cost_usage_seconds: 2.5, cost_wait_seconds: 1e-6 },
    }))
  test('another order', () =>
    f('254:0 wios=4 rbytes=1\n', { '/dev/vda': { writes: 4, read_bytes: 1 } }))
  test('nothing', () => f('', {}))
  test("cAdvisor's second name", () => {
    const { rows } = machine()
    const { bytes, end } = bytesOf(`${VDA}\n`)
    parseIoStat(bytes, end, rows)
    expect(told(rows)['container_blkio /dev/vda 254 0']).toEqual({ read: 1, write: 2, discard: 5 })
  })
  test.each(['rbytes=1\n', '254:0 rbytes=x\n', 'a:b rbytes=1\n'])('%j is malformed', (text) => {
    const { rows } = machine()
    const { bytes, end } = bytesOf(text)
    expect(() => parseIoStat(bytes, end, rows)).toThrow(MalformedFile)
  })
  test('any bytes are rows or malformed', () => {
    const { rows } = machine()
    recordOrMalformed(['254:0 ', 'rbytes=', 'cost.wait=', `${VDA}\n`], (bytes) => {
      parseIoStat(bytes, bytes.length, rows)
      return rows.finish().flatMap((row) => Object.values(present(row)))
    })
  })
  test('more devices than the limit are cut, and that is told', () => {
    const { rows } = machine()
    const most = limits.containerRows.value
    const lines = (count: number) =>
      bytesOf(Array.from({ length: count }, (_, i) => `8:${i} rbytes=1\n`).join(''))
    const f = (count: number, want: number, cut: boolean) => {
      const { bytes, end } = lines(count)
      parseIoStat(bytes, end, rows)
      expect([rows.finish().length, rows.cut]).toEqual([2 * want, cut])
    }
    f(most + 5, most, true)
    f(most + 5, most, true)
    f(3, 3, false)
    f(most, most, false)
  })
})

describe('blkio', () => {
  const lines = (device: string, read: number, write: number) =>
    `${device} Read ${read}\n${device} Write ${write}\n${device} Sync ${read}\n${device} Async ${write}\n${device} Total ${read + write}\n`
  const both = lines('254:0', 10, 20) + lines('259:0', 1, 2)

  test('bytes and operations', () => {
    const { rows } = machine()
    const { bytes, end } = bytesOf(`${both}Total 33\n`)
    const serviced = bytesOf(`${lines('254:0', 3, 4)}${lines('259:0', 5, 6)}Total 18\n`)
    rows.begin()
    expect(parseBytes(bytes, end, rows)).toBe(99)
    parseFigure(serviced.bytes, serviced.end, rows.disks, SERVICED)
    expect(told(rows)).toEqual({
      'container_disk /dev/vda': { read_bytes: 10, written_bytes: 20, reads: 3, writes: 4 },
      'container_disk /dev/nvme0n1': { read_bytes: 1, written_bytes: 2, reads: 5, writes: 6 },
      'container_blkio /dev/vda 254 0': { read: 10, write: 20, sync: 10, async: 20, total: 30 },
      'container_blkio /dev/nvme0n1 259 0': { read: 1, write: 2, sync: 1, async: 2, total: 3 },
    })
  })
  test('operations of a device without bytes are not told', () => {
    const { rows } = machine()
    const { bytes, end } = bytesOf(lines('259:0', 5, 6))
    rows.begin()
    parseFigure(bytes, end, rows.disks, SERVICED)
    expect(told(rows)).toEqual({})
  })
  test('an operation that we do not know', () => {
    const { rows } = machine()
    const { bytes, end } = bytesOf('254:0 Frob 7\n254:0 Read 10\n')
    rows.begin()
    parseBytes(bytes, end, rows)
    expect(disks(rows)).toEqual({ '/dev/vda': { read_bytes: 10 } })
  })
  test('only the sum names no device', () => {
    const none = bytesOf('Total 0\n')
    const some = bytesOf(both)
    expect(namesDevice(none.bytes, none.end)).toBe(false)
    expect(namesDevice(some.bytes, some.end)).toBe(true)
  })
  test.each(['254 Read 1\n', '254:0 Read many\n', 'vda Read 1\n'])('%j is malformed', (text) => {
    const { rows } = machine()
    const { bytes, end } = bytesOf(text)
    rows.begin()
    expect(() => parseBytes(bytes, end, rows)).toThrow(MalformedFile)
  })
  test('any bytes are rows or malformed', () => {
    const { rows } = machine()
    recordOrMalformed(['254:0 ', 'Read ', 'Total ', both], (bytes) => {
      rows.begin()
      parseBytes(bytes, bytes.length, rows)
      parseFigure(bytes, bytes.length, rows.disks, SERVICED)
      return rows.finish().flatMap((row) => Object.values(present(row)))
    })
  })
})

describe('rows live from pass to pass', () => {
  const pass = (rows: DiskRows, text: string) => {
    const { bytes, end } = bytesOf(text)
    parseIoStat(bytes, end, rows)
    return rows.disks.finish()
  }
  const A = '254:0 rbytes=1\n'
  const B = '259:0 rbytes=2\n'
  test('the same list while nothing changes', () => {
    const { rows } = machine()
    expect(pass(rows, A + B)).toBe(pass(rows, A + B))
  })
  test('a disk that comes before another leaves that its row', () => {
    const { rows } = machine()
    const [a] = pass(rows, A)
    expect(pass(rows, B + A)[1]).toBe(a)
  })
  test('a disk that leaves takes its row along', () => {
    const { rows } = machine()
    const [, b] = pass(rows, A + B)
    expect(pass(rows, B)).toEqual([b])
  })
  test('a number that was given to another disk has its name when it comes again', () => {
    const { root, rows } = machine()
    pass(rows, A)
    write(`${root}/sys/dev/block`, { '254:0/uevent': uevent('vdb') })
    expect(pass(rows, A)[0]!.keys).toEqual(['/dev/vda'])
    pass(rows, '')
    expect(pass(rows, A)[0]!.keys).toEqual(['/dev/vdb'])
  })
  test('a disk that was pulled keeps the name that it had', () => {
    const { root, rows } = machine()
    pass(rows, A)
    rmSync(`${root}/sys/dev/block/254:0`, { recursive: true })
    pass(rows, '')
    expect(pass(rows, A)[0]!.keys).toEqual(['/dev/vda'])
  })
  test('they are of the entity that the cgroup is now', () => {
    const { rows } = machine()
    pass(rows, A)
    const other: Entity = { kind: 'container', attributes: { 'container.name': 'web' } }
    rows.describe(other)
    expect(rows.finish().map((row) => row.entity)).toEqual([other, other])
    expect(pass(rows, A)[0]!.entity).toBe(other)
  })
})
