/**
 * Memory zones of each NUMA node.
 *
 * Source: /proc/zoneinfo: `Node 0, zone Normal`, then `key value` a line; mm/vmstat.c
 * Units:  pages
 */
import { machineZone, ZONES_MOST } from '../../catalog/tables/machine-numa.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { linesOf, unsignedOf, wordsOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

const columns = new Map(machineZone.metrics.map(({ column }, i) => [column, i]))
const PROTECTION = columnOf(machineZone, 'protection_0')

const ZONE = /^Node (\d+), zone\s+(\S+)$/

export function parseZoneinfo(text: string, rows: KeptRows): void {
  rows.begin()
  let values: Float64Array | undefined
  for (const line of linesOf(text)) {
    const zone = ZONE.exec(line)
    if (zone !== null) {
      values = rowOf(rows, zone[1]!, zone[2]!)
    } else {
      if (values === undefined) throw new MalformedFile('zoneinfo', line, '`Node 0, zone Normal`')
      parseLine(line, values)
    }
  }
}

function parseLine(line: string, values: Float64Array): void {
  const [key = '', ...rest] = wordsOf(line)
  if (key === 'protection:') {
    const pages = rest.slice(0, ZONES_MOST).map((word) => unsignedOf(word.replace(/^\(|[,)]/g, '')))
    values.set(pages, PROTECTION)
    return
  }
  const column = columns.get(key)
  if (column === undefined) return
  const value = unsignedOf(rest[0])
  if (Number.isNaN(value)) throw new MalformedFile('zoneinfo', line, '`key value`')
  values[column] = value
}

function zones({ files, machine }: MachineContext): Read {
  const rows = new KeptRows(machineZone, machine)
  return () => {
    const text = files.readText(`${files.paths.procfs}/zoneinfo`)
    if (text === undefined) return noFile('zoneinfo')
    parseZoneinfo(text, rows)
    return rowsOnly(rows.finish())
  }
}

export const zoneinfo: MachineReader = {
  name: 'zoneinfo',
  help: 'Memory zones: /proc/zoneinfo.',
  offByDefault: true,
  open: zones,
}
