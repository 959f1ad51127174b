/** Errors of memory, and the modules that are built in: /sys/devices/system/edac/mc. */
import type { Table } from '../metric.ts'
import { family, type Short } from './family.ts'
import { keysOf } from './info.ts'

const MC = '/sys/devices/system/edac/mc/mcN'

const errors = (scope: string, where: string): readonly Short[] => {
  const prefix = scope === '' ? '' : `${scope}_`
  return [
    [
      `${prefix}correctable_errors`,
      `node_edac_${prefix}correctable_errors_total`,
      'counter',
      '{error}',
      `Memory errors that were corrected, ${where}.`,
    ],
    [
      `${prefix}uncorrectable_errors`,
      `node_edac_${prefix}uncorrectable_errors_total`,
      'counter',
      '{error}',
      `Memory errors that could not be corrected, ${where}.`,
    ],
  ]
}

export const machineEdac: Table = {
  name: 'machine_edac',
  entity: 'machine',
  keys: keysOf('candor.edac', 'controller'),
  rows: 'one a memory controller',
  narrow: true,
  slow: true,
  metrics: family('edac', `${MC}/{ce,ue}_count`, errors('', 'by controller')),
}

export const machineEdacCsrow: Table = {
  name: 'machine_edac_csrow',
  entity: 'machine',
  keys: keysOf('candor.edac', 'controller', 'csrow'),
  rows: 'one a chip-select row, and `unknown` for errors of no known row',
  narrow: true,
  slow: true,
  metrics: family(
    'edac',
    `${MC}/csrowN/{ce,ue}_count, ${MC}/{ce,ue}_noinfo_count`,
    errors('csrow', 'by chip-select row'),
  ),
}

export const machineEdacChannel: Table = {
  name: 'machine_edac_channel',
  entity: 'machine',
  keys: keysOf('candor.edac', 'controller', 'csrow', 'channel', 'dimm_label'),
  rows: 'one a channel of a chip-select row',
  narrow: true,
  slow: true,
  metrics: family('edac', `${MC}/csrowN/chN_{ce,ue}_count`, errors('channel', 'by channel')),
}
