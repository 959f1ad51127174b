/**
 * At which frequency CPUs run. Limits and governor hardly change: they are read once a minute.
 *
 * Source: /sys/devices/system/cpu/cpuN/cpufreq; Documentation/admin-guide/pm/cpufreq.rst
 * Units:  the kernel counts kHz; rows hold Hz.
 */
import {
  machineCpuFrequency,
  machineCpuFrequencyLimit,
  machineCpuGovernor,
} from '../../catalog/tables/machine-cpufreq.ts'
import type { Row } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { rowOf } from '../read/row-of.ts'
import { Attribute, number, numbered, word } from './attribute.ts'
import { everyMinute } from './minute.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const HERTZ = 1000
/** Files by the columns of their tables. */
const CURRENT = ['cpuinfo_cur_freq', 'scaling_cur_freq']
const LIMITS = ['cpuinfo_min_freq', 'cpuinfo_max_freq', 'scaling_min_freq', 'scaling_max_freq']

interface Cpu {
  readonly values: Float64Array
  readonly attributes: readonly Attribute[]
}

function openCpufreq({ files, machine }: MachineContext): Read {
  const current = new KeptRows(machineCpuFrequency, machine)
  const limits = new KeptRows(machineCpuFrequencyLimit, machine)
  const governors = new KeptRows(machineCpuGovernor, machine)
  const all = [current, limits, governors]
  const isDue = everyMinute()
  let cpus: Cpu[] = []
  let rows: readonly Row[] = []
  const discover = () => {
    for (const { attributes } of cpus) for (const each of attributes) each.close()
    for (const each of all) each.begin()
    cpus = numbered(files, `${files.paths.sysfs}/devices/system/cpu`, 'cpu').flatMap(
      ([name, cpu]) => {
        const folder = `${files.paths.sysfs}/devices/system/cpu/${name}/cpufreq`
        if (files.stat(folder) === undefined) return []
        const limit = rowOf(limits, cpu)
        LIMITS.forEach((file, i) => (limit[i] = number(files, `${folder}/${file}`) * HERTZ))
        readGovernor(files, folder, cpu, governors)
        const attributes = CURRENT.map((file) => new Attribute(files, `${folder}/${file}`))
        return [{ values: rowOf(current, cpu), attributes }]
      },
    )
    rows = all.flatMap((each) => each.finish())
  }
  return (timeMs) => {
    if (isDue(timeMs)) discover()
    if (cpus.length === 0) {
      return {
        reason: 'no cpufreq driver: virtual machines have none',
        cure: 'nothing to do, or load the driver of the CPU',
        notHere: true,
      }
    }
    for (const { values, attributes } of cpus) {
      for (let i = 0; i < attributes.length; i += 1) values[i] = attributes[i]!.read() * HERTZ
    }
    return rowsOnly(rows)
  }
}

function readGovernor(files: KernelFiles, folder: string, cpu: string, rows: KeptRows): void {
  const chosen = word(files, `${folder}/scaling_governor`)
  if (chosen === undefined) return
  const available = word(files, `${folder}/scaling_available_governors`) ?? ''
  for (const governor of available.split(' ').filter((name) => name !== '')) {
    rowOf(rows, cpu, governor)[0] = governor === chosen ? 1 : 0
  }
}

export const cpufreq: MachineReader = {
  name: 'cpufreq',
  help: 'Frequencies and governors of CPUs: /sys/devices/system/cpu/cpuN/cpufreq.',
  open: openCpufreq,
}
