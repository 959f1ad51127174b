/**
 * All the memory that a JVM comes to when its heap has grown: by the model of what it needs beside its
 * heap, and once a day was seen by that, where it is more. Several runtimes in one cgroup take from the
 * same limit, so that what the others need is part of it.
 *
 * Units: bytes
 */
import { shared } from '../../catalog/findings/gradings/shared.ts'
import { memoryOf, type NonHeap, nonHeap } from '../ergonomics/jvm-memory.ts'
import type { Confidence, Evidence } from '../finding.ts'
import type { Neighbour, RuntimeProfile } from '../profile.ts'
import { evidence } from './evidence.ts'
import { heldByOthers, jvmsOf, stayingOf } from './together.ts'

export interface Need {
  /** With what was measured, where it counts. */
  readonly parts: NonHeap
  readonly nonHeapBytes: number
  /** What the other runtimes in the cgroup are expected to come to. */
  readonly othersBytes: number
  readonly totalBytes: number
  /** The same if everything grew as far as the flags allow. */
  readonly ceilingBytes: number
  /** Whether the day that was seen told more than the model. */
  readonly measured: boolean
  readonly basis: string
  readonly confidence: Confidence
}

/** Undefined where another runtime in the cgroup is known, but not what it takes. */
export function needOf(jvm: RuntimeProfile, heapBytes: number): Need | undefined {
  const others = othersOf(jvm)
  if (others === undefined) return undefined
  const parts = expectedParts(jvm)
  const { nonHeapBytes, totalBytes } = memoryOf(parts, heapBytes)
  const ceiling = memoryOf(nonHeap({ ...jvm, heapMaxBytes: heapBytes }, 'ceiling'), heapBytes)
  const measured = parts.measuredBytes === nonHeapBytes
  return {
    parts,
    nonHeapBytes,
    othersBytes: others,
    totalBytes: totalBytes + others,
    ceilingBytes: Math.max(ceiling.totalBytes, totalBytes) + others,
    measured,
    basis: measured
      ? `99th percentile of ${Math.round((jvm.longRun?.seconds ?? 0) / 3600)} h`
      : 'model of what a JVM needs beside its heap',
    confidence: measured || isWellKnown(jvm) ? 'strong' : 'inferred',
  }
}

/** The model for this JVM, with what was measured beside its heap where that can be told apart. */
export function expectedParts(jvm: RuntimeProfile): NonHeap {
  const parts = nonHeap(jvm, 'expected')
  const { seconds = 0, nonHeapP99Bytes } = jvm.longRun ?? {}
  // The cgroup counts all that run in it: of several JVMs nobody knows whose it is, and what others
  // hold is counted apart.
  const others = heldByOthers(jvm)
  return nonHeapP99Bytes === undefined ||
    seconds < shared.calibratedSeconds.value ||
    jvmsOf(jvm) > 1 ||
    others === undefined
    ? parts
    : { ...parts, measuredBytes: Math.max(0, nonHeapP99Bytes - others) }
}

/** Whether the model rests on figures of this JVM. */
const isWellKnown = ({ classes, metaspaceCommittedBytes, osThreads, flags }: RuntimeProfile) =>
  (classes ?? metaspaceCommittedBytes) !== undefined &&
  osThreads !== undefined &&
  flags !== undefined

function othersOf(jvm: RuntimeProfile): number | undefined {
  const staying = stayingOf(jvm)
  const jvms = staying.filter(({ runtime }) => runtime === 'jvm')
  if (jvms.length < jvmsOf(jvm) - 1) return undefined
  let sum = 0
  for (const each of staying) {
    const bytes = neighbourBytes(each)
    if (bytes === undefined) return undefined
    sum += bytes
  }
  return sum
}

/** Of a JVM its heap and what the least of them needs beside it; of others what they have now. */
function neighbourBytes({
  runtime,
  believedMemoryBytes: heapMaxBytes,
  rssAnonBytes,
}: Neighbour): number | undefined {
  if (runtime !== 'jvm' || heapMaxBytes === undefined) return rssAnonBytes
  return memoryOf(nonHeap({ collector: 'Serial', heapMaxBytes }, 'expected'), heapMaxBytes)
    .totalBytes
}

/** The parts of it, the largest uncertainty last; at most `limits.evidenceItems` with a limit. */
export function tableOf(need: Need, heapBytes: number): readonly Evidence[] {
  const { parts, nonHeapBytes, othersBytes, basis } = need
  const model = (name: string, value: number) =>
    evidence(name, Math.round(value), 'By', 'model of what a JVM needs beside its heap')
  const rows = [
    model('collector', parts.gcConstantBytes + parts.gcSlope * heapBytes),
    model('metaspace', parts.metaspaceBytes),
    model('compiled code', parts.codeBytes),
    model('direct buffers', parts.directBytes),
    model('stacks of threads', parts.stacksBytes),
    model('compilers and the JVM itself', parts.jitBytes + parts.baseBytes),
    evidence('all beside the heap', Math.round(nonHeapBytes), 'By', basis),
  ]
  return othersBytes === 0
    ? rows
    : [
        ...rows,
        evidence(
          'other runtimes in the cgroup',
          Math.round(othersBytes),
          'By',
          'their heap or RSS',
        ),
      ]
}

export const OTHERS_UNKNOWN =
  'other runtimes take from the same limit, and how much they may take is not known'
export const NO_HEAP_MAX =
  'the maximum of the heap is not known: the JVM keeps no readable counters'

/**
 * Memory beside the heap that neither a part of the model nor another runtime explains, direct buffers
 * left to be explained.
 */
export function unexplained(jvm: RuntimeProfile): number | undefined {
  const held = heldByOthers(jvm)
  if (jvmsOf(jvm) > 1 || held === undefined) return undefined
  const beside = jvm.longRun?.nonHeapP99Bytes ?? besideNow(jvm)
  if (beside === undefined) return undefined
  const others = { ...nonHeap(jvm, 'expected'), directBytes: 0 }
  const { nonHeapBytes } = memoryOf(others, jvm.heapMaxBytes ?? 0)
  return Math.max(0, beside - held - nonHeapBytes)
}

export const WHOSE_UNKNOWN =
  'others share the cgroup, and how much of its memory is theirs is not known'

function besideNow({ cgroupMemory, heapCommittedBytes }: RuntimeProfile): number | undefined {
  const { anonBytes, shmemBytes } = cgroupMemory ?? {}
  return anonBytes === undefined || heapCommittedBytes === undefined
    ? undefined
    : Math.max(0, anonBytes + (shmemBytes ?? 0) - heapCommittedBytes)
}

/**
 * Whether the kernel may move memory of the cgroup into swap; undefined where that is not known. A
 * limit of swap that is not 0 says nothing on a machine without swap.
 */
export function mayBeSwapped(jvm: RuntimeProfile): boolean | undefined {
  if (jvm.swapLimitBytes === 0 || jvm.machineSwapBytes === 0) return false
  if (jvm.machineSwapBytes !== undefined) return true
  return (jvm.swapBytes ?? 0) + (jvm.cgroupMemory?.swapBytes ?? 0) > 0 ? true : undefined
}
