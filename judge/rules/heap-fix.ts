/**
 * The heap that fits a limit, in the form that holds for the JVM at hand: a percentage where it sees
 * the limit, a size where it does not, a higher limit where no heap is worth having.
 */
import { shared } from '../../catalog/findings/gradings/shared.ts'
import { choiceOf } from '../ergonomics/jvm-choice.ts'
import { allFlags, fixedHeapFlag, switchOf, valueOf } from '../ergonomics/jvm-flags.ts'
import { percentageRules } from '../ergonomics/jvm-heap.ts'
import { limitFor, type NonHeap, type SafeHeap, safeHeap } from '../ergonomics/jvm-memory.ts'
import { blindnessOf } from '../ergonomics/jvm-sight.ts'
import type { RuntimeProfile } from '../profile.ts'
import type { Fix } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'
import { withHeap } from './heap-flag.ts'
import { expectedParts } from './jvm-need.ts'
import type { Limit } from './limit.ts'
import { heldByOthers, jvmsOf } from './together.ts'
import { mebibytes } from './words.ts'

/** Below this share of the limit a heap is no longer worth having: the limit is what is wrong. */
const LEAST_PERCENTAGE = 10
const MIB = 1024 * 1024

/** `bounded` are the parts when each is as large as a bound that is advised with the heap lets it get. */
export function heapFix(
  jvm: RuntimeProfile,
  limit: Limit,
  heapMaxBytes: number,
  parts: NonHeap,
  bounded: NonHeap = parts,
): Fix {
  // Buffers with a bound are expected to reach it, all else is not.
  const expected = { ...parts, directBytes: bounded.directBytes }
  const share = smaller(heapIn(jvm, limit, expected), heapIn(jvm, limit, bounded, 1))
  if (share.percentage < LEAST_PERCENTAGE) return raiseLimit(jvm, limit, heapMaxBytes, parts)
  const reason = whyNoPercentage(jvm, limit, share, heapMaxBytes)
  const heapBytes = reason === undefined ? (limit.bytes * share.percentage) / 100 : share.xmxBytes
  const wanted =
    reason === undefined
      ? `-XX:MaxRAMPercentage=${share.percentage}.0`
      : `-Xmx${share.xmxBytes / MIB}m`
  return {
    fix: `${withHeap(jvm, wanted, heapBytes)} (${reason ?? `a heap of ${mebibytes(heapBytes)}`})`,
    fixValues: {
      xmxBytes: share.xmxBytes,
      ...(reason === undefined && { maxRamPercentage: share.percentage }),
    },
  }
}

/** The heap that fits, for each of the JVMs that share the limit, beside what others hold of it. */
export function heapIn(
  jvm: RuntimeProfile,
  { bytes }: Pick<Limit, 'bytes'>,
  parts: NonHeap,
  limitShare?: number,
): SafeHeap {
  const jvms = jvmsOf(jvm)
  return safeHeap(parts, bytes / jvms, (heldByOthers(jvm) ?? 0) / jvms, limitShare)
}

/** The limit that a heap of this size takes, with all that share it. */
export const limitAround = (jvm: RuntimeProfile, heapBytes: number, parts: NonHeap): number => {
  const jvms = jvmsOf(jvm)
  return limitFor(parts, heapBytes, (heldByOthers(jvm) ?? 0) / jvms) * jvms
}

const smaller = (a: SafeHeap, b: SafeHeap): SafeHeap => (b.xmxBytes < a.xmxBytes ? b : a)

/** What is beside the heap, so many times, where nobody has said how large that is to be: half is heap. */
const PER_NON_HEAP = 2

/** A heap that nobody fixed would grow with the limit, or is one of something else: it gets a size too. */
function raiseLimit(jvm: RuntimeProfile, limit: Limit, heapMaxBytes: number, parts: NonHeap): Fix {
  const { flags = [], machineMemoryBytes = Number.POSITIVE_INFINITY } = jvm
  const asItIs = limitAround(jvm, heapMaxBytes, parts)
  const isWanted = fixedHeapFlag(flags) !== undefined && asItIs <= machineMemoryBytes
  const memoryLimitBytes = isWanted ? asItIs : PER_NON_HEAP * limitAround(jvm, 0, parts)
  // Some keep buffers in proportion to their heap.
  const most = memoryLimitBytes / PER_NON_HEAP
  const larger = expectedParts({ ...jvm, heapMaxBytes: most })
  const fitting = Math.min(most, heapIn(jvm, { bytes: memoryLimitBytes }, larger).xmxBytes)
  const xmxBytes = Math.floor(fitting / MIB) * MIB
  const size = isWanted ? '' : ` and ${withHeap(jvm, `-Xmx${xmxBytes / MIB}m`, xmxBytes)}`
  return {
    fix: `raise the memory limit of ${limit.source} to ${mebibytes(memoryLimitBytes)}${size}: what a JVM needs beside its heap leaves no room for one in ${mebibytes(limit.bytes)}`,
    fixValues: { memoryLimitBytes, ...(!isWanted && { xmxBytes }) },
  }
}

/**
 * Why a percentage would not give the wanted heap; undefined where it would. A size always does.
 */
function whyNoPercentage(
  jvm: RuntimeProfile,
  limit: Limit,
  share: SafeHeap,
  heapMaxBytes: number,
): string | undefined {
  const flags = jvm.flags ?? []
  const jvms = jvmsOf(jvm)
  if (jvms > 1) return `for each of the ${jvms} JVMs in this cgroup, which share the limit`
  if (switchOf(flags, 'UseContainerSupport') === false)
    return 'with -XX:-UseContainerSupport a percentage would be one of the whole machine'
  if (!limit.own)
    return 'the limit is on a cgroup above, where this JVM may not see it, so a percentage may not be one of it'
  if (!flagsAreWhole(jvm))
    return 'not all of its flags could be read, and a size holds whatever the others are'
  if (blindnessOf(jvm) !== undefined)
    return 'this JVM does not size itself by the limit, so a percentage would be one of something else'
  if (valueOf(flags, 'MaxRAM') !== undefined)
    return 'with -XX:MaxRAM a percentage would be one of that'
  if (!percentageRules(limit.bytes, share.percentage, allFlags(jvm)))
    return 'in so little memory a JVM does not go by MaxRAMPercentage'
  if (isOfAnother(jvm, limit, heapMaxBytes))
    return 'its heap was not sized by this limit, so a percentage may be one of something else'
  return undefined
}

/**
 * Whether the JVM cannot have seen the limit as it is now: its flags fix no size, and yet the heap is
 * larger than what they make of the limit.
 */
function isOfAnother(jvm: RuntimeProfile, limit: Limit, heapMaxBytes: number): boolean {
  const { version, believedCpus } = jvm
  const flags = allFlags(jvm)
  if (fixedHeapFlag(flags) !== undefined) return false
  const machine = { cpus: believedCpus?.value ?? 1, memoryBytes: limit.bytes }
  return heapMaxBytes > shared.heapSlack.value * choiceOf(flags, version, machine).heapMaxBytes
}
