/** A heap in which what lives is half: what to set, or how far the limit must rise first. */
import { limitFor, nonHeap, safeHeap } from '../ergonomics/jvm-memory.ts'
import type { RuntimeProfile } from '../profile.ts'
import type { Fix } from './evidence.ts'
import { withFlag } from './flag-fix.ts'
import { limitOf } from './limit.ts'
import { mebibytes } from './words.ts'

const MIB = 1024 ** 2
const HEAP_PER_LIVE = 2
const HEAP_STEP_BYTES = 64 * MIB
/** Every flag that decides how large the heap may get. */
const HEAP_FLAG = /^-Xmx\d|^-XX:(?:MaxHeapSize|MaxRAMPercentage|MaxRAMFraction)=/

export function largerHeap(jvm: RuntimeProfile, liveBytes: number): Fix {
  const xmxBytes = Math.ceil((HEAP_PER_LIVE * liveBytes) / HEAP_STEP_BYTES) * HEAP_STEP_BYTES
  const flag = withFlag(jvm, HEAP_FLAG, `-Xmx${xmxBytes / MIB}m`)
  const why = `${mebibytes(liveBytes)} of it live`
  const parts = nonHeap(jvm, 'expected')
  const limit = limitOf(jvm)
  if (limit === undefined || safeHeap(parts, limit.bytes / jvm.jvmsInCgroup).xmxBytes >= xmxBytes)
    return { fix: `${flag} (${why})`, fixValues: { xmxBytes } }
  const memoryLimitBytes = limitFor(parts, xmxBytes) * jvm.jvmsInCgroup
  return {
    fix: `raise the memory limit of ${limit.source} to ${mebibytes(memoryLimitBytes)} and ${flag} (${why})`,
    fixValues: { xmxBytes, memoryLimitBytes },
  }
}
