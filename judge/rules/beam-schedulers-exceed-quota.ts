/**
 * beam.schedulers-exceed-quota: BEAM runs more schedulers at once than its quota has CPUs.
 *
 * A scheduler without work looks for some for a while before it sleeps, which spends quota that others
 * would need. Schedulers that are not online sleep, so that their threads are no evidence.
 */
import { beamCpus } from '../ergonomics/beam.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus, leastSure } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { isStopped, stops } from './harm.ts'
import { thresholdsOf } from './thresholds.ts'
import { cores } from './words.ts'

const RULE = 'beam.schedulers-exceed-quota'
const { factor: FACTOR } = thresholdsOf(RULE)

export function judgeBeamSchedulers(beam: RuntimeProfile): Judgement {
  const granted = grantedCpus(beam)
  if (beam.cpuLimitCores === undefined || granted === undefined) return FINE
  const online = beam.believedCpus ?? beamCpus(beam)
  if (online === undefined)
    return notJudged(
      'how many schedulers are online is not known: neither +S nor its release tells',
    )
  if (online.value <= FACTOR * granted.whole) return FINE
  // What only the release tells counts when it is seen to do harm.
  if (online.confidence === 'inferred' && !isStopped(beam))
    return notJudged(
      'how many schedulers are online is only inferred, and the quota stopped nobody',
    )
  const n = granted.whole
  const believed = evidence('schedulers online', online.value, '{cpu}', online.source)
  return finding({
    rule: RULE,
    severity: 'high',
    confidence: leastSure(online.confidence, granted.confidence),
    summary: `BEAM runs ${online.value} schedulers at once, the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, ...stops(beam)],
    fix: `start it with +S ${n}:${n} +SDcpu ${n}:${n} +sbwt none +sbwtdcpu none +sbwtdio none`,
    fixValues: { schedulers: n },
  })
}
