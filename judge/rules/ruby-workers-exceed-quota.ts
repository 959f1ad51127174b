/**
 * ruby.workers-exceed-quota: puma or unicorn runs a worker for each CPU of the machine.
 *
 * Etc.nprocessors, which WEB_CONCURRENCY=auto of puma goes by, counts the CPUs that the process may run
 * on, and knows of no quota.
 */
import type { Judgement } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { thresholdsOf } from './thresholds.ts'
import { judgeWorkers } from './workers.ts'

const RULE = 'ruby.workers-exceed-quota'
const { perCpu } = thresholdsOf(RULE)

export const judgeRubyWorkers = (ruby: RuntimeProfile): Judgement =>
  judgeWorkers(ruby, {
    rule: RULE,
    // Its workers mostly wait for others, so that a quota may stop a few of them without harm.
    harmed: 'info',
    most: (cpus) => perCpu * cpus,
    isByMachine: (workers, cpus, { affinityCpus }) => workers === cpus || workers === affinityCpus,
    fix: (cpus) => ({
      fix: `set WEB_CONCURRENCY=${cpus}, or run --workers ${cpus}`,
      fixValues: { workers: cpus },
    }),
  })
