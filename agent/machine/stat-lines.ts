/**
 * What the CPUs did since boot, and the counters of the scheduler.
 *
 * Source: /proc/stat; Documentation/filesystems/proc.rst, "Miscellaneous kernel statistics"
 * Units:  the kernel counts ticks of USER_HZ, which is 100 on every architecture; rows hold seconds.
 */
import { CPU_MODES, GUEST_MODES } from '../../catalog/tables/machine-cpu.ts'
import { SOFTIRQ_VECTORS } from '../../catalog/tables/machine-interrupts.ts'
import { machine } from '../../catalog/tables/machine.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { KeptRows } from '../read/kept-rows.ts'
import type { KeyedRows } from '../read/keyed-rows.ts'
import { malformed } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { ascii, Scan } from '../read/scan.ts'

const TICKS_PER_SECOND = 100
const TIMES = CPU_MODES.length + GUEST_MODES.length
const IDLE = CPU_MODES.indexOf('idle')
/**
 * `idle` and `iowait` are known to run back by a few ticks. A longer way back means that the CPU was
 * taken out and plugged in again: then all its counters start anew.
 */
const REPLUGGED_SECONDS = 3

const CPU = ascii('cpu')
const SINGLE = [
  ['intr ', 'interrupts'],
  ['ctxt ', 'context_switches'],
  ['btime ', 'boot_time_seconds'],
  ['processes ', 'forks'],
  ['procs_running ', 'procs_running'],
  ['procs_blocked ', 'procs_blocked'],
].map(([key, column]) => ({ key: ascii(key!), column: columnOf(machine, column!) }))
const CORES = columnOf(machine, 'cpu_cores')

const scan = new Scan()
const times = new Float64Array(TIMES)

export function parseStat(
  bytes: Uint8Array,
  end: number,
  values: Float64Array,
  cpus: KeyedRows,
): void {
  scan.over(bytes, end)
  cpus.begin()
  let cores = 0
  while (!scan.done) {
    if (scan.sees(CPU)) cores += parseCpu(cpus)
    else parseSingle(values)
    scan.nextLine()
  }
  if (cores === 0) throw malformed('stat', bytes, 0, end, 'a line `cpu0 …`')
  values[CORES] = cores
}

/** Number of CPUs on this line: the line `cpu`, without a number, is the sum of the others. */
function parseCpu(cpus: KeyedRows): 0 | 1 {
  const start = scan.at
  scan.at += CPU.length
  const name = scan.at
  scan.word()
  if (scan.at === name) return 0
  const nameEnd = scan.at
  let found = 0
  for (; found < TIMES; found += 1) {
    scan.blanks()
    const ticks = scan.unsigned()
    if (Number.isNaN(ticks)) break
    times[found] = ticks / TICKS_PER_SECOND
  }
  if (found <= IDLE) throw malformed('stat', scan.bytes, start, scan.end, '`cpu0 user nice …`')
  const row = cpus.next(scan.bytes, name, nameEnd)
  if (row !== undefined) neverBack(row, found)
  return 1
}

function neverBack(row: Float64Array, found: number): void {
  if (row[IDLE]! - times[IDLE]! >= REPLUGGED_SECONDS) row.fill(Number.NaN)
  for (let i = 0; i < found; i += 1) {
    if (!(times[i]! < row[i]!)) row[i] = times[i]!
  }
}

function parseSingle(values: Float64Array): void {
  for (const { key, column } of SINGLE) {
    if (!scan.sees(key)) continue
    scan.at += key.length
    scan.blanks()
    const start = scan.at
    const value = scan.unsigned()
    if (Number.isNaN(value)) throw malformed('stat', scan.bytes, start, scan.end, 'a number')
    values[column] = value
    return
  }
}

const SOFTIRQ = ascii('softirq ')

/** `softirq` and the sum of all kinds, then a count a kind. */
export function parseSoftirqLine(bytes: Uint8Array, end: number, vectors: KeptRows): void {
  scan.over(bytes, end)
  while (!scan.done && !scan.sees(SOFTIRQ)) scan.nextLine()
  if (scan.done) return
  const start = scan.at
  scan.at += SOFTIRQ.length
  for (const vector of [undefined, ...SOFTIRQ_VECTORS]) {
    scan.blanks()
    const count = scan.unsigned()
    if (Number.isNaN(count)) throw malformed('stat', bytes, start, end, '`softirq` and its counts')
    if (vector !== undefined) rowOf(vectors, vector)[0] = count
  }
}
