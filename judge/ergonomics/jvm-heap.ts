/**
 * How large a JVM lets its heap get, and how large it starts it, by its flags and by the memory that
 * it takes the machine to have.
 *
 * Source: hotspot/share/runtime/arguments.cpp Arguments::set_heap_size; tried with JDK 17 and 25
 * Units:  bytes
 */
import type { JvmCollector } from './jvm-collector.ts'
import { type Flags, majorVersion, numberOf, parseSize, sizeOf, switchOf } from './jvm-flags.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
/** Built-in MaxHeapSize: 96 MiB, a third more on 64 bits, in whole words. */
const BUILT_IN_BYTES = Math.floor((96 * MIB * 1.3) / 8) * 8
const MAX_PERCENTAGE = 25
const MIN_PERCENTAGE = 50
const INITIAL_PERCENTAGE = 1.5625
const MAX_RAM_BYTES = 128 * GIB
const LEAST_INITIAL_BYTES = 8 * MIB
/** Addresses below this are left free, so that references need no base. */
const HEAP_BASE_BYTES = 2 * GIB
const ALIGNMENT_BYTES = 2 * MIB
const REGIONS = 2048
const REGION_MAX_BYTES = 32 * MIB
/** Since then a flag about the share lifts the bounds that hold without one. */
const SHARE_LIFTS_BOUNDS_SINCE = 13
const SHARE_FLAG = /^-XX:(?:(?:Max|Min|Initial)RAM(?:Percentage|Fraction)|MaxRAM)=/

export interface HeapInputs {
  readonly flags: Flags
  readonly version?: string
  readonly collector: JvmCollector
  /** What it takes the machine to have. */
  readonly memoryBytes: number
}

export function maxHeap(jvm: HeapInputs): number {
  const { flags } = jvm
  const fixed = fixedSize(flags, /^-Xmx(\d.*)$|^-XX:MaxHeapSize=(.*)$/)
  if (fixed !== undefined) return aligned(fixed, jvm)
  const memory = memoryFor(jvm)
  const least = (memory * share(flags, 'Min', MIN_PERCENTAGE)) / 100
  const most = (memory * share(flags, 'Max', MAX_PERCENTAGE)) / 100
  const reasonable = least < BUILT_IN_BYTES ? least : Math.max(most, BUILT_IN_BYTES)
  const wanted = Math.max(reasonable, sizeAtStart(flags) ?? 0)
  return aligned(Math.floor(withinReferences(jvm, wanted)), jvm)
}

export function initialHeap(jvm: HeapInputs): number {
  const most = maxHeap(jvm)
  const fixed = sizeAtStart(jvm.flags)
  if (fixed !== undefined) return Math.min(aligned(fixed, jvm, most), most)
  const reasonable = (memoryFor(jvm) * share(jvm.flags, 'Initial', INITIAL_PERCENTAGE)) / 100
  const wanted = Math.max(Math.floor(reasonable), LEAST_INITIAL_BYTES)
  return Math.min(aligned(wanted, jvm, most), most)
}

/** Default of MaxHeapSize, as it is aligned. */
const LEAST_HEAP_BYTES = Math.ceil(BUILT_IN_BYTES / ALIGNMENT_BYTES) * ALIGNMENT_BYTES

/**
 * Whether MaxRAMPercentage decides the heap at all. Where MinRAMPercentage (half, unless a flag says
 * otherwise) of the memory is less than a built-in size, which is below 250 MiB, the JVM goes by that
 * one instead, and above it never goes below that size, whatever percentage is set.
 */
export const percentageRules = (limitBytes: number, percentage: number, flags: Flags): boolean =>
  (limitBytes * share(flags, 'Min', MIN_PERCENTAGE)) / 100 >= LEAST_HEAP_BYTES &&
  (limitBytes * percentage) / 100 >= LEAST_HEAP_BYTES

