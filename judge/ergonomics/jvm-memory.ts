/**
 * What a JVM needs beside its heap, and the heap that fits a memory limit. A model: `expected` is
 * what a busy service comes to, on the safe side; `ceiling` is what the flags allow.
 *
 * Source: native memory tracking of JDK 17 and 25 with every collector at 256 MiB, 1 GiB and 4 GiB;
 *         class and code figures of the Cloud Foundry memory calculator
 * Units:  bytes
 */
import { CUT } from '../../catalog/entity.ts'
import { type Flags, majorVersion, numberOf, sizeOf, stackBytes, switchOf } from './jvm-flags.ts'
import { keepsBuffers } from './jvm-programs.ts'
import { believedCpus, optimisingThreads, parallelGcThreads } from './jvm-threads.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** What a collector keeps books in: a share of the heap, a constant, and a part for each worker. */
interface GcCost {
  readonly slope: number
  readonly constantMib: number
  /** For each worker above two. */
  readonly perThreadMib: number
}

const GC_COSTS: Readonly<Record<string, GcCost>> = {
  Serial: { slope: 0.0033, constantMib: 0.1, perThreadMib: 0 },
  Parallel: { slope: 0.0366, constantMib: 9.3, perThreadMib: 3.1 },
  // Not measured; it shares its young generation's and its card table's design with Parallel.
  CMS: { slope: 0.0366, constantMib: 9.3, perThreadMib: 3.1 },
  G1: { slope: 0.0394, constantMib: 36.6, perThreadMib: 2.05 },
  ZGC: { slope: 0.022, constantMib: 58, perThreadMib: 0 },
  Shenandoah: { slope: 0.0313, constantMib: 1.5, perThreadMib: 0 },
  Epsilon: { slope: 0, constantMib: 0, perThreadMib: 0 },
}

/** Since JDK 25 these are leaner. ZGC starts at almost nothing and grows as it relocates. */
const GC_COSTS_25: Readonly<Record<string, GcCost>> = {
  G1: { slope: 0.024, constantMib: 32, perThreadMib: 2.05 },
  ZGC: { slope: 0.03, constantMib: 2, perThreadMib: 0 },
}

const BYTES_PER_CLASS = 5_800
const METASPACE_BASE_BYTES = 14_000_000
const METASPACE_HEADROOM = 1.25
const CODE_BYTES_PER_CLASS = 5 * KIB
const CODE_MIN_BYTES = 16 * MIB
const CODE_RESERVED_BYTES = 240 * MIB
const CODE_RESERVED_UNTIERED_BYTES = 48 * MIB
const CODE_HEADROOM = 1.5
const DIRECT_EXPECTED_BYTES = 16 * MIB
/** Of the heap, for programs that are known to keep buffers beside it. */
const DIRECT_BUFFERS_SHARE = 0.1
const STACK_TOUCHED_BYTES = 128 * KIB
const JIT_EXPECTED_BYTES = 10 * MIB
const JIT_CEILING_BYTES = 32 * MIB
/** Class archive, symbols, strings and arenas; file pages of the library can be reclaimed. */
const BASE_BYTES = 35 * MIB
const MALLOC_SHARE = 0.1
/** glibc makes arenas by the CPUs of the machine, whatever the quota. */
const MALLOC_SHARE_MANY_CPUS = 0.25
const MANY_CPUS = 16
/** Part of the limit that all of it together may come to. */
const LIMIT_SHARE = 0.95
const HEAP_STEP_BYTES = 2 * MIB
const THREADS_UNKNOWN = 50
const CPUS_UNKNOWN = 2

/** What the model needs to know; what is absent is estimated. */
export interface JvmMemoryInputs {
  readonly collector?: string
  readonly version?: string
  readonly heapMaxBytes?: number
  readonly metaspaceCommittedBytes?: number
  readonly classes?: number
  readonly osThreads?: number
  readonly flags?: Flags
  readonly cpuLimitCores?: number
  readonly machineCpus?: number
  /** What it is known to believe; without it, what a JVM that sees its quota would. */
  readonly believedCpus?: { readonly value: number }
  /** Touched memory of compiled code. */
  readonly codeResidentBytes?: number
  /** An allocator other than glibc's, which makes no arena for each CPU. */
  readonly otherAllocator?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Main class or jar. */
  readonly main?: string
}

/** Parts that do not depend on the heap, but for `gcSlope`. */
export interface NonHeap {
  readonly gcSlope: number
  readonly gcConstantBytes: number
  readonly metaspaceBytes: number
  readonly codeBytes: number
  readonly directBytes: number
  readonly stacksBytes: number
  readonly jitBytes: number
  readonly baseBytes: number
  readonly mallocShare: number
  /** What was seen beside the heap, where that is known: the least that counts. */
  readonly measuredBytes?: number
}

export interface JvmMemory {
  readonly gcBytes: number
  readonly nonHeapBytes: number
  readonly totalBytes: number
}

function gcCost(collector: string | undefined, version: string | undefined): GcCost {
  const name = collector ?? 'G1'
  const lean = (majorVersion(version) ?? 0) >= 25 ? GC_COSTS_25[name] : undefined
  return lean ?? GC_COSTS[name] ?? GC_COSTS['G1']!
}

