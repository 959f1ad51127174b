/**
 * jvm.swap: parts of the JVM are in swap and come back from there.
 *
 * A collection touches the whole heap, so that what was swapped has to be read back in a pause. What
 * rests in swap unread does no harm: pages must come in for a finding.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { watched } from './history.ts'
import { neverSwap, swapUseSource } from './memory-files.ts'
import { heapNotFrom } from './not-from.ts'
import { mebibytes, percent } from './words.ts'
import { thresholdsOf } from './thresholds.ts'

const RULE = 'jvm.swap'
const {
  swapped: SWAPPED_BYTES,
  faults: FAULTS_PER_SECOND,
  swappedShare: SWAPPED_SHARE,
  stoppedShare: STOPPED_SHARE,
  fewFaults: FEW_FAULTS_PER_SECOND,
} = thresholdsOf(RULE)

export function judgeSwap(jvm: RuntimeProfile): Judgement {
  const own = jvm.swapBytes
  const swapped = own ?? jvm.cgroupMemory?.swapBytes
  if (swapped === undefined) return notJudged('how much of it is in swap was not measured')
  if (swapped === 0) return FINE
  const seen = watched(RULE, jvm)
  if ('reason' in seen) return notJudged(seen.reason)
  const { majorFaults, safepointSeconds, seconds } = seen.recent
  const heap = jvm.heapMaxBytes ?? Number.POSITIVE_INFINITY
  const isMuch = swapped > SWAPPED_BYTES
  if (!isMuch && swapped <= SWAPPED_SHARE * heap) return FINE
  if (majorFaults === undefined)
    return notJudged('how often it reads pages from disk was not measured')
  const faults = majorFaults / seconds
  const stopped = safepointSeconds === undefined ? 0 : safepointSeconds / seconds
  const isStopped =
    swapped > SWAPPED_SHARE * heap && stopped > STOPPED_SHARE && faults > FEW_FAULTS_PER_SECOND
  if (!(isMuch && faults > FAULTS_PER_SECOND) && !isStopped) return FINE
  const out = neverSwap(jvm, jvm.cgroup ?? 'its cgroup')
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity: 'high',
    confidence: own === undefined ? 'strong' : 'exact',
    summary: `${mebibytes(swapped)} of it are in swap, and ${Math.round(faults)} pages a second are read from disk${isStopped ? `; it stood still for ${percent(stopped)} of the time` : ''}.`,
    evidence: [
      evidence(
        'in swap',
        swapped,
        'By',
        own === undefined ? swapUseSource(jvm) : '/proc/PID/status VmSwap',
      ),
      evidence('pages read from disk', majorFaults, '{fault}', 'memory.stat pgmajfault', seconds),
    ],
    fix: `set ${out.fix}; if it does not fit then, lower the heap`,
    fixValues: out.fixValues,
  })
}
