/**
 * envoy.concurrency: Envoy runs a worker thread for each CPU of the machine.
 *
 * Each worker has its own connections to every upstream, so that too many cost memory and connections
 * as well as quota.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, leastSure } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { stops } from './harm.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores } from './words.ts'

const RULE = 'envoy.concurrency'
const { perCpu: FACTOR } = thresholdsOf(RULE)

export function judgeEnvoyConcurrency(envoy: RuntimeProfile): Judgement {
  const granted = grantedCpus(envoy)
  if (envoy.cpuLimitCores === undefined || granted === undefined) return FINE
  const { believedCpus } = envoy
  if (believedCpus === undefined) return notJudged('how many workers it has is not known')
  const { value, confidence, source } = believedCpus
  if (value <= FACTOR * granted.whole) return FINE
  const believed = evidence('worker threads', value, '{thread}', source)
  return finding({
    rule: RULE,
    severity: 'warning',
    confidence: leastSure(confidence, granted.confidence),
    summary: `Envoy runs ${value} workers, the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, ...stops(envoy)],
    fix: `start it with --concurrency ${granted.whole}`,
    fixValues: { concurrency: granted.whole },
  })
}
