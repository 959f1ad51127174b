/**
 * Pressure stall information: how long tasks waited for a resource.
 *
 * Source: /proc/pressure/{cpu,memory,io,irq} and <cgroup>/{cpu,memory,io}.pressure;
 *         Documentation/accounting/psi.rst (Linux ≥ 4.20; `irq` ≥ 6.1)
 *         `some avg10=0.00 avg60=0.00 avg300=0.00 total=12345`
 * Units:  the kernel counts µs; rows hold seconds.
 */
import { malformed } from './malformed.ts'
import { ascii, Scan } from './scan.ts'

/** Column of each line's total; -1 for a line that is not wanted. */
export interface PressureColumns {
  readonly some: number
  readonly full: number
}

const SOME = ascii('some ')
const FULL = ascii('full ')
const TOTAL = ascii('total=')
const MICROSECONDS = 1e6

const scan = new Scan()

export function parsePressure(
  bytes: Uint8Array,
  end: number,
  values: Float64Array,
  columns: PressureColumns,
): void {
  scan.over(bytes, end)
  let known = 0
  while (!scan.done) {
    const column = scan.sees(SOME) ? columns.some : scan.sees(FULL) ? columns.full : undefined
    if (column !== undefined) {
      known += 1
      if (column >= 0) values[column] = total() / MICROSECONDS
    }
    scan.nextLine()
  }
  if (known === 0) throw malformed('pressure', bytes, 0, end, '`some|full … total=<µs>`')
}

function total(): number {
  const start = scan.at
  for (;;) {
    scan.word()
    scan.blanks()
    if (scan.sees(TOTAL)) break
    if (scan.done || scan.bytes[scan.at] === 10) {
      throw malformed('pressure', scan.bytes, start, scan.end, '`some|full … total=<µs>`')
    }
  }
  scan.at += TOTAL.length
  const value = scan.unsigned()
  if (Number.isNaN(value)) {
    throw malformed('pressure', scan.bytes, start, scan.end, '`some|full … total=<µs>`')
  }
  return value
}
