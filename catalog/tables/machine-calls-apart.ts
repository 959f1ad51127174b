/** One row a machine a pass, once a call was made in a thread apart. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

export const machineCallsApart = {
  name: 'machine_calls_apart',
  entity: 'machine',
  keys: [],
  rows: 'one a machine, where a mount may block',
  narrow: true,
  metrics: family('agent.apart', 'the agent itself', [
    [
      'stuck',
      'candor_agent_stuck_calls',
      'gauge',
      '{call}',
      'Calls, such as statfs of a network mount, that have not come back; each holds a thread.',
    ],
    [
      'stuck_total',
      'candor_agent_stuck_calls_total',
      'counter',
      '{call}',
      'Calls that were not back at their deadline.',
    ],
    [
      'refused_total',
      'candor_agent_refused_calls_total',
      'counter',
      '{call}',
      'Calls that may block and were not made, since a limit of stuck threads or waiting calls was met.',
    ],
  ]),
} as const satisfies Table
