/**
 * Events of the memory manager since boot.
 *
 * Source: /proc/vmstat, include/linux/vm_event_item.h
 * Units:  counts; `pgpgin` and `pgpgout` are KiB.
 */
import { machine, vmstatColumns } from '../../catalog/tables/machine.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import type { ForeignFamily } from '../../wire/sample.ts'
import { MalformedFile } from '../read/malformed.ts'
import { linesOf } from '../read/words.ts'
import {
  columnsOf,
  MACHINE_ONLY,
  type MachineContext,
  type MachineReader,
  noFile,
  type Read,
} from './reader.ts'

const file = new KeyedFile(
  'vmstat',
  vmstatColumns.map(({ key, column }) => ({ key, column: columnOf(machine, column), factor: 1 })),
)

export function parseVmstat(bytes: Uint8Array, end: number, values: Float64Array): void {
  file.parse(bytes, end, values)
}

const all = columnsOf('vmstat', parseVmstat, 'readAll')
const FIELDS = 'collector.vmstat.fields'
const columns = new Map(vmstatColumns.map(({ key, column }) => [key, columnOf(machine, column)]))

/** Fields that people chose: those that the catalogue does not know are handed on as they are. */
const chosen =
  (fields: RegExp) =>
  ({ files, values }: MachineContext): Read => {
    const file = files.proc('vmstat')
    return () => {
      const end = files.readAll(file)
      if (end < 0) return noFile('vmstat')
      const foreign: ForeignFamily[] = []
      for (const [key, value] of parseFields(files.bytes.toString('latin1', 0, end), fields)) {
        const column = columns.get(key)
        if (column !== undefined) values[column] = value
        else foreign.push(familyOf(key, value))
      }
      return { ...MACHINE_ONLY, foreign }
    }
  }

/** Lines whose key `fields` finds. */
export function parseFields(text: string, fields: RegExp): [key: string, value: number][] {
  return linesOf(text).flatMap((line): [string, number][] => {
    const [, key, value] = /^(\w+) +(\d+)$/.exec(line) ?? []
    if (key === undefined) throw new MalformedFile('vmstat', line, '`key 1`')
    return fields.test(key) ? [[key, Number(value)]] : []
  })
}

function familyOf(key: string, value: number): ForeignFamily {
  const name = `node_vmstat_${key}`
  const help = `/proc/vmstat information field ${key}.`
  return { name, type: 'untyped', help, samples: [{ name, labels: [], value }] }
}

export const vmstat: MachineReader = {
  name: 'vmstat',
  help: 'Page faults, swapping, OOM kills: /proc/vmstat.',
  flags: {
    [FIELDS]: {
      type: 'string',
      form: 'regexp',
      value: 'REGEXP',
      help: 'Which fields of /proc/vmstat to show, in place of ^(oom_kill|pgpg|pswp|pg.*fault).*.',
    },
  },
  open: (context) => {
    const fields = context.settings[FIELDS] as string | undefined
    return fields === undefined ? all(context) : chosen(new RegExp(fields))(context)
  },
}
