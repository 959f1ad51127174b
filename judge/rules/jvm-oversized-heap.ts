/**
 * jvm.oversized-heap: the JVM holds far more heap than lives in it, and hardly ever collects.
 *
 * By a day of what was left after collections of the whole heap: what a cache fills at night counts.
 */
import { parseSize, wasSet } from '../ergonomics/jvm-flags.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { gcShare } from './cpu.ts'
import { evidence, finding, type Fix } from './evidence.ts'
import { withHeap } from './heap-flag.ts'
import { longEnough } from './long-run.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes } from './words.ts'

const RULE = 'jvm.oversized-heap'
const {
  heldPerLive: HELD_PER_LIVE,
  held: HELD_BYTES,
  gcShare: GC_SHARE,
  onPurposeShare: ON_PURPOSE_SHARE,
} = thresholdsOf(RULE)
const MIB = 1024 ** 2
const ADVISED_PER_LIVE = 3
const HEAP_STEP_BYTES = 64 * MIB

export function judgeOversizedHeap(jvm: RuntimeProfile): Judgement {
  const { heapCommittedBytes } = jvm
  if (heapCommittedBytes === undefined) return notJudged('its heap is not known')
  if (heapCommittedBytes <= HELD_BYTES) return FINE
  if (startsLarge(jvm)) return FINE
  const seen = longEnough(RULE, jvm)
  if ('reason' in seen) return notJudged(seen.reason)
  const live = seen.longRun.heapLiveP99Bytes
  if (live === undefined) return notJudged('what lives in its heap was not seen')
  if (heapCommittedBytes <= HELD_PER_LIVE * live) return FINE
  const gc = gcShare(jvm)
  if (gc === undefined) return notJudged('the CPU time of its collector was not measured')
  if (gc.value >= GC_SHARE) return FINE
  const held = evidence(
    'heap that it holds',
    heapCommittedBytes,
    'By',
    'hsperfdata sun.gc.generation.*.capacity',
  )
  const lives = evidence(
    'living heap, 99th percentile',
    live,
    'By',
    'hsperfdata after a collection',
    seen.longRun.seconds,
  )
  return finding({
    rule: RULE,
    severity: 'info',
    confidence: 'strong',
    summary: `The JVM holds ${mebibytes(heapCommittedBytes)} of heap, of which ${mebibytes(live)} live.`,
    evidence: [held, lives, gc.evidence],
    ...fixOf(jvm, live),
  })
}

function startsLarge({ flags = [], finalFlags, heapMaxBytes }: RuntimeProfile): boolean {
  const xms = flags.findLast((flag) => /^-Xms\d/.test(flag))?.slice('-Xms'.length)
  const final = finalFlags?.['InitialHeapSize']
  const start =
    (xms === undefined ? undefined : parseSize(xms)) ??
    (final !== undefined && wasSet(final) ? Number(final.value) : undefined)
  return (
    start !== undefined && heapMaxBytes !== undefined && start >= ON_PURPOSE_SHARE * heapMaxBytes
  )
}

function fixOf(jvm: RuntimeProfile, live: number): Fix {
  const xmxBytes = Math.ceil((ADVISED_PER_LIVE * live) / HEAP_STEP_BYTES) * HEAP_STEP_BYTES
  const smaller = withHeap(jvm, `-Xmx${xmxBytes / MIB}m`, xmxBytes)
  const fixValues = { xmxBytes }
  if (jvm.collector === 'G1')
    return {
      fix: `${smaller}, or add -XX:G1PeriodicGCInterval=300000 so that it gives back what it does not need`,
      fixValues,
    }
  if (jvm.collector === 'ZGC')
    return { fix: `${smaller}, or add -XX:SoftMaxHeapSize=${xmxBytes / MIB}m`, fixValues }
  return { fix: smaller, fixValues }
}
