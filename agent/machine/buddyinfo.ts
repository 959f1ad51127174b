/**
 * Free blocks of memory by their size: what tells fragmentation.
 *
 * Source: /proc/buddyinfo `Node 0, zone Normal 8867 9594 …`: blocks of 1, 2, 4 … pages
 */
import { machineBuddy } from '../../catalog/tables/machine-numa.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { linesOf, unsignedOf, wordsOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

const LINE = /^Node (\d+), zone\s+(\S+)\s+(.*)$/

export function parseBuddyinfo(text: string, rows: KeptRows): void {
  rows.begin()
  for (const line of linesOf(text)) {
    const [, node = '', zone = '', rest = ''] = LINE.exec(line) ?? []
    const counts = wordsOf(rest).map(unsignedOf)
    if (counts.length === 0 || counts.some(Number.isNaN)) {
      throw new MalformedFile('buddyinfo', line, '`Node 0, zone Normal 1 2 3 …`')
    }
    counts.forEach((count, order) => (rowOf(rows, node, zone, String(order))[0] = count))
  }
}

function blocks({ files, machine }: MachineContext): Read {
  const rows = new KeptRows(machineBuddy, machine)
  return () => {
    const text = files.readText(`${files.paths.procfs}/buddyinfo`)
    if (text === undefined) return noFile('buddyinfo')
    parseBuddyinfo(text, rows)
    return rowsOnly(rows.finish())
  }
}

export const buddyinfo: MachineReader = {
  name: 'buddyinfo',
  help: 'Free blocks of memory: /proc/buddyinfo.',
  offByDefault: true,
  open: blocks,
}