/** -Xms; -Xms0 means that the JVM may choose. */
export const sizeAtStart = (flags: Flags): number | undefined =>
  fixedSize(flags, /^-Xms(\d.*)$|^-XX:InitialHeapSize=(.*)$/) || undefined

function fixedSize(flags: Flags, form: RegExp): number | undefined {
  const match = flags.map((flag) => form.exec(flag)).findLast((each) => each !== null)
  return match === undefined || match === null ? undefined : parseSize(match[1] ?? match[2] ?? '')
}

/** Without a flag a JVM looks at no more than 128 GiB. */
function memoryFor({ flags, version, memoryBytes }: HeapInputs): number {
  const set = sizeOf(flags, 'MaxRAM')
  if (set !== undefined) return set
  return boundsLifted(flags, version) ? memoryBytes : Math.min(memoryBytes, MAX_RAM_BYTES)
}

const boundsLifted = (flags: Flags, version: string | undefined): boolean =>
  (majorVersion(version) ?? SHARE_LIFTS_BOUNDS_SINCE) >= SHARE_LIFTS_BOUNDS_SINCE &&
  flags.some((flag) => SHARE_FLAG.test(flag))

/** In percent, as flags say. */
function share(flags: Flags, of: 'Max' | 'Min' | 'Initial', otherwise: number): number {
  const fraction = numberOf(flags, `${of}RAMFraction`)
  return (
    numberOf(flags, `${of}RAMPercentage`) ??
    (fraction !== undefined && fraction > 0 ? 100 / fraction : otherwise)
  )
}

/** Where no flag asks for more, a heap stays small enough for references of 4 bytes. */
function withinReferences(jvm: HeapInputs, wanted: number): number {
  const { flags, version, collector } = jvm
  const asked = switchOf(flags, 'UseCompressedOops')
  if (!HAS_SHORT_REFERENCES.has(collector) || asked === false) return wanted
  if (asked !== true && boundsLifted(flags, version)) return wanted
  return Math.min(wanted, referenceCliff(collector, flags) - HEAP_BASE_BYTES)
}

const HAS_SHORT_REFERENCES: ReadonlySet<string> = new Set([
  'Serial',
  'Parallel',
  'CMS',
  'G1',
  'Shenandoah',
  'Epsilon',
])
/** Collectors that lay the heap out in regions lose the largest region at the end. */
const IN_REGIONS: ReadonlySet<string> = new Set(['G1', 'Shenandoah'])
const OBJECT_ALIGNMENT = 8

/**
 * Largest heap in which references take 4 bytes: 32,766 MiB, for collectors with regions 32,736 MiB,
 * and twice that where objects are aligned at 16 bytes.
 */
export function referenceCliff(collector: string, flags: Flags): number {
  const alignment = numberOf(flags, 'ObjectAlignmentInBytes') ?? OBJECT_ALIGNMENT
  return 4 * GIB * alignment - (IN_REGIONS.has(collector) ? REGION_MAX_BYTES : ALIGNMENT_BYTES)
}

/** A heap is a whole number of pages of the card table, of G1 and Shenandoah of regions too. */
function aligned(bytes: number, { collector, version }: HeapInputs, heapBytes = bytes): number {
  const step = IN_REGIONS.has(collector)
    ? Math.max(ALIGNMENT_BYTES, regionBytes(heapBytes, collector, version))
    : ALIGNMENT_BYTES
  return Math.ceil(bytes / step) * step
}

/** Until then G1 rounded the size of its regions down, as Shenandoah does. */
const REGIONS_ROUNDED_UP_SINCE = 17

function regionBytes(heapBytes: number, collector: string, version: string | undefined): number {
  const power = Math.log2(Math.max(1, heapBytes / REGIONS))
  const up = collector === 'G1' && (majorVersion(version) ?? 0) >= REGIONS_ROUNDED_UP_SINCE
  return Math.min(REGION_MAX_BYTES, 2 ** (up ? Math.ceil(power) : Math.floor(power)))
}
