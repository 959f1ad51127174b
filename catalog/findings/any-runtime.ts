/** What concerns every runtime, whatever it is. */
import type { FindingRule } from '../finding.ts'

const runtime = { entity: 'runtime', raiseAfter: 2, clearAfter: 3, since: '0.1' } as const
const behaviour = { ...runtime, minHistorySeconds: 300 } as const

/** What makes a runtime run more at once than its quota has. */
const TOO_MANY = [
  'jvm.container-support-off',
  'jvm.limit-on-ancestor',
  'jvm.old-version',
  'jvm.cpu-count-exceeds-quota',
  'jvm.gc-threads-exceed-quota',
  'jvm.parallelgc-small-quota',
  'jvm.throttled-during-gc',
  'jvm.cpu-quota-fraction',
  'jvm.startup-throttled',
  'go.gomaxprocs-exceeds-quota',
  'node.workers-exceed-quota',
  'python.workers-exceed-quota',
  'nginx.workers-exceed-quota',
  'envoy.concurrency',
  'beam.schedulers-exceed-quota',
  'ruby.workers-exceed-quota',
] as const

export const anyRuntimeFindings = {
  'generic.host-sized-pool': {
    id: 'generic.host-sized-pool',
    ...behaviour,
    title: 'A pool is sized by the machine, not by the quota',
    meaning:
      'As many threads with one name, or processes of one program, as the machine has CPUs, in a quota of a quarter of them or less, which did stop them. Something counts the CPUs of the machine.',
    falseWhen:
      'The number is a coincidence: a pool of fixed size that happens to be as large as the machine.',
    explainedBy: TOO_MANY,
  },
  'multi.budget': {
    id: 'multi.budget',
    ...runtime,
    minHistorySeconds: 0,
    title: 'Several runtimes in one cgroup each take the limit for their own',
    meaning:
      'Each sizes itself by the whole limit, or by its own flags, and knows nothing of the others. Together they may come to more than the kernel grants, and one of them is killed. Told once, of the one that believes in the most.',
    falseWhen:
      'They never grow at the same time, such as a program and the tool that starts it. Where only defaults add up to more, and little of it is held, it is told as info.',
    explainedBy: [
      'jvm.container-support-off',
      'jvm.limit-on-ancestor',
      'jvm.limit-changed-after-start',
      'jvm.old-version',
      'jvm.heap-exceeds-limit',
      'node.heap-exceeds-limit',
    ],
  },
  'generic.throttled-though-idle': {
    id: 'generic.throttled-though-idle',
    ...behaviour,
    title: 'Stopped often, though the quota is hardly used',
    meaning:
      'On average there is CPU time to spare, and yet the kernel stops it: many threads run at once for a moment and spend the quota of a period before it is over. Told once a cgroup.',
    falseWhen:
      'A batch that comes in bursts and that nobody waits for. Kernels before 5.4 stop without need what runs on many CPUs.',
    explainedBy: [...TOO_MANY, 'generic.host-sized-pool'],
  },
} as const satisfies Record<string, FindingRule>
