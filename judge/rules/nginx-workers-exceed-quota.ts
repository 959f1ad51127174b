/**
 * nginx.workers-exceed-quota: `worker_processes auto` has made a worker for each CPU of the machine.
 *
 * nginx asks sysconf(_SC_NPROCESSORS_ONLN), which knows of no quota.
 */
import type { Judgement } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { thresholdsOf } from './thresholds.ts'
import { judgeWorkers } from './workers.ts'

const RULE = 'nginx.workers-exceed-quota'
const { least, perCpu } = thresholdsOf(RULE)

export const judgeNginxWorkers = (nginx: RuntimeProfile): Judgement =>
  judgeWorkers(nginx, {
    rule: RULE,
    most: (cpus) => Math.max(least, perCpu * cpus),
    isByMachine: (workers, cpus, { affinityCpus }) => workers === cpus || workers === affinityCpus,
    fix: (cpus) => ({
      fix: `set worker_processes ${cpus}; in the official image NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE=1 does so`,
      fixValues: { workerProcesses: cpus },
    }),
  })
