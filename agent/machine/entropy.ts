/**
 * Entropy of the random number generator.
 *
 * Source: /proc/sys/kernel/random/{entropy_avail,poolsize}; random(4)
 * Units:  bits.
 */
import { machineEntropy } from '../../catalog/tables/machine-kernel.ts'
import { columnOf } from '../../catalog/tables.ts'
import { numberInto, rowFrom } from './one-row.ts'
import type { MachineReader } from './reader.ts'

export const entropy: MachineReader = {
  name: 'entropy',
  help: 'Entropy of the random number generator: /proc/sys/kernel/random.',
  open: rowFrom(machineEntropy, [
    {
      path: 'sys/kernel/random/entropy_avail',
      parse: numberInto('entropy', columnOf(machineEntropy, 'available')),
    },
    {
      path: 'sys/kernel/random/poolsize',
      parse: numberInto('entropy', columnOf(machineEntropy, 'pool_size')),
    },
  ]),
}
