/**
 * node.workers-exceed-quota: a cluster of Node.js has a worker for each CPU of the machine.
 *
 * os.cpus() lists the CPUs of the machine, whatever the quota; os.availableParallelism() follows a
 * quota only with libuv 1.49 or later.
 */
import type { Judgement } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { thresholdsOf } from './thresholds.ts'
import { judgeWorkers } from './workers.ts'

const RULE = 'node.workers-exceed-quota'
const { perCpu, machineShare } = thresholdsOf(RULE)

export const judgeNodeWorkers = (node: RuntimeProfile): Judgement =>
  judgeWorkers(node, {
    rule: RULE,
    most: (cpus) => perCpu * cpus,
    isByMachine: (workers, cpus) => workers >= machineShare * cpus,
    fix: (cpus) => ({
      fix: `run ${cpus} ${cpus === 1 ? 'worker' : 'workers'}: set WEB_CONCURRENCY=${cpus} where the program reads it, or start pm2 with -i ${cpus}`,
      fixValues: { workers: cpus },
    }),
  })
