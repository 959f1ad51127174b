/**
 * What each CPU did with packets that were received.
 *
 * Source: /proc/net/softnet_stat, a line of hexadecimal columns a CPU that is online;
 *         net/core/net-procfs.c. 9 columns until Linux 2.6.35, 10 until 3.10, 11 until 5.9, then 13
 *         and more: only those say in column 13 which CPU the line is of. Before, the line's place
 *         is all there is, and it is that of the CPU as long as none is offline.
 * Units:  counts of 32 bits, which begin again at 0.
 */
import { machineSoftnet, softnetPositions } from '../../catalog/tables/machine-softnet.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { malformed } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

const FEWEST_COLUMNS = 9
const CPU_POSITION = 12

const scan = new Scan()
const columns = new Float64Array(CPU_POSITION + 1)

export function parseSoftnet(bytes: Uint8Array, end: number, cpus: KeptRows): void {
  scan.over(bytes, end)
  cpus.begin()
  for (let line = 0; !scan.done; line += 1, scan.nextLine()) {
    const found = parseLine()
    const cpu = found > CPU_POSITION ? columns[CPU_POSITION]! : line
    const values = cpus.row(cpu, () => [String(cpu)])
    softnetPositions.forEach((position, column) => {
      values[column] = position < found ? columns[position]! : Number.NaN
    })
  }
}

/** How many columns the line has, of those that are known. */
function parseLine(): number {
  const start = scan.at
  let found = 0
  for (; found < columns.length; found += 1) {
    scan.blanks()
    const value = scan.hex()
    if (Number.isNaN(value)) break
    columns[found] = value
  }
  if (found < FEWEST_COLUMNS) {
    const expected = `${FEWEST_COLUMNS} or more hexadecimal columns`
    throw malformed('softnet', scan.bytes, start, scan.end, expected)
  }
  return found
}

export const softnet: MachineReader = {
  name: 'softnet',
  help: 'Packets processed and dropped by each CPU: /proc/net/softnet_stat.',
  open: ({ files, machine }: MachineContext): Read => {
    const file = files.net('softnet_stat')
    const cpus = new KeptRows(machineSoftnet, machine)
    return () => {
      const end = files.readAll(file)
      if (end < 0) return noFile('net/softnet_stat')
      parseSoftnet(files.bytes, end, cpus)
      return rowsOnly(cpus.finish())
    }
  },
}
