/**
 * Tasks that hung: uninterruptible for longer than hung_task_timeout_secs.
 *
 * Source: /proc/sys/kernel/hung_task_detect_count; Documentation/admin-guide/sysctl/kernel.rst
 *         (Linux ≥ 6.13 with CONFIG_DETECT_HUNG_TASK)
 */
import { machineKernelHung } from '../../catalog/tables/machine-kernel.ts'
import { numberInto, rowFrom } from './one-row.ts'
import type { MachineReader, Off } from './reader.ts'

const NOT_COUNTED: Off = {
  reason: 'the kernel does not count hung tasks',
  cure: 'Linux 6.13 or later with CONFIG_DETECT_HUNG_TASK does',
  notHere: true,
}

export const kernelHung: MachineReader = {
  name: 'kernel_hung',
  help: 'Tasks that hung: /proc/sys/kernel/hung_task_detect_count.',
  open: (context) => {
    const read = rowFrom(machineKernelHung, [
      { path: 'sys/kernel/hung_task_detect_count', parse: numberInto('kernel_hung', 0) },
    ])(context)
    return (timeMs) => {
      const reading = read(timeMs)
      return 'reason' in reading ? NOT_COUNTED : reading
    }
  },
}
