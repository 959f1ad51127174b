/**
 * How many numbers a list of CPUs or NUMA nodes names: `0-3,8,10-11`; an empty one names none.
 *
 * Source: bitmaps as the kernel prints them, Documentation/admin-guide/cputopology.rst
 */
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'

const COMMA = 44
const MINUS = 45
const NEWLINE = 10

const scan = new Scan()

export function listLength(bytes: Uint8Array, end: number): number {
  scan.over(bytes, end)
  let count = 0
  while (!scan.done && bytes[scan.at] !== NEWLINE) {
    const first = scan.unsigned()
    let last = first
    if (!scan.done && bytes[scan.at] === MINUS) {
      scan.at += 1
      last = scan.unsigned()
    }
    if (!(last >= first)) throw malformed('cpuset', bytes, 0, end, '`0-3,8`')
    count += last - first + 1
    if (!scan.done && bytes[scan.at] === COMMA) scan.at += 1
    else if (!scan.done && bytes[scan.at] !== NEWLINE) {
      throw malformed('cpuset', bytes, 0, end, '`0-3,8`')
    }
  }
  return count
}
