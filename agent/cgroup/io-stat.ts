/**
 * What a cgroup of v2 read and wrote, a line a device.
 *
 * Source: io.stat, Documentation/admin-guide/cgroup-v2.rst
 *         `254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0 cost.usage=17`
 * Units:  bytes, operations, and µs of the cost model; rows hold seconds.
 *
 * Some kernels name a device without figures, or two on one line: those without are left out.
 */
import { malformed } from '../read/malformed.ts'
import { ascii, Scan } from '../read/scan.ts'
import { BLKIO, DISK, type DiskRows } from './disk-rows.ts'

const MICROSECONDS = 1e6
const NONE = -1

interface Figure {
  readonly key: Uint8Array
  readonly column: number
  readonly divisor: number
  /** Its column among the bytes by operation. */
  readonly usage: number
}

const figure = (name: string, column: number, divisor = 1, usage = NONE): Figure => ({
  key: ascii(`${name}=`),
  column,
  divisor,
  usage,
})

/** In the order in which the kernel prints them. */
const FIGURES: readonly Figure[] = [
  figure('rbytes', DISK.readBytes, 1, BLKIO.read),
  figure('wbytes', DISK.writtenBytes, 1, BLKIO.write),
  figure('rios', DISK.reads),
  figure('wios', DISK.writes),
  figure('dbytes', DISK.discardedBytes, 1, BLKIO.discard),
  figure('dios', DISK.discards),
  figure('cost.usage', DISK.costUsage, MICROSECONDS),
  figure('cost.wait', DISK.costWait, MICROSECONDS),
  figure('cost.indebt', DISK.costIndebt, MICROSECONDS),
  figure('cost.indelay', DISK.costIndelay, MICROSECONDS),
]

const COLON = 58
const NEWLINE = 10
const EXPECTED = '`254:0 rbytes=… wbytes=…`'

const scan = new Scan()

export function parseIoStat(bytes: Uint8Array, end: number, rows: DiskRows): void {
  scan.over(bytes, end)
  rows.begin()
  let device = NONE
  let deviceEnd = NONE
  let values: Float64Array | undefined
  let usage: Float64Array | undefined
  let isNamed = false
  let expected = 0
  for (;;) {
    blanksAndLines()
    if (scan.done) return
    const start = scan.at
    if (isDevice()) {
      device = start
      deviceEnd = scan.at
      isNamed = false
      expected = 0
      continue
    }
    scan.at = start
    const found = figureAt(expected)
    if (device < 0) throw malformed('io.stat', bytes, start, end, EXPECTED)
    if (found < 0) {
      scan.word()
      continue
    }
    expected = found + 1
    const { key, column, divisor, usage: usageColumn } = FIGURES[found]!
    scan.at += key.length
    const value = scan.unsigned()
    if (Number.isNaN(value)) throw malformed('io.stat', bytes, start, end, EXPECTED)
    if (!isNamed) {
      isNamed = true
      values = rows.disks.next(bytes, device, deviceEnd)
      usage = rows.usage.next(bytes, device, deviceEnd)
      values?.fill(Number.NaN)
      usage?.fill(Number.NaN)
    }
    if (values !== undefined) values[column] = value / divisor
    if (usage !== undefined && usageColumn !== NONE) usage[usageColumn] = value
    scan.word()
  }
}

function blanksAndLines(): void {
  for (;;) {
    scan.blanks()
    if (scan.done || scan.bytes[scan.at] !== NEWLINE) return
    scan.at += 1
  }
}

/** Goes over `254:0`. */
function isDevice(): boolean {
  if (Number.isNaN(scan.unsigned()) || scan.done || scan.bytes[scan.at] !== COLON) return false
  scan.at += 1
  return !Number.isNaN(scan.unsigned())
}

/** Index of the figure that stands here, which mostly is the one after the last. */
function figureAt(expected: number): number {
  if (expected < FIGURES.length && scan.sees(FIGURES[expected]!.key)) return expected
  return FIGURES.findIndex(({ key }) => scan.sees(key))
}
