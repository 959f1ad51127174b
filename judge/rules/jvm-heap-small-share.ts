/**
 * jvm.heap-small-share: the JVM collects hard in a quarter of a memory that is all its own.
 *
 * The default share is made for machines that many share. In a container of its own the rest lies idle,
 * unless the program lives on files that stay in memory.
 */
import { fixedHeapFlag } from '../ergonomics/jvm-flags.ts'
import { safeHeap } from '../ergonomics/jvm-memory.ts'
import { lovesPageCache } from '../ergonomics/jvm-programs.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { gcIsWorth, gcShare } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'
import { heapMaxOf } from './heap-max.ts'
import { expectedParts, NO_HEAP_MAX } from './jvm-need.ts'
import { limitOf } from './limit.ts'
import { longEnough } from './long-run.ts'
import { heapNotFrom } from './not-from.ts'
import { jvmsOf, stayingOf } from './together.ts'
import { mebibytes, percent } from './words.ts'
import { thresholdsOf } from './thresholds.ts'

const RULE = 'jvm.heap-small-share'
const {
  heapShare: HEAP_SHARE,
  usedShare: USED_SHARE,
  gcShare: GC_SHARE,
  liveShare: LIVE_SHARE,
  cacheShare: CACHE_SHARE,
} = thresholdsOf(RULE)
const MIB = 1024 ** 2
const MOST_PERCENT = 75
/** A flag that already decides about the share. */
const SHARE_FLAG = /^-XX:(?:(?:Max|Min)RAM(?:Percentage|Fraction)|MaxRAM)=/

export function judgeHeapSmallShare(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  const { heapMaxBytes, flags = [] } = jvm
  if (heapMaxBytes === undefined) return notJudged(NO_HEAP_MAX)
  if (heapMaxBytes >= HEAP_SHARE * limit.bytes) return FINE
  if (!flagsAreWhole(jvm)) return notJudged('not all of its flags could be read')
  if (fixedHeapFlag(flags) !== undefined || flags.some((flag) => SHARE_FLAG.test(flag))) return FINE
  if (stayingOf(jvm).length > 0 || jvmsOf(jvm) > 1) return FINE
  if (lovesPageCache(jvm) || livesOnFiles(jvm, limit.bytes)) return FINE
  const seen = longEnough(RULE, jvm)
  if ('reason' in seen) return notJudged(seen.reason)
  const used = seen.longRun.anonShmemP99Bytes
  if (used === undefined) return notJudged('how much memory its cgroup uses was not measured')
  if (used >= USED_SHARE * limit.bytes) return FINE
  const gc = gcShare(jvm)
  const live = jvm.heapLiveBytes
  if (gc === undefined && live === undefined)
    return notJudged('neither the CPU time of its collector nor what lives in its heap is known')
  const collects = gc !== undefined && gc.value > GC_SHARE && isWorth(jvm)
  const isFull = live !== undefined && live > LIVE_SHARE * heapMaxBytes
  if (!collects && !isFull) return FINE
  const safe = safeHeap(expectedParts(jvm), limit.bytes)
  const wanted = Math.min(MOST_PERCENT, safe.percentage)
  if ((wanted * limit.bytes) / 100 <= heapMaxBytes) return FINE
  const xmxBytes = Math.floor((wanted * limit.bytes) / 100 / MIB) * MIB
  const believed = heapMaxOf(jvm, heapMaxBytes)
  const enforced = evidence('memory limit', limit.bytes, 'By', limit.source)
  const why = collects
    ? `collecting takes ${percent(gc.value)} of its CPU time`
    : `${percent((live ?? 0) / heapMaxBytes)} of it live`
  return finding({
    rule: RULE,
    ...heapNotFrom(jvm),
    severity: 'warning',
    confidence: 'strong',
    summary: `The heap may take ${percent(heapMaxBytes / limit.bytes)} of ${mebibytes(limit.bytes)} by default and ${why}, while no more than ${mebibytes(used)} of the limit are used.`,
    believed,
    enforced,
    evidence: [
      believed,
      enforced,
      evidence(
        'memory used, 99th percentile',
        used,
        'By',
        'memory.stat anon and shmem',
        seen.longRun.seconds,
      ),
      ...(gc === undefined ? [] : [gc.evidence]),
      ...(live === undefined
        ? []
        : [evidence('living heap', live, 'By', 'hsperfdata after a collection')]),
    ],
    ...(limit.own
      ? {
          fix: `add -XX:MaxRAMPercentage=${wanted}.0`,
          fixValues: { maxRamPercentage: wanted },
        }
      : { fix: `add -Xmx${xmxBytes / MIB}m`, fixValues: { xmxBytes } }),
  })
}

const isWorth = ({ recent }: RuntimeProfile): boolean => recent !== undefined && gcIsWorth(recent)

/** Pages of files that were used again lately. */
function livesOnFiles({ cgroupMemory }: RuntimeProfile, limitBytes: number): boolean {
  const { cacheBytes, shmemBytes = 0, inactiveFileBytes = 0 } = cgroupMemory ?? {}
  return (
    cacheBytes !== undefined &&
    cacheBytes - shmemBytes - inactiveFileBytes > CACHE_SHARE * limitBytes
  )
}
