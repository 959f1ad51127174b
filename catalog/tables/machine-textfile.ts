/** Files of metrics that others write for the agent to hand on. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

export const machineTextfile = {
  name: 'machine_textfile',
  entity: 'machine',
  keys: [{ label: 'file', attribute: 'file.path' }],
  rows: 'one a file that was read',
  narrow: true,
  metrics: family('textfile', 'stat(2) of each *.prom below --collector.textfile.directory', [
    [
      'mtime',
      'node_textfile_mtime_seconds',
      'gauge',
      's',
      'Unix time at which the file was written last, in whole seconds.',
    ],
  ]),
} as const satisfies Table

export const machineTextfileError = {
  name: 'machine_textfile_error',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: family('textfile', 'the agent itself', [
    [
      'error',
      'node_textfile_scrape_error',
      'gauge',
      '1',
      '1 when a file or directory could not be read: the log and the list of readers say why.',
    ],
  ]),
} as const satisfies Table