export function nonHeap(jvm: JvmMemoryInputs, kind: 'expected' | 'ceiling'): NonHeap {
  const expected = kind === 'expected'
  const flags = jvm.flags ?? []
  const cpus =
    jvm.believedCpus?.value ??
    believedCpus(flags, jvm.cpuLimitCores, jvm.machineCpus) ??
    CPUS_UNKNOWN
  const gc = gcCost(jvm.collector, jvm.version)
  const gcThreads = numberOf(flags, 'ParallelGCThreads') ?? parallelGcThreads(cpus)
  const threads = jvm.osThreads ?? THREADS_UNKNOWN
  const stack = stackBytes(flags)
  const direct = sizeOf(flags, 'MaxDirectMemorySize')
  const jit = expected ? JIT_EXPECTED_BYTES : JIT_CEILING_BYTES
  return {
    gcSlope: gc.slope,
    gcConstantBytes: (gc.constantMib + gc.perThreadMib * Math.max(0, gcThreads - 2)) * MIB,
    metaspaceBytes: metaspace(jvm, flags, expected),
    codeBytes: code(jvm, flags, expected),
    // Unset or 0 means as much again as the heap.
    directBytes: direct || (expected ? expectedDirect(jvm) : (jvm.heapMaxBytes ?? 0)),
    stacksBytes: threads * (expected ? Math.min(stack, STACK_TOUCHED_BYTES) : stack),
    jitBytes: jit * optimisingThreads(flags, cpus),
    baseBytes: BASE_BYTES,
    mallocShare: makesArenas(jvm) ? MALLOC_SHARE_MANY_CPUS : MALLOC_SHARE,
  }
}

const expectedDirect = (jvm: JvmMemoryInputs): number =>
  keepsBuffers(jvm)
    ? Math.max(DIRECT_EXPECTED_BYTES, DIRECT_BUFFERS_SHARE * (jvm.heapMaxBytes ?? 0))
    : DIRECT_EXPECTED_BYTES

const makesArenas = ({ machineCpus = 0, otherAllocator, environment }: JvmMemoryInputs): boolean =>
  machineCpus >= MANY_CPUS &&
  otherAllocator === undefined &&
  // Of what could not be read, or was cut off, nobody knows that it is unset.
  environment !== undefined &&
  !(CUT in environment) &&
  environment['MALLOC_ARENA_MAX'] === undefined

/** A maximum that is set bounds what is expected; it is not expected to be reached. */
function metaspace(jvm: JvmMemoryInputs, flags: Flags, expected: boolean): number {
  const estimate = Math.max(
    METASPACE_HEADROOM * (jvm.metaspaceCommittedBytes ?? 0),
    BYTES_PER_CLASS * (jvm.classes ?? 0) + METASPACE_BASE_BYTES,
  )
  const set = sizeOf(flags, 'MaxMetaspaceSize')
  if (set === undefined) return estimate
  return expected ? Math.min(estimate, set) : set
}

function code(jvm: JvmMemoryInputs, flags: Flags, expected: boolean): number {
  const untiered = switchOf(flags, 'TieredCompilation') === false
  const reserved =
    sizeOf(flags, 'ReservedCodeCacheSize') ??
    (untiered ? CODE_RESERVED_UNTIERED_BYTES : CODE_RESERVED_BYTES)
  if (!expected) return reserved
  const estimate =
    jvm.codeResidentBytes === undefined
      ? CODE_BYTES_PER_CLASS * (jvm.classes ?? 0)
      : CODE_HEADROOM * jvm.codeResidentBytes
  return Math.min(Math.max(estimate, CODE_MIN_BYTES), reserved)
}

/** Bytes that grow with the heap: none of the gc's share of it. */
function fixedBytes(parts: NonHeap): number {
  const lasting = parts.codeBytes + parts.jitBytes + parts.baseBytes
  const allocated =
    parts.directBytes + parts.metaspaceBytes + parts.stacksBytes + parts.gcConstantBytes
  return lasting + allocated * (1 + parts.mallocShare)
}

/** Memory for each byte of heap, the heap's own byte left out. */
const bytesPerHeapByte = (parts: NonHeap): number => parts.gcSlope * (1 + parts.mallocShare)

/** All the memory of a JVM whose heap has grown to `heapBytes`. */
export function memoryOf(parts: NonHeap, heapBytes: number): JvmMemory {
  const nonHeapBytes = Math.max(
    fixedBytes(parts) + bytesPerHeapByte(parts) * heapBytes,
    parts.measuredBytes ?? 0,
  )
  return {
    gcBytes: parts.gcConstantBytes + parts.gcSlope * heapBytes,
    nonHeapBytes,
    totalBytes: heapBytes + nonHeapBytes,
  }
}

export interface SafeHeap {
  /** Largest heap with which everything stays below 95 % of the limit; 0 when there is none. */
  readonly xmxBytes: number
  /** The same in whole percent of the limit. */
  readonly percentage: number
}

/** `takenBytes` of the limit are others'; `limitShare` of it is what all may come to. */
export function safeHeap(
  parts: NonHeap,
  limitBytes: number,
  takenBytes = 0,
  limitShare = LIMIT_SHARE,
): SafeHeap {
  const room = limitShare * limitBytes - takenBytes
  const byModel = (room - fixedBytes(parts)) / (1 + bytesPerHeapByte(parts))
  const heap = Math.max(0, Math.min(byModel, room - (parts.measuredBytes ?? 0)))
  const xmxBytes = Math.floor(heap / HEAP_STEP_BYTES) * HEAP_STEP_BYTES
  return { xmxBytes, percentage: Math.floor((100 * xmxBytes) / limitBytes) }
}

/** The limit below which a heap of this size does not fit beside others, in whole MiB. */
export const limitFor = (parts: NonHeap, heapBytes: number, takenBytes = 0): number =>
  Math.ceil((memoryOf(parts, heapBytes).totalBytes + takenBytes) / LIMIT_SHARE / MIB) * MIB
