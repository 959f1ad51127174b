/** Software RAID: /proc/mdstat. */
import type { Metric, Table } from '../metric.ts'
import { family } from './family.ts'

const MDSTAT = '/proc/mdstat'

export const MD_STATES = ['active', 'inactive', 'recovering', 'resync', 'check'] as const
export type MdState = (typeof MD_STATES)[number]

const DISKS = { active: 'work', failed: 'are marked (F)', spare: 'are marked (S)' } as const

export const machineMd: Table = {
  name: 'machine_md',
  entity: 'machine',
  keys: [{ label: 'device', attribute: 'system.device' }],
  rows: 'one an array',
  narrow: true,
  metrics: [
    ...family('md', MDSTAT, [
      ['blocks', 'node_md_blocks', 'gauge', '{block}', 'Blocks of the array, 1 KiB each.'],
      [
        'blocks_synced',
        'node_md_blocks_synced',
        'gauge',
        '{block}',
        'Blocks of a disk that are in sync or checked; all of them when nothing is under way.',
      ],
      [
        'disks_required',
        'node_md_disks_required',
        'gauge',
        '{disk}',
        'Disks that the array needs to be whole.',
      ],
    ]),
    ...Object.entries(DISKS).map(([state, which]): Metric => ({
      column: `disks_${state}`,
      prom: 'node_md_disks',
      labels: { state },
      otel: 'candor.system.md.disks',
      attributes: { 'candor.md.state': state },
      kind: 'gauge',
      unit: '{disk}',
      help: 'Disks of the array by state.',
      source: `${MDSTAT}, disks that ${which}`,
      since: '0.1',
    })),
    ...MD_STATES.map((state): Metric => ({
      column: `state_${state}`,
      prom: 'node_md_state',
      labels: { state },
      otel: 'candor.system.md.state',
      attributes: { 'candor.md.state': state },
      kind: 'gauge',
      unit: '1',
      help: '1 for the state that the array is in, 0 for the others.',
      source: MDSTAT,
      since: '0.1',
    })),
  ],
}
