/**
 * What a JVM says of itself, out of its counters: the facts that stay and the figures that move.
 *
 * Source: hsperfdata, names as in the tables below; proven against JDK 8 to 25 with every collector
 * Units:  bytes, seconds, counts; a counter that is not there yields undefined, never 0.
 */
import { allowedFlags, mainOf } from './flags.ts'
import type { Counters } from './hsperfdata.ts'

export type Collector = 'Serial' | 'Parallel' | 'CMS' | 'G1' | 'ZGC' | 'Shenandoah' | 'Epsilon'

/** Constant once the virtual machine has started. */
export interface JvmFacts {
  readonly collector: Collector | undefined
  readonly version: string | undefined
  readonly description: string | undefined
  readonly main: string | undefined
  /** Absent when the counters do not hold the arguments. */
  readonly flags: readonly string[] | undefined
  readonly ticksPerSecond: number
  /** Start of the virtual machine, unix ms. */
  readonly startMs: number | undefined
  /** What collects, by the number that its counters carry. */
  readonly collectors: readonly { readonly index: number; readonly name: string }[]
}

export interface JvmFigures {
  readonly heapUsedBytes: number | undefined
  readonly heapCommittedBytes: number | undefined
  readonly heapMaxBytes: number | undefined
  readonly metaspaceUsedBytes: number | undefined
  readonly metaspaceCommittedBytes: number | undefined
  readonly threads: number | undefined
  readonly classes: number | undefined
  readonly safepoints: number | undefined
  readonly safepointSeconds: number | undefined
  readonly safepointSyncSeconds: number | undefined
  readonly fullCollections: number | undefined
  readonly stopSeconds: number | undefined
  readonly compileSeconds: number | undefined
  readonly gcCpuReportedSeconds: number | undefined
  readonly compilerThreads: number | undefined
}

export interface GcFigures {
  readonly collections: number | undefined
  readonly seconds: number | undefined
}

const POLICIES: Readonly<Record<string, Collector>> = {
  'Copy:MSC': 'Serial',
  'ParScav:MSC': 'Parallel',
  'ParNew:CMS': 'CMS',
  GarbageFirst: 'G1',
}

/** Counters of collectors carry the numbers 0 to 2; 3 leaves room for one more. */
const COLLECTOR_INDICES = [0, 1, 2, 3] as const
const GENERATIONS = [0, 1] as const
const SPACES = [0, 1, 2] as const
const TICKS_PER_SECOND = 1e9
const NS_PER_SECOND = 1e9

export function factsOf(counters: Counters): JvmFacts {
  const collectors = COLLECTOR_INDICES.flatMap((index) => {
    const name = textOf(counters, `sun.gc.collector.${index}.name`)
    return name === undefined ? [] : [{ index, name }]
  }).filter(({ name }, i, all) => all.findIndex((other) => other.name === name) === i)
  const vmArgs = counters.text('java.rt.vmArgs')
  const frequency = counters.number('sun.os.hrt.frequency') ?? 0
  return {
    collector: collectorOf(counters, collectors),
    version: textOf(counters, 'java.property.java.version'),
    description: descriptionOf(counters),
    main: mainOf(textOf(counters, 'sun.rt.javaCommand') ?? '') || undefined,
    flags: vmArgs === undefined ? undefined : allowedFlags(printable(vmArgs)),
    ticksPerSecond: frequency > 0 ? frequency : TICKS_PER_SECOND,
    startMs: counters.number('sun.rt.createVmBeginTime'),
    collectors,
  }
}

function collectorOf(
  counters: Counters,
  collectors: JvmFacts['collectors'],
): Collector | undefined {
  const policy = POLICIES[counters.text('sun.gc.policy.name') ?? '']
  if (policy !== undefined) return policy
  if (collectors.some(({ name }) => name.startsWith('Shenandoah'))) return 'Shenandoah'
  if (collectors.some(({ name }) => /^Z(?:GC)? /.test(name))) return 'ZGC'
  const old = counters.text('sun.gc.generation.1.name')
  if (old === 'Heap') return 'Epsilon'
  // ZGC of JDK 11 has neither policy nor collectors, and one generation.
  const young = counters.text('sun.gc.generation.0.name')
  return old === 'old' && young === undefined ? 'ZGC' : undefined
}

function descriptionOf(counters: Counters): string | undefined {
  const name = textOf(counters, 'java.property.java.vm.name')
  if (name === undefined) return undefined
  const about = ['java.property.java.vm.vendor', 'java.property.java.vm.info']
    .map((counter) => textOf(counters, counter))
    .filter((text) => text !== undefined)
  return about.length === 0 ? name : `${name} (${about.join(', ')})`
}

