/**
 * Block devices in compressed memory.
 *
 * Source: /sys/block/zramN/disksize and mm_stat
 *         `orig_data_size compr_data_size mem_used_total mem_limit mem_used_max same_pages
 *         pages_compacted huge_pages huge_pages_since`; Documentation/admin-guide/blockdev/zram.rst
 * Units:  bytes and pages
 */
import { machineZram } from '../../catalog/tables/machine-memory-more.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { unsignedOf, wordsOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const LIMIT = columnOf(machineZram, 'limit')
const SIZE = columnOf(machineZram, 'size')
const DATA = columnOf(machineZram, 'data')
/** Linux 4.9 had seven numbers; later ones came behind them. */
const FEWEST = 7

/** The numbers of mm_stat, as many as the table has columns for. */
export function parseMmStat(text: string): number[] {
  const numbers = wordsOf(text)
    .slice(0, machineZram.metrics.length - DATA)
    .map(unsignedOf)
  if (numbers.length < FEWEST || numbers.some(Number.isNaN)) {
    throw new MalformedFile('mm_stat', text, `${FEWEST} numbers or more`)
  }
  return numbers
}

function zrams({ files, machine }: MachineContext): Read {
  const rows = new KeptRows(machineZram, machine)
  const block = `${files.paths.sysfs}/block`
  return () => {
    const devices = files.names(block).filter((name) => /^zram\d+$/.test(name))
    rows.begin()
    for (const device of devices) {
      const size = unsignedOf(files.readText(`${block}/${device}/disksize`))
      const stat = files.readText(`${block}/${device}/mm_stat`)
      // A device of size 0 is not set up: all its figures are 0 for want of it.
      if (stat === undefined || !(size > 0)) continue
      const values = rowOf(rows, device)
      values[SIZE] = size
      values.set(parseMmStat(stat), DATA)
      if (values[LIMIT] === 0) values[LIMIT] = Number.NaN
    }
    const found = rows.finish()
    if (found.length > 0) return rowsOnly(found)
    return {
      reason: 'no zram device is set up',
      cure: 'none is needed where zram is not used',
      notHere: true,
    }
  }
}

export const zram: MachineReader = {
  name: 'zram',
  help: 'Compressed memory as a disk: /sys/block/zramN.',
  slow: true,
  open: zrams,
}
