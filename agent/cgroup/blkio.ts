/**
 * What a cgroup of v1 read and wrote: in each file a line a device and kind of operation.
 *
 * Source: blkio.*, Documentation/admin-guide/cgroup-v1/blkio-controller.rst
 *         `254:0 Read 4096`, …, `254:0 Total 8192`, and at the end `Total 8192`
 * Units:  bytes, operations, ns; rows hold seconds.
 */
import { malformed } from '../read/malformed.ts'
import { ascii, Scan } from '../read/scan.ts'
import { BLKIO, DISK, type DiskRows } from './disk-rows.ts'
import type { EntityRows } from './entity-rows.ts'

const NONE = -1
const NANOSECONDS = 1e9

const OPERATIONS = ['Read', 'Write', 'Sync', 'Async', 'Discard', 'Total'] as const
const WORDS = OPERATIONS.map((word) => ascii(`${word} `))

/** Column of each operation, in the order of `OPERATIONS`; `NONE` where it is not wanted. */
type Columns = readonly number[]

const BYTES: Columns = [DISK.readBytes, DISK.writtenBytes, NONE, NONE, DISK.discardedBytes, NONE]
const USAGE: Columns = [
  BLKIO.read,
  BLKIO.write,
  BLKIO.sync,
  BLKIO.async,
  BLKIO.discard,
  BLKIO.total,
]

export interface BlkioFigure {
  /** The middle of the file's name. */
  readonly name: string
  readonly columns: Columns
  readonly divisor: number
}

export const SERVICED: BlkioFigure = {
  name: 'io_serviced',
  columns: [DISK.reads, DISK.writes, NONE, NONE, DISK.discards, NONE],
  divisor: 1,
}

/** What CFQ counts, and BFQ where it was built to. */
export const DETAILS: readonly BlkioFigure[] = [
  {
    name: 'io_service_time',
    columns: [DISK.readSeconds, DISK.writeSeconds, NONE, NONE, NONE, DISK.ioSeconds],
    divisor: NANOSECONDS,
  },
  {
    name: 'io_merged',
    columns: [DISK.readsMerged, DISK.writesMerged, NONE, NONE, NONE, NONE],
    divisor: 1,
  },
  { name: 'io_queued', columns: [NONE, NONE, NONE, NONE, NONE, DISK.ioNow], divisor: 1 },
]

const scan = new Scan()
const EXPECTED = '`254:0 Read 4096`'

/**
 * The bytes: they say which devices there are; to be called after `rows.begin()`. What they do not
 * fill is left as it was. Returns the sum of all bytes.
 */
export function parseBytes(bytes: Uint8Array, end: number, rows: DiskRows): number {
  let sum = 0
  let usage: Float64Array | undefined
  parse(
    bytes,
    end,
    (start, stop) => {
      usage = rows.usage.next(bytes, start, stop)
      return rows.disks.next(bytes, start, stop)
    },
    (values, operation, value) => {
      set(values, BYTES, operation, value)
      set(usage, USAGE, operation, value)
      sum += value
    },
  )
  return sum
}

/** Another figure of the devices of which bytes are known. */
export function parseFigure(
  bytes: Uint8Array,
  end: number,
  disks: EntityRows,
  { columns, divisor }: BlkioFigure,
): void {
  parse(
    bytes,
    end,
    (start, stop) => disks.find(bytes, start, stop),
    (values, operation, value) => set(values, columns, operation, value / divisor),
  )
}

/** Whether the file tells of a device at all. */
export function namesDevice(bytes: Uint8Array, end: number): boolean {
  return !Number.isNaN(scan.over(bytes, end).unsigned())
}

function set(
  values: Float64Array | undefined,
  columns: Columns,
  operation: number,
  value: number,
): void {
  const column = columns[operation]!
  if (values !== undefined && column !== NONE) values[column] = value
}

function parse(
  bytes: Uint8Array,
  end: number,
  rowOf: (start: number, end: number) => Float64Array | undefined,
  take: (values: Float64Array | undefined, operation: number, value: number) => void,
): void {
  scan.over(bytes, end)
  let device = 0
  let deviceEnd = 0
  let values: Float64Array | undefined
  for (; !scan.done; scan.nextLine()) {
    const start = scan.at
    // The sum over all devices has no numbers in front.
    if (scan.sees(WORDS[5]!)) continue
    scan.word()
    const stop = scan.at
    if (!isSame(device, deviceEnd, start, stop)) {
      if (!isNumbers(start)) throw malformed('blkio', bytes, start, end, EXPECTED)
      device = start
      deviceEnd = stop
      values = rowOf(start, stop)
    }
    scan.at = stop
    scan.blanks()
    const operation = operationHere()
    // A kernel may count kinds of operations that we do not know.
    if (operation < 0) continue
    scan.at += WORDS[operation]!.length
    const value = scan.unsigned()
    if (Number.isNaN(value)) throw malformed('blkio', bytes, start, end, EXPECTED)
    take(values, operation, value)
  }
}

function operationHere(): number {
  for (let i = 0; i < WORDS.length; i += 1) if (scan.sees(WORDS[i]!)) return i
  return NONE
}

function isNumbers(start: number): boolean {
  scan.at = start
  if (Number.isNaN(scan.unsigned()) || scan.done || scan.bytes[scan.at] !== 58) return false
  scan.at += 1
  return !Number.isNaN(scan.unsigned())
}

function isSame(a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false
  for (let i = 0; i < aEnd - a; i += 1) if (scan.bytes[a + i] !== scan.bytes[b + i]) return false
  return true
}