export function figuresOf(counters: Counters, facts: JvmFacts): JvmFigures {
  const seconds = (name: string) => over(counters.number(name), facts.ticksPerSecond)
  return {
    heapUsedBytes: heapUsed(counters),
    heapCommittedBytes: heapCommitted(counters, facts.collector),
    heapMaxBytes: heapMax(counters, facts.collector),
    metaspaceUsedBytes: counters.number('sun.gc.metaspace.used'),
    metaspaceCommittedBytes: counters.number('sun.gc.metaspace.capacity'),
    threads: counters.number('java.threads.live'),
    classes: classes(counters),
    safepoints: counters.number('sun.rt.safepoints'),
    safepointSeconds: seconds('sun.rt.safepointTime'),
    safepointSyncSeconds: seconds('sun.rt.safepointSyncTime'),
    fullCollections: fullCollections(counters, facts.collector),
    stopSeconds: over(stopTicks(counters, facts.collector), facts.ticksPerSecond),
    compileSeconds: seconds('java.ci.totalTime'),
    gcCpuReportedSeconds: over(gcCpuNs(counters, facts.collector), NS_PER_SECOND),
    compilerThreads: counters.number('sun.ci.threads'),
  }
}

/** Of ZGC and Shenandoah only pauses and phases are counted, of which a collection has several. */
export function fullCollections(
  counters: Counters,
  collector: Collector | undefined,
): number | undefined {
  const full = counters.number('sun.gc.collector.1.invocations')
  switch (collector) {
    case 'Serial':
    case 'Parallel':
    case 'G1':
      return full
    case 'CMS':
      // Up to JDK 8 the pauses of concurrent collections are counted with the full ones.
      return counters.number('sun.gc.collector.2.invocations') === undefined ? undefined : full
    default:
      return undefined
  }
}

/** What ZGC and Shenandoah time is not the stop alone: all safepoints are the nearest to it. */
function stopTicks(counters: Counters, collector: Collector | undefined): number | undefined {
  if (collector === undefined || collector === 'Epsilon') return undefined
  if (collector === 'ZGC' || collector === 'Shenandoah')
    return counters.number('sun.rt.safepointTime')
  let ticks: number | undefined
  for (const index of COLLECTOR_INDICES) {
    const time = counters.number(`sun.gc.collector.${index}.time`)
    if (time !== undefined) ticks = (ticks ?? 0) + time
  }
  return ticks
}

/** Where the collector does not count its time, the counter is there all the same, and stays 0. */
function gcCpuNs(counters: Counters, collector: Collector | undefined): number | undefined {
  const ns = counters.number('sun.threads.total_gc_cpu_time')
  return collector === 'G1' || collector === 'Parallel' ? ns : ns || undefined
}

export const gcFiguresOf = (counters: Counters, facts: JvmFacts, index: number): GcFigures => ({
  collections: counters.number(`sun.gc.collector.${index}.invocations`),
  seconds: over(counters.number(`sun.gc.collector.${index}.time`), facts.ticksPerSecond),
})

/** G1 up to JDK 17 pads its capacities with a few bytes, so that they differ from each other. */
const PAD_BYTES = 4096
const unpadded = (bytes: number): number => bytes - (bytes % PAD_BYTES)

/**
 * Serial, Parallel and CMS divide the heap between their generations. All others report the whole
 * heap as the maximum of the old one, and G1 of both: these must never be added.
 */
function heapMax(counters: Counters, collector: Collector | undefined): number | undefined {
  const young = counters.number('sun.gc.generation.0.maxCapacity')
  const old = counters.number('sun.gc.generation.1.maxCapacity')
  if (old === undefined || old <= 0) return undefined
  switch (collector) {
    case undefined:
      return undefined
    case 'Serial':
    case 'Parallel':
    case 'CMS':
      return young === undefined ? undefined : young + old
    case 'G1':
      return unpadded(old)
    default:
      return old
  }
}

/** Capacities, unlike maxima, are always divided; a generation that a collector lacks is none. */
function heapCommitted(counters: Counters, collector: Collector | undefined): number | undefined {
  const old = counters.number('sun.gc.generation.1.capacity')
  if (collector === undefined || old === undefined) return undefined
  const bytes = (counters.number('sun.gc.generation.0.capacity') ?? 0) + old
  return collector === 'G1' ? unpadded(bytes) : bytes
}

function heapUsed(counters: Counters): number | undefined {
  let bytes: number | undefined
  for (const generation of GENERATIONS)
    for (const space of SPACES) {
      const used = counters.number(`sun.gc.generation.${generation}.space.${space}.used`)
      if (used !== undefined) bytes = (bytes ?? 0) + used
    }
  return bytes
}

function classes(counters: Counters): number | undefined {
  const loaded = counters.number('java.cls.loadedClasses')
  if (loaded === undefined) return undefined
  const now =
    loaded +
    (counters.number('java.cls.sharedLoadedClasses') ?? 0) -
    (counters.number('java.cls.unloadedClasses') ?? 0) -
    (counters.number('java.cls.sharedUnloadedClasses') ?? 0)
  return now < 0 ? undefined : now
}

const over = (ticks: number | undefined, ticksPerSecond: number): number | undefined =>
  ticks === undefined ? undefined : ticks / ticksPerSecond

const textOf = (counters: Counters, name: string): string | undefined => {
  const text = printable(counters.text(name) ?? '').trim()
  return text === '' ? undefined : text.slice(0, TEXT_CHARS_MAX)
}

const TEXT_CHARS_MAX = 256

/** The workload writes these texts: nothing in them may move a cursor or break a line. */
const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
