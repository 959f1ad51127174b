/**
 * What XFS file systems do.
 *
 * Source: /sys/fs/xfs/DEVICE/stats/stats `extent_alloc 92447 97589 92448 93751`; fs/xfs/xfs_stats.c
 *         Lines and numbers that a kernel adds stand behind those that were there.
 */
import { machineXfs, xfsFields } from '../../catalog/tables/machine-xfs.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { linesOf, unsignedOf, wordsOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

export function parseXfsStats(text: string, values: Float64Array): void {
  const lines = new Map<string, readonly string[]>()
  for (const line of linesOf(text)) {
    const [name = '', ...numbers] = wordsOf(line)
    lines.set(name, numbers)
  }
  xfsFields.forEach(({ line, number }, column) => {
    const digits = lines.get(line)?.[number]
    if (digits === undefined) return
    const value = unsignedOf(digits)
    if (Number.isNaN(value)) throw new MalformedFile('xfs stats', `${line} ${digits}`, 'numbers')
    values[column] = value
  })
}

function filesystems({ files, machine }: MachineContext): Read {
  const rows = new KeptRows(machineXfs, machine)
  const folder = `${files.paths.sysfs}/fs/xfs`
  return () => {
    rows.begin()
    for (const device of files.names(folder)) {
      const text = files.readText(`${folder}/${device}/stats/stats`)
      if (text !== undefined) parseXfsStats(text, rowOf(rows, device))
    }
    const found = rows.finish()
    if (found.length > 0) return rowsOnly(found)
    return {
      reason: 'no XFS file system',
      cure: 'none is needed where XFS is not used',
      notHere: true,
    }
  }
}

export const xfs: MachineReader = {
  name: 'xfs',
  help: 'XFS: /sys/fs/xfs.',
  open: filesystems,
}
