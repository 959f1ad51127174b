/**
 * The heap that fits a limit, in the form that holds for the JVM at hand: a percentage where it sees
 * the limit, a size where it does not, a higher limit where no heap is worth having.
 */
import { CUT } from '../../catalog/entity.ts'
import {
  fixedHeapFlag,
  type Flags,
  heapPercentage,
  heapShareFlag,
  switchOf,
} from '../ergonomics/jvm-flags.ts'
import {
  limitFor,
  type NonHeap,
  percentageRules,
  type SafeHeap,
  safeHeap,
} from '../ergonomics/jvm-memory.ts'
import { blindnessOf } from '../ergonomics/jvm-sight.ts'
import type { RuntimeProfile } from '../profile.ts'
import type { Fix } from './evidence.ts'
import type { Limit } from './limit.ts'
import { mebibytes } from './words.ts'

/** Below this share of the limit a heap is no longer worth having: the limit is what is wrong. */
const LEAST_PERCENTAGE = 10
const MIB = 1024 * 1024

export function heapFix(
  jvm: RuntimeProfile,
  limit: Limit,
  heapMaxBytes: number,
  parts: NonHeap,
): Fix {
  const share = safeHeap(parts, limit.bytes / jvm.jvmsInCgroup)
  if (share.percentage < LEAST_PERCENTAGE) return raiseLimit(jvm, limit, heapMaxBytes, parts)
  const flags = jvm.flags ?? []
  const reason = whyNoPercentage(jvm, flags, limit, share, heapMaxBytes)
  const wanted =
    reason === undefined
      ? `-XX:MaxRAMPercentage=${share.percentage}.0`
      : `-Xmx${share.xmxBytes / MIB}m`
  const heapBytes = (limit.bytes * share.percentage) / 100
  const old = fixedHeapFlag(flags) ?? heapShareFlag(flags)
  const verb = jvm.flags === undefined || isCut(flags) ? 'set' : 'add'
  const change = old === undefined ? `${verb} ${wanted}` : `replace ${old} by ${wanted}`
  return {
    fix: `${change} (${reason ?? `a heap of ${mebibytes(heapBytes)}`})`,
    fixValues: {
      xmxBytes: share.xmxBytes,
      ...(reason === undefined && { maxRamPercentage: share.percentage }),
    },
  }
}

function raiseLimit(jvm: RuntimeProfile, limit: Limit, heapMaxBytes: number, parts: NonHeap): Fix {
  const memoryLimitBytes = limitFor(parts, heapMaxBytes) * jvm.jvmsInCgroup
  return {
    fix: `raise the memory limit of ${limit.source} to ${mebibytes(memoryLimitBytes)}: what a JVM needs beside its heap leaves no room for one in ${mebibytes(limit.bytes)}`,
    fixValues: { memoryLimitBytes },
  }
}

/**
 * Why a percentage would not give the wanted heap; undefined where it would. A size always does.
 */
function whyNoPercentage(
  jvm: RuntimeProfile,
  flags: Flags,
  limit: Limit,
  share: SafeHeap,
  heapMaxBytes: number,
): string | undefined {
  if (jvm.jvmsInCgroup > 1)
    return `for each of the ${jvm.jvmsInCgroup} JVMs in this cgroup, which share the limit`
  if (switchOf(flags, 'UseContainerSupport') === false)
    return 'with -XX:-UseContainerSupport a percentage would be one of the whole machine'
  if (!limit.own)
    return 'the limit is on a cgroup above, where this JVM may not see it, so a percentage may not be one of it'
  if (jvm.flags === undefined || isCut(flags))
    return 'not all of its flags could be read, and a size holds whatever the others are'
  if (blindnessOf(jvm) !== undefined)
    return 'this JVM does not size itself by the limit, so a percentage would be one of something else'
  if (isOfAnother(flags, limit, heapMaxBytes))
    return 'its heap was not sized by this limit, so a percentage may be one of something else'
  if (!percentageRules(limit.bytes, share.percentage))
    return 'in so little memory a JVM does not go by MaxRAMPercentage'
  return undefined
}

/** A list that was cut may hide a flag that wins. */
const isCut = (flags: Flags): boolean => flags.at(-1) === CUT

/** Slack for alignment, and for the least heap that a JVM takes. */
const SEEN_SHARE = 1.1

/**
 * Whether the JVM cannot have seen the limit as it is now: its flags fix no size, and yet the heap is
 * not the share of the limit that its percentage makes.
 */
function isOfAnother(flags: Flags, limit: Limit, heapMaxBytes: number): boolean {
  if (fixedHeapFlag(flags) !== undefined) return false
  return heapMaxBytes > (SEEN_SHARE * limit.bytes * heapPercentage(flags)) / 100
}
