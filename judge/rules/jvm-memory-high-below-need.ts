/**
 * jvm.memory-high-below-need: the kernel slows the JVM down before it comes to its limit.
 *
 * Above memory.high every allocation has to reclaim first. No JVM looks at it, so that it sits there with
 * long pauses and without a kill.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { withHeap } from './heap-flag.ts'
import { watchedFor } from './history.ts'
import { type Need, needOf, NO_HEAP_MAX, OTHERS_UNKNOWN } from './jvm-need.ts'
import { limitOf } from './limit.ts'
import { heapNotFrom } from './not-from.ts'
import { thresholdsOf } from './thresholds.ts'
import { mebibytes, percent } from './words.ts'

const RULE = 'jvm.memory-high-below-need'
const {
  stalledShare: STALLED_SHARE,
  stalledSeconds: STALLED_SECONDS,
  ownShare: OWN_SHARE,
} = thresholdsOf(RULE)
const HEADROOM = 1.1
const MIB = 1024 ** 2

export function judgeMemoryHigh(jvm: RuntimeProfile): Judgement {
  const high = jvm.memoryHighBytes
  if (high === undefined) return FINE
  const limit = limitOf(jvm)
  if (limit !== undefined && high >= limit.bytes) return FINE
  const { heapMaxBytes } = jvm
  if (heapMaxBytes === undefined) return notJudged(NO_HEAP_MAX)
  const need = needOf(jvm, heapMaxBytes)
  if (need === undefined) return notJudged(OTHERS_UNKNOWN)
  const suffers = stalled(jvm, high)
  if (high >= need.totalBytes && suffers === undefined) return FINE
  const believed = evidence('heap and all beside it', Math.round(need.totalBytes), 'By', need.basis)
  const enforced = evidence('memory.high', high, 'By', highCgroup(jvm))
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity: 'high',
    confidence: suffers === undefined ? need.confidence : 'strong',
    summary: `The JVM may come to ${mebibytes(need.totalBytes)}, the kernel slows it down from ${mebibytes(high)} on${suffers === undefined ? '' : `; all of it stood still for ${percent(suffers)} of the time`}.`,
    believed,
    enforced,
    evidence: [
      believed,
      enforced,
      ...(suffers === undefined || jvm.recent === undefined
        ? []
        : [
            evidence(
              'time that all stood still',
              suffers,
              '1',
              'memory.pressure full',
              jvm.recent.seconds,
            ),
          ]),
    ],
    ...fixOf(jvm, need, heapMaxBytes, limit?.bytes),
  })
}

const highCgroup = ({ memoryHighCgroup, cgroup }: RuntimeProfile): string =>
  memoryHighCgroup ?? cgroup ?? 'its cgroup'

/** Share of the time that it stood still while it was over; undefined where nothing says so. */
function stalled(jvm: RuntimeProfile, high: number): number | undefined {
  const seen = watchedFor(STALLED_SECONDS, jvm)
  if ('reason' in seen) return undefined
  const { memoryHighEvents = 0, memoryFullSeconds, seconds } = seen.recent
  if (memoryHighEvents === 0 || memoryFullSeconds === undefined) return undefined
  const { anonBytes, shmemBytes = 0 } = jvm.cgroupMemory ?? {}
  if (anonBytes !== undefined && anonBytes + shmemBytes < OWN_SHARE * high) return undefined
  const share = memoryFullSeconds / seconds
  return share > STALLED_SHARE ? share : undefined
}

/** It is raised as far as the limit lets it, else the heap has to come down. */
function fixOf(jvm: RuntimeProfile, need: Need, heapMaxBytes: number, limitBytes = Infinity) {
  const wanted = Math.ceil((HEADROOM * need.totalBytes) / MIB) * MIB
  if (wanted <= limitBytes)
    return {
      fix: `raise memory.high of ${highCgroup(jvm)} to ${mebibytes(wanted)} or more`,
      fixValues: { memoryHighBytes: wanted },
    }
  const over = need.totalBytes * HEADROOM - (jvm.memoryHighBytes ?? 0)
  const xmxBytes = Math.floor((heapMaxBytes - over) / (2 * MIB)) * 2 * MIB
  return xmxBytes > 0
    ? {
        fix: `lower the heap: ${withHeap(jvm, `-Xmx${xmxBytes / MIB}m`, xmxBytes)}; or raise both memory.high and the limit`,
        fixValues: { xmxBytes },
      }
    : {
        fix: `raise memory.high and the limit to ${mebibytes(wanted)}`,
        fixValues: { memoryHighBytes: wanted },
      }
}
