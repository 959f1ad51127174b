/**
 * Loop devices and the files that they stand for.
 *
 * Source: /sys/block/loopN/loop/backing_file, which is there while the device is in use; size in
 *         sectors of 512 bytes; drivers/block/loop.c
 */
import { machineLoop } from '../../catalog/tables/machine-loop.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { unsignedOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const SECTOR_BYTES = 512

function loops({ files, machine }: MachineContext): Read {
  const rows = new KeptRows(machineLoop, machine)
  const block = `${files.paths.sysfs}/block`
  return () => {
    rows.begin()
    for (const device of files.names(block).filter((name) => /^loop\d+$/.test(name))) {
      const backing = files.readText(`${block}/${device}/loop/backing_file`)
      if (backing === undefined) continue
      const size = unsignedOf(files.readText(`${block}/${device}/size`)) * SECTOR_BYTES
      rowOf(rows, device, backing).set([1, size])
    }
    const found = rows.finish()
    if (found.length > 0) return rowsOnly(found)
    return {
      reason: 'no loop device is in use',
      cure: 'none is needed where none is used',
      notHere: true,
    }
  }
}

export const loop: MachineReader = {
  name: 'loop',
  help: 'Loop devices and their files: /sys/block/loopN.',
  slow: true,
  open: loops,
}
