/**
 * jvm.heap-exceeds-limit: the JVM believes in a heap that the kernel will not grant.
 *
 * The JVM collects when its heap is full, not when the cgroup is. So a heap that may grow to the
 * limit or beyond ends with a kill by the kernel (exit 137), without an OutOfMemoryError.
 */
import { CUT } from '../../catalog/entity.ts'
import type { Severity } from '../../catalog/finding.ts'
import {
  fixedHeapFlag,
  type Flags,
  heapPercentage,
  heapShareFlag,
  majorVersion,
  switchOf,
} from '../ergonomics/jvm-flags.ts'
import {
  limitFor,
  memoryOf,
  type NonHeap,
  nonHeap,
  percentageRules,
  type SafeHeap,
  safeHeap,
} from '../ergonomics/jvm-memory.ts'
import { type Evidence, FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { mebibytes } from './words.ts'

const RULE = 'jvm.heap-exceeds-limit'
const HIGH_SHARE = 0.95
/** Below this share of the limit a heap is no longer worth having: the limit is what is wrong. */
const LEAST_PERCENTAGE = 10
const MIB = 1024 * 1024

interface Limit {
  readonly bytes: number
  readonly source: string
  /** Whether it sits on the cgroup of the process itself, where every JVM looks for it. */
  readonly own: boolean
}

export function judgeHeapExceedsLimit(jvm: RuntimeProfile): Judgement {
  const limit = limitOf(jvm)
  if (limit === undefined) return FINE
  const { heapMaxBytes, collector } = jvm
  if (heapMaxBytes === undefined)
    return notJudged('the maximum of the heap is not known: the JVM keeps no readable counters')
  const severity = severityOf(heapMaxBytes, limit.bytes)
  if (severity === undefined) return FINE
  if (collector === 'Epsilon')
    return notJudged('Epsilon never collects: its heap is sized for one run, not to live within')
  const parts = nonHeap(jvm, 'expected')
  const believed = evidence(
    'maximum of the heap',
    heapMaxBytes,
    'hsperfdata sun.gc.generation.*.maxCapacity',
  )
  const enforced = evidence('memory limit', limit.bytes, limit.source)
  const beside = evidence(
    'expected beside the heap',
    Math.round(memoryOf(parts, Math.min(heapMaxBytes, limit.bytes)).nonHeapBytes),
    'model of what a JVM needs beside its heap',
  )
  return {
    kind: 'finding',
    verdict: {
      rule: RULE,
      severity,
      confidence: 'exact',
      summary: `The JVM may grow its heap to ${mebibytes(heapMaxBytes)}, the kernel stops ${limit.source} at ${mebibytes(limit.bytes)}.`,
      believed,
      enforced,
      evidence: [believed, enforced, beside],
      ...fixOf(jvm, limit, heapMaxBytes, parts),
    },
  }
}

/** A limit above the machine's memory cannot be reached: the machine's memory is the limit then. */
function limitOf(jvm: RuntimeProfile): Limit | undefined {
  const { memoryLimitBytes, memoryLimitCgroup, machineMemoryBytes, cgroup } = jvm
  if (memoryLimitBytes === undefined) return undefined
  if (machineMemoryBytes !== undefined && machineMemoryBytes < memoryLimitBytes)
    return { bytes: machineMemoryBytes, source: '/proc/meminfo', own: true }
  const source = memoryLimitCgroup ?? cgroup ?? 'the cgroup'
  return { bytes: memoryLimitBytes, source, own: cgroup === undefined || source === cgroup }
}

function severityOf(heapMaxBytes: number, limitBytes: number): Severity | undefined {
  if (heapMaxBytes >= limitBytes) return 'critical'
  return heapMaxBytes > HIGH_SHARE * limitBytes ? 'high' : undefined
}

const evidence = (name: string, value: number, source: string): Evidence => ({
  name,
  value,
  unit: 'By',
  windowSeconds: 0,
  source,
})

interface Fix {
  readonly fix: string
  readonly fixValues: Readonly<Record<string, number>>
}

function fixOf(jvm: RuntimeProfile, limit: Limit, heapMaxBytes: number, parts: NonHeap): Fix {
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
  if (isBlind(jvm.version, flags, limit, heapMaxBytes))
    return 'this JVM does not size itself by the limit, so a percentage would be one of something else'
  if (!percentageRules(limit.bytes, share.percentage))
    return 'in so little memory a JVM does not go by MaxRAMPercentage'
  return undefined
}

/** A list that was cut may hide a flag that wins. */
const isCut = (flags: Flags): boolean => flags.at(-1) === CUT

/** Slack for alignment, and for the least heap that a JVM takes. */
const SEEN_SHARE = 1.1

/**
 * Whether the JVM cannot have seen the limit: it is too old, or its flags fix no size and yet the
 * heap is not the share of the limit that its percentage makes.
 */
function isBlind(
  version: string | undefined,
  flags: Flags,
  limit: Limit,
  heapMaxBytes: number,
): boolean {
  if (beforeContainers(version)) return true
  if (fixedHeapFlag(flags) !== undefined) return false
  return heapMaxBytes > (SEEN_SHARE * limit.bytes * heapPercentage(flags)) / 100
}

/** Container support came with 8u191 and 10. */
function beforeContainers(version: string | undefined): boolean {
  const major = majorVersion(version)
  if (major === undefined || major >= 10) return false
  const update = /^1\.8\.0_(\d+)/.exec(version ?? '')?.[1]
  return update === undefined || Number(update) < 191
}
