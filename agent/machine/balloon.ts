/**
 * What the host has taken back of the memory of this virtual machine.
 *
 * Source: /proc/vmstat, `balloon_…` (virtio, VMware, Hyper-V) and `nr_balloon_pages` (Linux 6.18)
 * Units:  pages
 */
import { machineBalloon } from '../../catalog/tables/machine-memory-more.ts'
import { emptyRow } from '../../wire/sample.ts'
import { unsignedOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

/** In the order of the table's columns. */
const KEYS = ['nr_balloon_pages', 'balloon_inflate', 'balloon_deflate', 'balloon_migrate'].map(
  (key) => new RegExp(`^${key} (\\d+)$`, 'm'),
)

/** NaN for what the kernel does not have. */
export const parseBalloon = (vmstat: string): number[] =>
  KEYS.map((key) => unsignedOf(key.exec(vmstat)?.[1]))

function balloons({ files, machine }: MachineContext): Read {
  const row = emptyRow(machineBalloon, machine)
  return () => {
    row.values.set(parseBalloon(files.readText(`${files.paths.procfs}/vmstat`) ?? ''))
    if (row.values.some((value) => !Number.isNaN(value))) return rowsOnly([row])
    return {
      reason: 'no balloon in /proc/vmstat',
      cure: 'none is needed where the kernel has no CONFIG_MEMORY_BALLOON',
      notHere: true,
    }
  }
}

export const balloon: MachineReader = {
  name: 'balloon',
  help: 'Memory that the host took back: /proc/vmstat.',
  slow: true,
  open: balloons,
}
