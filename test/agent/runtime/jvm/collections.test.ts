import { describe, expect, test } from 'vitest'
import { Collections } from '../../../../agent/runtime/jvm/collections.ts'
import type { Counters } from '../../../../agent/runtime/jvm/hsperfdata.ts'
import { type Collector, factsOf } from '../../../../agent/runtime/jvm/jvm.ts'
import { fixtureCounters } from './fixtures.ts'

const FIXTURES: Readonly<Record<string, Collector>> = {
  'jdk17-default-serial-4g-quota0.5': 'Serial',
  'jdk8-parallel-nocontainer': 'Parallel',
  'jdk17-g1-apc8-quota1': 'G1',
  'jdk25-zgc': 'ZGC',
  'jdk21-shenandoah': 'Shenandoah',
}
const fixtureOf = (collector: Collector) =>
  Object.keys(FIXTURES).find((name) => FIXTURES[name] === collector)!

interface Moment {
  readonly collections?: number
  readonly full?: number
  readonly used?: number
  readonly cause?: string
}

/** The counters of a real JVM at another moment. */
function at(collector: Collector, { collections, full, used, cause }: Moment): Counters {
  const counters = fixtureCounters(fixtureOf(collector))
  const index = collector === 'Shenandoah' ? 1 : 0
  const numbers: Readonly<Record<string, number | undefined>> = {
    [`sun.gc.collector.${index}.invocations`]: collections,
    'sun.gc.collector.1.invocations': index === 1 ? collections : full,
    'sun.gc.generation.1.space.0.used': used,
  }
  return {
    number: (name) => numbers[name] ?? counters.number(name),
    text: (name) => (name === 'sun.gc.lastCause' ? (cause ?? 'x') : counters.text(name)),
  }
}

const after = (collector: Collector, ...moments: readonly Moment[]) => {
  const collections = new Collections()
  const facts = factsOf(fixtureCounters(fixtureOf(collector)))
  return moments.map((moment) => collections.look(at(collector, moment), facts)).at(-1)!
}

describe('live after a collection of the old generation', () => {
  const f = (collector: Collector, moments: readonly Moment[], expected: number | undefined) =>
    expect(after(collector, ...moments).heapLiveBytes).toBe(expected)
  test('not known before one was seen', () => {
    f('Serial', [{ collections: 5, full: 1, used: 100 }], undefined)
  })
  test('young collections tell nothing of it', () => {
    const moments = [5, 6, 7].map((collections) => ({ collections, full: 1, used: 100 }))
    f('Serial', moments, undefined)
  })
  test.each(['Serial', 'G1'] as const)('%s: after a full one', (collector) => {
    f(
      collector,
      [
        { full: 1, used: 900 },
        { full: 2, used: 300 },
      ],
      300,
    )
  })
  test('Serial: it stays until the next full one', () => {
    f(
      'Serial',
      [
        { full: 1, used: 900 },
        { full: 2, used: 300 },
        { full: 2, used: 700 },
      ],
      300,
    )
  })
  test('Parallel notes it itself, also when nobody looked', () => {
    f('Parallel', [{}], 13_095_256)
  })
  test('Parallel: without a full collection it has nothing to note', () => {
    f('Parallel', [{ full: 0 }], undefined)
  })
  test.each(['G1', 'ZGC', 'Shenandoah'] as const)('%s: when the old generation shrank', (name) => {
    f(
      name,
      [
        { collections: 1, full: 1, used: 900 },
        { collections: 2, full: 1, used: 400 },
      ],
      400,
    )
  })
  test('G1: not when it grew', () => {
    f(
      'G1',
      [
        { collections: 1, full: 1, used: 400 },
        { collections: 2, full: 1, used: 900 },
      ],
      undefined,
    )
  })
  test('ZGC: not without a collection', () => {
    f(
      'ZGC',
      [
        { collections: 1, used: 900 },
        { collections: 1, used: 400 },
      ],
      undefined,
    )
  })
})

describe('stalls', () => {
  const f = (collector: Collector, cause: string, expected: number | undefined) => {
    const moments = [1, 2, 2, 3].map((collections) => ({ collections, cause }))
    expect(after(collector, ...moments).allocationStalls).toBe(expected)
  }
  test.each([
    ['ZGC', 'Allocation Stall', 2],
    ['ZGC', 'Allocation Rate', 0],
    ['Shenandoah', 'Allocation Failure', 2],
    // Every collection of theirs is one that threads wait for.
    ['Serial', 'Allocation Failure', undefined],
    ['G1', 'G1 Evacuation Pause', undefined],
  ] as const)('%s, %s: %s', (collector, cause, expected) => {
    f(collector, cause, expected)
  })
})

test('collections that the program asked for, whatever the collector', () => {
  for (const collector of Object.values(FIXTURES)) {
    const moments = [1, 2, 2, 3].map((collections) => ({ collections, cause: 'System.gc()' }))
    expect(after(collector, ...moments).explicitCollections).toBe(2)
    expect(after(collector, { collections: 1 }, { collections: 2 }).explicitCollections).toBe(0)
  }
})
