/** Energy that processors and memory used: /sys/class/powercap. */
import type { Metric, Table } from '../metric.ts'
import { keysOf } from './info.ts'

/**
 * Zones that drivers of the kernel name: intel_rapl (package, core, uncore, dram, psys), its later
 * processors, and amd_energy. Others are told with --collector.rapl.enable-zone-label alone: a metric has its name here.
 */
export const RAPL_ZONES = ['package', 'core', 'uncore', 'dram', 'psys', 'mmio'] as const

export const machineRaplZone: Table = {
  name: 'machine_rapl_zone',
  entity: 'machine',
  keys: keysOf('candor.rapl', 'index', 'path', 'rapl_zone'),
  rows: 'one a zone of power capping, with --collector.rapl.enable-zone-label',
  narrow: true,
  metrics: [
    {
      column: 'joules',
      prom: 'node_rapl_joules_total',
      otel: 'candor.system.rapl.energy',
      kind: 'counter',
      unit: 'J',
      help: 'Energy that the zone used; begins anew at max_energy_range_uj.',
      source: '/sys/class/powercap/*/energy_uj ÷ 1e6',
      since: '0.1',
    },
  ],
}

export const machineRapl: Table = {
  name: 'machine_rapl',
  entity: 'machine',
  keys: keysOf('candor.rapl', 'index', 'path'),
  rows: 'one a zone of power capping',
  narrow: true,
  metrics: RAPL_ZONES.map((zone): Metric => ({
    column: `${zone}_joules`,
    prom: `node_rapl_${zone}_joules_total`,
    otel: `candor.system.rapl.${zone}.energy`,
    kind: 'counter',
    unit: 'J',
    help: `Energy that the zone ${zone} used; begins anew at max_energy_range_uj.`,
    source: '/sys/class/powercap/*/energy_uj ÷ 1e6',
    since: '0.1',
  })),
}
