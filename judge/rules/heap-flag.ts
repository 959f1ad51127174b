/**
 * How the maximum of a heap is set, seen from the flags that are there. Of several that decide about it
 * each has to give way, and what must be no larger than the maximum has to come down with it: a JVM does
 * not start with -Xms above -Xmx.
 *
 * Source: hotspot/share/gc/shared/jvmFlagConstraintsGC.cpp, gcArguments.cpp
 * Units:  bytes
 */
import { type Flags, parseSize } from '../ergonomics/jvm-flags.ts'
import type { RuntimeProfile } from '../profile.ts'
import { withFlag } from './flag-fix.ts'

const MIB = 1024 ** 2
/** Every flag that decides how large the heap may get. */
const HEAP_FLAG = /^-Xmx\d|^-XX:(?:MaxHeapSize|MaxRAMPercentage|MaxRAMFraction)=/
const NO_LARGER = /^(?:-Xms|-XX:(?:InitialHeapSize|MinHeapSize|SoftMaxHeapSize)=)(\d.*)$/

/** `wanted` makes a heap of `bytes` at most. */
export const withHeap = (
  jvm: Pick<RuntimeProfile, 'flags'>,
  wanted: string,
  bytes: number,
): string => `${withFlag(jvm, HEAP_FLAG, wanted)}${loweredStart(jvm.flags, bytes)}`

/** `, with -Xms1g instead of -Xms4g`; nothing where all of them are small enough. */
export function loweredStart(flags: Flags = [], bytes: number): string {
  const lower = flags.flatMap((flag) => {
    const text = NO_LARGER.exec(flag)?.[1]
    if (text === undefined || (parseSize(text) ?? 0) <= bytes) return []
    return [`${flag.slice(0, -text.length)}${Math.floor(bytes / MIB)}m instead of ${flag}`]
  })
  return lower.length === 0 ? '' : `, with ${[...new Set(lower)].join(' and ')}`
}
