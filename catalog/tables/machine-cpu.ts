/** One row a CPU a pass: /proc/stat `cpuN`, in seconds. */
import type { Metric, Table } from '../metric.ts'

/** Columns of a `cpuN` line in the kernel's order; `guest` time is inside `user`. */
export const CPU_MODES = [
  'user',
  'nice',
  'system',
  'idle',
  'iowait',
  'irq',
  'softirq',
  'steal',
] as const
export const GUEST_MODES = ['user', 'nice'] as const

/** OTel has `interrupt` for irq and softirq together; ours keeps the kernel's two apart. */
const SEMCONV = new Set<string>(['user', 'nice', 'system', 'idle', 'iowait', 'steal'])

export const machineCpu = {
  name: 'machine_cpu',
  entity: 'machine',
  keys: [{ label: 'cpu', attribute: 'cpu.logical_number' }],
  rows: 'one a CPU',
  metrics: [
    ...CPU_MODES.map((mode): Metric => ({
      column: `${mode}_seconds`,
      prom: 'node_cpu_seconds_total',
      labels: { mode },
      otel: SEMCONV.has(mode) ? 'system.cpu.time' : 'candor.system.cpu.time',
      attributes: { 'cpu.mode': mode },
      kind: 'counter',
      unit: 's',
      help: 'Time that the CPU spent in each mode; user and nice include guests.',
      source: `/proc/stat \`cpuN\`, ${mode}, ticks ÷ 100`,
      since: '0.1',
    })),
    ...GUEST_MODES.map((mode): Metric => ({
      column: `guest_${mode}_seconds`,
      prom: 'node_cpu_guest_seconds_total',
      labels: { mode },
      otel: 'candor.system.cpu.guest.time',
      attributes: { 'cpu.mode': mode },
      kind: 'counter',
      unit: 's',
      help: 'Time that the CPU spent in guests; part of node_cpu_seconds_total.',
      source: `/proc/stat \`cpuN\`, ${mode === 'user' ? 'guest' : 'guest_nice'}, ticks ÷ 100`,
      since: '0.1',
    })),
  ],
} as const satisfies Table
