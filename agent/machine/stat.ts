/**
 * Counters of the scheduler since boot. The times of the CPUs, of the same file, are told by the
 * reader `cpu`.
 */
import type { MachineReader, Read } from './reader.ts'
import { noFile } from './reader.ts'
import { statFile, VECTORS_FLAG } from './stat-file.ts'

export const stat: MachineReader = {
  name: 'stat',
  help: 'Counters of the scheduler, boot time: /proc/stat.',
  flags: {
    [VECTORS_FLAG]: {
      type: 'boolean',
      default: false,
      help: 'Show node_softirqs_total: softirqs by kind.',
    },
  },
  open: (context): Read => {
    const { values } = context
    const file = statFile(context)
    return () => {
      if (!file.read('stat')) return noFile('stat')
      file.values.forEach((value, column) => {
        if (!Number.isNaN(value)) values[column] = value
      })
      return { rows: file.vectors, machine: true }
    }
  },
}
