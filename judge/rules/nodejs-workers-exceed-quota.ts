/**
 * node.workers-exceed-quota: a cluster of Node.js has a worker for each CPU of the machine.
 *
 * os.cpus() lists the CPUs of the machine, whatever the quota; os.availableParallelism() follows a
 * quota only with libuv 1.49 or later.
 */
import type { Judgement } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { judgeWorkers } from './workers.ts'

/** Some leave a CPU to the master. */
const MACHINE_SHARE = 0.75

export const judgeNodeWorkers = (node: RuntimeProfile): Judgement =>
  judgeWorkers(node, {
    rule: 'node.workers-exceed-quota',
    most: (cpus) => 2 * cpus,
    isByMachine: (workers, cpus) => workers >= MACHINE_SHARE * cpus,
    fix: (cpus) => ({
      fix: `run ${cpus} ${cpus === 1 ? 'worker' : 'workers'}: set WEB_CONCURRENCY=${cpus} where the program reads it, or start pm2 with -i ${cpus}`,
      fixValues: { workers: cpus },
    }),
  })
