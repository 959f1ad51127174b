/**
 * Threads, caches and NUMA nodes, as cAdvisor tells them.
 *
 * Source: /sys/devices/system/cpu/cpuN/{topology,cache}, /sys/devices/system/node/nodeN;
 *         Documentation/admin-guide/cputopology.rst
 * Units:  the kernel counts KiB; rows hold bytes.
 */
import {
  machineCpuCache,
  machineNode,
  machineNodeDistance,
  machineNodeHugepages,
  machineThreadSiblings,
} from '../../catalog/tables/machine-totals.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { number, numbered, word } from './attribute.ts'
import { parseCpuList } from './cpu-list.ts'
import { machineLabels } from './machine-labels.ts'
import { type MachineReader, rowsOnly } from './reader.ts'
import { coreOf, type CpuPlace, readTopology } from './topology.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1 << 10, M: 1 << 20, G: 1 << 30 }

/** `32K`, `8192K`; NaN for anything else. */
export function parseCacheSize(text: string): number {
  const [, digits, unit] = /^(\d{1,12})([KMG]?)$/.exec(text) ?? []
  return digits === undefined ? Number.NaN : Number(digits) * UNITS[unit!]!
}

/** Each cache once; what several cores share belongs to their node, and is summed there. */
function readCaches(
  files: KernelFiles,
  cpus: readonly CpuPlace[],
  labels: readonly string[],
  rows: KeptRows,
): void {
  const seen = new Set<string>()
  const coreByCpu = new Map(cpus.map((cpu) => [Number(cpu.cpu), coreOf(cpu)]))
  for (const cpu of cpus) {
    const folder = `${files.paths.sysfs}/devices/system/cpu/cpu${cpu.cpu}/cache`
    for (const [index] of numbered(files, folder, 'index')) {
      const told = (name: string) => word(files, `${folder}/${index}/${name}`) ?? ''
      const [type, level, shared] = [told('type'), told('level'), told('shared_cpu_list')]
      const size = parseCacheSize(told('size'))
      const id = `${type} ${level} ${shared}`
      if (Number.isNaN(size) || seen.has(id)) continue
      seen.add(id)
      const sharing = parseCpuList(shared).flatMap((each) => coreByCpu.get(each) ?? [])
      const core = new Set(sharing).size > 1 ? '' : cpu.core
      const keys = [cpu.node, core, type, level]
      rows.sum(keys.join(' '), () => [...labels, ...keys])[0]! += size
    }
  }
}

interface NodeRows {
  readonly memory: KeptRows
  readonly hugepages: KeptRows
  readonly distance: KeptRows
}

function readNodes(files: KernelFiles, labels: readonly string[], rows: NodeRows): void {
  const root = `${files.paths.sysfs}/devices/system/node`
  const nodes = numbered(files, root, 'node')
  for (const [name, node] of nodes) {
    const kib = /^Node \d+ MemTotal:\s+(\d{1,15}) kB$/m.exec(
      word(files, `${root}/${name}/meminfo`) ?? '',
    )
    if (kib !== null) rowOf(rows.memory, ...labels, node)[0] = Number(kib[1]) * UNITS['K']!
    for (const size of files.names(`${root}/${name}/hugepages`)) {
      const pageKib = /^hugepages-(\d+)kB$/.exec(size)?.[1]
      const count = number(files, `${root}/${name}/hugepages/${size}/nr_hugepages`)
      if (pageKib === undefined || Number.isNaN(count)) continue
      rowOf(rows.hugepages, ...labels, node, pageKib)[0] = count
    }
    const distances = (word(files, `${root}/${name}/distance`) ?? '').split(' ')
    nodes.forEach(([, target], i) => {
      if (!/^\d{1,9}$/.test(distances[i] ?? '')) return
      rowOf(rows.distance, ...labels, node, target)[0] = Number(distances[i])
    })
  }
}

export const cpuTopology: MachineReader = {
  name: 'cpu_topology',
  help: 'Threads, caches and NUMA nodes: /sys/devices/system/{cpu,node}.',
  offByDefault: true,
  slow: true,
  open: ({ files, machine }) => {
    const siblings = new KeptRows(machineThreadSiblings, machine)
    const caches = new KeptRows(machineCpuCache, machine)
    const memory = new KeptRows(machineNode, machine)
    const hugepages = new KeptRows(machineNodeHugepages, machine)
    const distance = new KeptRows(machineNodeDistance, machine)
    const all = [siblings, caches, memory, hugepages, distance]
    return () => {
      const cpus = readTopology(files)
      if (cpus.length === 0) {
        return { reason: 'the kernel tells no topology', cure: 'nothing to do', notHere: true }
      }
      for (const rows of all) rows.begin()
      const labels = machineLabels(files, machine)
      const threads = Map.groupBy(cpus, coreOf)
      for (const cpu of cpus) {
        const row = rowOf(siblings, ...labels, cpu.node, cpu.core, cpu.cpu)
        row[0] = threads.get(coreOf(cpu))!.length
      }
      readCaches(files, cpus, labels, caches)
      readNodes(files, labels, { memory, hugepages, distance })
      return rowsOnly(all.flatMap((rows) => rows.finish()))
    }
  },
}
