/** Resources of a machine that nobody can use. */
import type { FindingRule } from '../finding.ts'

export const machineFindings = {
  'strand.cpu': {
    id: 'strand.cpu',
    entity: 'machine',
    title: 'Free CPU that nobody can use, for lack of memory',
    minHistorySeconds: 3600,
    raiseAfter: 2,
    clearAfter: 3,
    meaning:
      'CPU is free, but the memory that is left is smaller than what a typical workload of this fleet asks for, so nothing more can be placed here.',
    falseWhen:
      'The machine is drained or kept free on purpose, or the limits that fill its memory are far above use: then lower those first.',
    since: '0.1',
  },
  'strand.mem': {
    id: 'strand.mem',
    entity: 'machine',
    title: 'Free memory that nobody can use, for lack of CPU',
    minHistorySeconds: 3600,
    raiseAfter: 2,
    clearAfter: 3,
    meaning:
      'Memory is free, but the CPU that is left is smaller than what a typical workload of this fleet asks for, so nothing more can be placed here.',
    falseWhen:
      'The machine is drained or kept free on purpose, or the quotas that fill its CPU are far above use: then lower those first.',
    since: '0.1',
  },
} as const satisfies Record<string, FindingRule>
