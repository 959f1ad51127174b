/**
 * jvm.gc-cpu-share: a good part of the CPU time goes to the collector.
 *
 * Taken from the threads themselves: collectors that work beside the program hardly pause it. ZGC was
 * seen with 1 ms of pauses and 47 % of the CPU time.
 */
import type { Severity } from '../../catalog/finding.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { Recent, RuntimeProfile } from '../profile.ts'
import { GC_CPU_UNKNOWN, gcIsWorth, gcShare, share, type Share, TASKS } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { watched } from './history.ts'
import { largerHeap } from './larger-heap.ts'
import { thresholdsOf } from './thresholds.ts'
import { percent } from './words.ts'

const RULE = 'jvm.gc-cpu-share'
const {
  share: SHARE,
  highShare: HIGH_SHARE,
  highShareOfQuota: HIGH_SHARE_OF_QUOTA,
  start: START_SECONDS,
  liveShare: LIVE_SHARE,
} = thresholdsOf(RULE)

export function judgeGcCpuShare(jvm: RuntimeProfile): Judgement {
  const history = watched(RULE, jvm)
  if ('reason' in history) return notJudged(history.reason)
  const { recent } = history
  if (jvm.ageSeconds !== undefined && jvm.ageSeconds - recent.seconds < START_SECONDS)
    return notJudged('its start is still among what was seen')
  const gc = gcShare(jvm)
  if (gc === undefined) return notJudged(GC_CPU_UNKNOWN)
  const ofQuota = quotaShare(jvm, recent)
  const severity = severityOf(gc, ofQuota)
  if (severity === undefined || !gcIsWorth(recent)) return FINE
  return finding({
    rule: RULE,
    severity,
    confidence: 'exact',
    summary: `${jvm.collector ?? 'The collector'} takes ${percent(gc.value)} of the CPU time of the JVM${ofQuota === undefined ? '' : `, ${percent(ofQuota.value)} of its quota`}.`,
    evidence: [gc.evidence, ofQuota?.evidence, liveOf(jvm)].filter((each) => each !== undefined),
    ...fixOf(jvm),
  })
}

function quotaShare({ cpuLimitCores }: RuntimeProfile, recent: Recent): Share | undefined {
  const { gcCpuSeconds, seconds } = recent
  if (cpuLimitCores === undefined || gcCpuSeconds === undefined) return undefined
  return share('share of the quota', gcCpuSeconds, cpuLimitCores * seconds, recent, TASKS)
}

function severityOf(gc: Share, ofQuota: Share | undefined): Severity | undefined {
  if (gc.value > HIGH_SHARE || (ofQuota?.value ?? 0) > HIGH_SHARE_OF_QUOTA) return 'high'
  return gc.value > SHARE ? 'warning' : undefined
}

const liveOf = ({ heapLiveBytes }: RuntimeProfile) =>
  heapLiveBytes === undefined
    ? undefined
    : evidence(
        'live after a collection of the whole heap',
        heapLiveBytes,
        'By',
        'hsperfdata sun.gc.generation.1.space.0.used',
      )

function fixOf(jvm: RuntimeProfile): Fix {
  const { heapLiveBytes, heapMaxBytes } = jvm
  if ((jvm.recent?.explicitCollections ?? 0) > 0)
    return {
      fix: 'take out the calls of System.gc(), or add -XX:+DisableExplicitGC: the program asks for collections itself',
      fixValues: {},
    }
  if (
    heapLiveBytes !== undefined &&
    heapMaxBytes !== undefined &&
    heapLiveBytes > LIVE_SHARE * heapMaxBytes
  )
    return largerHeap(jvm, heapLiveBytes)
  const known = heapLiveBytes !== undefined && heapMaxBytes !== undefined
  const room = known ? ': the heap has room, it is filled too fast' : ''
  return {
    fix: `find out what allocates (jcmd ${jvm.entity['process.pid']} JFR.start duration=60s settings=profile filename=/tmp/alloc.jfr)${room}`,
    fixValues: {},
  }
}
