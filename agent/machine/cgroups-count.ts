/**
 * How many cgroups each controller has.
 *
 * Source: /proc/cgroups `memory 4 22 1`: controller, hierarchy, cgroups, enabled
 */
import { machineCgroupControllers } from '../../catalog/tables/machine-processes.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { linesOf, unsignedOf, wordsOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

export function parseCgroups(text: string, rows: KeptRows): void {
  rows.begin()
  for (const line of linesOf(text)) {
    if (line.startsWith('#')) continue
    const [controller = '', , count, enabled] = wordsOf(line)
    const figures = [unsignedOf(count), unsignedOf(enabled)]
    if (figures.some(Number.isNaN)) throw new MalformedFile('cgroups', line, '`memory 4 22 1`')
    rowOf(rows, controller).set(figures)
  }
}

function controllers({ files, machine }: MachineContext): Read {
  const rows = new KeptRows(machineCgroupControllers, machine)
  return () => {
    const text = files.readText(`${files.paths.procfs}/cgroups`)
    if (text === undefined) return noFile('cgroups')
    parseCgroups(text, rows)
    return rowsOnly(rows.finish())
  }
}

export const cgroupsCount: MachineReader = {
  name: 'cgroups',
  help: 'Numbers of cgroups: /proc/cgroups.',
  offByDefault: true,
  open: controllers,
}
