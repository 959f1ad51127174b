/**
 * What the machine has, as cAdvisor tells it.
 *
 * Source: /proc/stat, /proc/meminfo, /sys/devices/system/cpu/cpuN/topology,
 *         /sys/devices/system/edac/mc/mcN/dimmN
 * Units:  the kernel counts KiB, and MiB of memory modules; rows hold bytes.
 */
import { machineDimm, machineTotals } from '../../catalog/tables/machine-totals.ts'
import { columnOf } from '../../catalog/tables.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { number, numbered, word } from './attribute.ts'
import { machineLabels } from './machine-labels.ts'
import { type MachineReader, noFile, rowsOnly } from './reader.ts'
import { coreOf, readTopology } from './topology.ts'

const KIB = 1024
const MIB = 1 << 20
const [CORES, PHYSICAL, SOCKETS, MEMORY, SWAP] = [
  'cpu_cores',
  'cpu_physical_cores',
  'cpu_sockets',
  'memory',
  'swap',
].map((name) => columnOf(machineTotals, name)) as [number, number, number, number, number]

/** One line of /proc/meminfo in bytes; NaN where there is none. */
export const memoryBytes = (meminfo: string, key: string): number =>
  Number(new RegExp(`^${key}:\\s+(\\d{1,15}) kB$`, 'm').exec(meminfo)?.[1] ?? Number.NaN) * KIB

/** Lines of CPUs that are online. */
export const countCpus = (stat: string): number => stat.match(/^cpu\d+ /gm)?.length ?? 0

function readModules(files: KernelFiles, labels: readonly string[], rows: KeptRows): void {
  const root = `${files.paths.sysfs}/devices/system/edac/mc`
  for (const [mc] of numbered(files, root, 'mc')) {
    for (const [dimm] of numbered(files, `${root}/${mc}`, 'dimm')) {
      const type = word(files, `${root}/${mc}/${dimm}/dimm_mem_type`)
      const size = number(files, `${root}/${mc}/${dimm}/size`)
      if (type === undefined || Number.isNaN(size)) continue
      const values = rows.sum(type, () => [...labels, type])
      values[0]! += 1
      values[1]! += size * MIB
    }
  }
}

export const machineTotal: MachineReader = {
  name: 'machine',
  help: 'CPUs, cores, sockets, memory: what the machine has.',
  slow: true,
  open: ({ files, machine }) => {
    const { procfs } = files.paths
    const totals = new KeptRows(machineTotals, machine)
    const modules = new KeptRows(machineDimm, machine)
    return () => {
      const stat = files.readText(`${procfs}/stat`)
      const meminfo = files.readText(`${procfs}/meminfo`) ?? ''
      if (stat === undefined) return noFile('stat')
      totals.begin()
      modules.begin()
      const labels = machineLabels(files, machine)
      const values = rowOf(totals, ...labels)
      const cpus = readTopology(files)
      values[CORES] = countCpus(stat)
      if (cpus.length > 0) {
        values[PHYSICAL] = new Set(cpus.map(coreOf)).size
        values[SOCKETS] = new Set(cpus.map(({ socket }) => socket)).size
      }
      values[MEMORY] = memoryBytes(meminfo, 'MemTotal')
      values[SWAP] = memoryBytes(meminfo, 'SwapTotal')
      readModules(files, labels, modules)
      return rowsOnly([...totals.finish(), ...modules.finish()])
    }
  },
}
