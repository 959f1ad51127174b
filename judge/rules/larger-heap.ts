/** A heap in which what lives is half: what to set, or how far the limit must rise first. */
import type { RuntimeProfile } from '../profile.ts'
import type { Fix } from './evidence.ts'
import { heapIn, limitAround } from './heap-fix.ts'
import { withHeap } from './heap-flag.ts'
import { expectedParts } from './jvm-need.ts'
import { limitOf } from './limit.ts'
import { mebibytes } from './words.ts'

const MIB = 1024 ** 2
const HEAP_PER_LIVE = 2
const HEAP_STEP_BYTES = 64 * MIB

export function largerHeap(jvm: RuntimeProfile, liveBytes: number): Fix {
  const xmxBytes = Math.ceil((HEAP_PER_LIVE * liveBytes) / HEAP_STEP_BYTES) * HEAP_STEP_BYTES
  const flag = withHeap(jvm, `-Xmx${xmxBytes / MIB}m`, xmxBytes)
  const why = `${mebibytes(liveBytes)} of it live`
  const parts = expectedParts({ ...jvm, heapMaxBytes: xmxBytes })
  const limit = limitOf(jvm)
  if (limit === undefined || heapIn(jvm, limit, parts).xmxBytes >= xmxBytes)
    return { fix: `${flag} (${why})`, fixValues: { xmxBytes } }
  const memoryLimitBytes = limitAround(jvm, xmxBytes, parts)
  return {
    fix: `raise the memory limit of ${limit.source} to ${mebibytes(memoryLimitBytes)} and ${flag} (${why})`,
    fixValues: { xmxBytes, memoryLimitBytes },
  }
}
