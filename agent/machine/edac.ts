/**
 * Errors of memory.
 *
 * Source: /sys/devices/system/edac/mc; Documentation/admin-guide/RAS/main.rst
 */
import {
  machineEdac,
  machineEdacChannel,
  machineEdacCsrow,
} from '../../catalog/tables/machine-edac.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { number, numbered, word } from './attribute.ts'
import { type MachineReader, rowsOnly } from './reader.ts'

const FOLDER = 'devices/system/edac/mc'

/** Corrected and uncorrected, in the order of the columns. */
function count(
  files: KernelFiles,
  rows: KeptRows,
  corrected: string,
  uncorrected: string,
  ...keys: readonly string[]
): void {
  const [ce, ue] = [number(files, corrected), number(files, uncorrected)]
  if (Number.isNaN(ce) && Number.isNaN(ue)) return
  const values = rowOf(rows, ...keys)
  values[0] = ce
  values[1] = ue
}

export const edac: MachineReader = {
  name: 'edac',
  help: 'Errors of memory: /sys/devices/system/edac.',
  slow: true,
  open: ({ files, machine }) => {
    const controllers = new KeptRows(machineEdac, machine)
    const csrows = new KeptRows(machineEdacCsrow, machine)
    const channels = new KeptRows(machineEdacChannel, machine)
    const all = [controllers, csrows, channels]
    const root = `${files.paths.sysfs}/${FOLDER}`
    return () => {
      for (const rows of all) rows.begin()
      const found = numbered(files, root, 'mc')
      if (found.length === 0) {
        return {
          reason: 'no EDAC driver: virtual machines, and machines without ECC memory, have none',
          cure: 'nothing to do, or load the EDAC driver of the memory controller',
          notHere: true,
        }
      }
      for (const [name, controller] of found) {
        const mc = `${root}/${name}`
        count(files, controllers, `${mc}/ce_count`, `${mc}/ue_count`, controller)
        const unknown = [controller, 'unknown']
        count(files, csrows, `${mc}/ce_noinfo_count`, `${mc}/ue_noinfo_count`, ...unknown)
        for (const [csrowName, csrow] of numbered(files, mc, 'csrow')) {
          const folder = `${mc}/${csrowName}`
          count(files, csrows, `${folder}/ce_count`, `${folder}/ue_count`, controller, csrow)
          for (const file of files.names(folder)) {
            const channel = /^ch(\d+)_ce_count$/.exec(file)?.[1]
            if (channel === undefined) continue
            const at = `${folder}/ch${channel}`
            const label = word(files, `${at}_dimm_label`) ?? ''
            const keys = [controller, csrow, channel, label]
            count(files, channels, `${at}_ce_count`, `${at}_ue_count`, ...keys)
          }
        }
      }
      return rowsOnly(all.flatMap((rows) => rows.finish()))
    }
  },
}
