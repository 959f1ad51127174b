/**
 * Kernel samepage merging.
 *
 * Source: /sys/kernel/mm/ksm, a number a file; Documentation/admin-guide/mm/ksm.rst
 */
import { machineKsm } from '../../catalog/tables/machine-memory-more.ts'
import { emptyRow } from '../../wire/sample.ts'
import { signedOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

const FACTORS: Readonly<Record<string, number>> = { sleep_millisecs: 0.001 }

function ksm({ files, machine }: MachineContext): Read {
  const row = emptyRow(machineKsm, machine)
  return () => {
    const folder = `${files.paths.sysfs}/kernel/mm/ksm`
    machineKsm.metrics.forEach(({ column }, i) => {
      const value = signedOf(files.readText(`${folder}/${column}`))
      row.values[i] = value * (FACTORS[column] ?? 1)
    })
    if (row.values.some((value) => !Number.isNaN(value))) return rowsOnly([row])
    return {
      reason: `no ${folder}`,
      cure: 'the kernel must be built with CONFIG_KSM',
      notHere: true,
    }
  }
}

export const ksmd: MachineReader = {
  name: 'ksmd',
  help: 'Kernel samepage merging: /sys/kernel/mm/ksm.',
  offByDefault: true,
  slow: true,
  open: ksm,
}
