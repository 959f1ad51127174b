/**
 * Memory of each NUMA node.
 *
 * Source: /sys/devices/system/node/nodeN/meminfo `Node 0 MemTotal: 12806348 kB`, numastat `numa_hit 9`
 * Units:  the kernel prints KiB and writes `kB`; rows hold bytes, but `HugePages_*` count pages.
 */
import { machineMemoryNuma } from '../../catalog/tables/machine-numa.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { linesOf, unsignedOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const columns = new Map(machineMemoryNuma.metrics.map(({ column }, i) => [column, i]))

const MEMINFO = /^Node\s+\d+\s+(\w+)(?:\((\w+)\))?:\s+(\d{1,20})(\s+kB)?$/
const NUMASTAT = /^(\w+)\s+(\d{1,20})$/
const KIB = 1024

/** Fills the columns of the table; keys that it does not have are left. */
export function parseNodeMeminfo(text: string, values: Float64Array): void {
  for (const line of linesOf(text)) {
    const match = MEMINFO.exec(line)
    if (match === null) throw new MalformedFile('node meminfo', line, '`Node 0 MemTotal: 1 kB`')
    const [, key = '', part, digits, kib] = match
    const column = columns.get((part === undefined ? key : `${key}_${part}`).toLowerCase())
    if (column !== undefined) values[column] = unsignedOf(digits) * (kib === undefined ? 1 : KIB)
  }
}

export function parseNumastat(text: string, values: Float64Array): void {
  for (const line of linesOf(text)) {
    const match = NUMASTAT.exec(line)
    if (match === null) throw new MalformedFile('numastat', line, '`numa_hit 1`')
    const column = columns.get(match[1]!)
    if (column !== undefined) values[column] = unsignedOf(match[2])
  }
}

function nodes({ files, machine }: MachineContext): Read {
  const rows = new KeptRows(machineMemoryNuma, machine)
  const folder = `${files.paths.sysfs}/devices/system/node`
  return () => {
    rows.begin()
    for (const name of files.names(folder)) {
      const node = /^node(\d+)$/.exec(name)?.[1]
      if (node === undefined) continue
      const values = rowOf(rows, node)
      parseNodeMeminfo(files.readText(`${folder}/${name}/meminfo`) ?? '', values)
      parseNumastat(files.readText(`${folder}/${name}/numastat`) ?? '', values)
    }
    const found = rows.finish()
    if (found.length > 0) return rowsOnly(found)
    return {
      reason: `no nodes in ${folder}`,
      cure: 'the kernel must be built with CONFIG_NUMA',
      notHere: true,
    }
  }
}

export const meminfoNuma: MachineReader = {
  name: 'meminfo_numa',
  help: 'Memory by NUMA node: /sys/devices/system/node.',
  offByDefault: true,
  open: nodes,
}
