/**
 * What shows only from one pass to the next: how much of the heap was still live after a collection,
 * whether threads had to wait for one, and whether the program had asked for it.
 *
 * Source: hsperfdata sun.gc.collector.N.invocations, sun.gc.generation.1.space.0.used,
 *         sun.gc.policy.liveAtLastFullGc (Parallel alone), sun.gc.lastCause
 * Units:  bytes; passes
 */
import type { Counters } from './hsperfdata.ts'
import { type Collector, fullCollections, type JvmFacts } from './jvm.ts'

/** These collect the old generation beside the program: it shrinks when they have. */
const CONCURRENT: ReadonlySet<Collector> = new Set(['CMS', 'G1', 'ZGC', 'Shenandoah'])

/** Causes for which threads stood still since the collector was too slow; of others they always do. */
const STALLS: Readonly<{ [collector in Collector]?: string }> = {
  ZGC: 'Allocation Stall',
  Shenandoah: 'Allocation Failure',
}

const EXPLICIT = 'System.gc()'

export interface CollectionFigures {
  readonly heapLiveBytes: number | undefined
  readonly allocationStalls: number | undefined
  readonly explicitCollections: number
}

interface Seen {
  readonly collections: number
  readonly full: number | undefined
  readonly usedBytes: number | undefined
}

/** One process for as long as it lives. */
export class Collections {
  #before: Seen | undefined
  #liveBytes: number | undefined
  #stalls = 0
  #explicit = 0

  look(counters: Counters, facts: JvmFacts): CollectionFigures {
    const { collector, collectors } = facts
    const now: Seen = {
      collections: collectors.reduce(
        (sum, { index }) => sum + (counters.number(`sun.gc.collector.${index}.invocations`) ?? 0),
        0,
      ),
      full: fullCollections(counters, collector),
      usedBytes: counters.number('sun.gc.generation.1.space.0.used'),
    }
    const before = this.#before
    this.#before = now
    const stall = collector === undefined ? undefined : STALLS[collector]
    if (before !== undefined && now.collections > before.collections) {
      if (isAfterOldCollection(before, now, collector)) this.#liveBytes = now.usedBytes
      const cause = counters.text('sun.gc.lastCause')
      if (cause !== undefined && cause === stall) this.#stalls += 1
      if (cause === EXPLICIT) this.#explicit += 1
    }
    return {
      heapLiveBytes: lastFullBytes(counters, now.full) ?? this.#liveBytes,
      allocationStalls: stall === undefined ? undefined : this.#stalls,
      explicitCollections: this.#explicit,
    }
  }
}

function isAfterOldCollection(before: Seen, now: Seen, collector: Collector | undefined): boolean {
  if ((now.full ?? 0) > (before.full ?? 0)) return true
  return (
    collector !== undefined &&
    CONCURRENT.has(collector) &&
    (now.usedBytes ?? 0) < (before.usedBytes ?? 0)
  )
}

/** Parallel notes it itself, so that one from before the agent's time is known as well. */
const lastFullBytes = (counters: Counters, full: number | undefined): number | undefined =>
  full === undefined || full === 0
    ? undefined
    : counters.number('sun.gc.policy.liveAtLastFullGc') || undefined
