/**
 * Pools of huge pages, by size and by NUMA node.
 *
 * Source: /sys/kernel/mm/hugepages/hugepages-2048kB, /sys/devices/system/node/nodeN/hugepages/…,
 *         a number a file; Documentation/admin-guide/mm/hugetlbpage.rst
 * Units:  pages of that size
 */
import { machineHugepages, machineHugepagesNode } from '../../catalog/tables/machine-memory-more.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { unsignedOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

/** In the order of the tables' columns. */
const POOL = ['nr', 'free', 'resv', 'surplus', 'nr_overcommit']
const NODE = ['nr', 'free', 'surplus']

const PREFIX = 'hugepages-'

/** Fills a row a size of huge pages below a folder. */
function read(
  files: KernelFiles,
  folder: string,
  names: readonly string[],
  rows: KeptRows,
  node: readonly string[],
): void {
  for (const name of files.names(folder).filter((each) => each.startsWith(PREFIX))) {
    const numbers = names.map((what) =>
      unsignedOf(files.readText(`${folder}/${name}/${what}_hugepages`)),
    )
    rowOf(rows, ...node, name.slice(PREFIX.length)).set(numbers)
  }
}

function pools({ files, machine }: MachineContext): Read {
  const pool = new KeptRows(machineHugepages, machine)
  const ofNode = new KeptRows(machineHugepagesNode, machine)
  const { sysfs } = files.paths
  const nodes = `${sysfs}/devices/system/node`
  return () => {
    pool.begin()
    ofNode.begin()
    read(files, `${sysfs}/kernel/mm/hugepages`, POOL, pool, [])
    for (const name of files.names(nodes)) {
      const node = /^node(\d+)$/.exec(name)?.[1]
      if (node !== undefined) read(files, `${nodes}/${name}/hugepages`, NODE, ofNode, [node])
    }
    const found = [...pool.finish(), ...ofNode.finish()]
    if (found.length > 0) return rowsOnly(found)
    return {
      reason: 'no huge pages',
      cure: 'the kernel must be built with CONFIG_HUGETLBFS',
      notHere: true,
    }
  }
}

export const hugepages: MachineReader = {
  name: 'hugepages',
  help: 'Pools of huge pages: /sys/kernel/mm/hugepages.',
  slow: true,
  open: pools,
}
