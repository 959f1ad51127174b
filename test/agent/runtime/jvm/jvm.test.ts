import { describe, expect, test } from 'vitest'
import type { Counters } from '../../../../agent/runtime/jvm/hsperfdata.ts'
import { factsOf, figuresOf, gcFiguresOf } from '../../../../agent/runtime/jvm/jvm.ts'
import { fixtureCounters, fixtureNames, fixtureText } from './fixtures.ts'

const MIB = 1 << 20

/** What the program itself printed, and the flags that the JVM told over its attach protocol. */
function truth(name: string) {
  const text = fixtureText(name, 'truth')
  const pools = [...text.matchAll(/^TRUTH pool (.+?) init.*used = (\d+).*committed = (\d+)/gm)]
    .map(([, pool = '', used, committed]) => ({
      pool,
      used: Number(used),
      committed: Number(committed),
    }))
    .filter(({ pool }) => !/Code|Metaspace|Class Space/.test(pool))
  return {
    heapMax: Number(/MaxHeapSize=(\d+)/.exec(text)?.[1]),
    version: /^TRUTH .*version=(\S+)/m.exec(text)?.[1],
    threads: Number(/^TRUTH threads=(\d+)/m.exec(text)?.[1]),
    committed: pools.reduce((sum, { committed }) => sum + committed, 0),
    survivor: pools.find(({ pool }) => /Survivor/.test(pool))?.committed ?? 0,
  }
}

const COLLECTORS: Readonly<Record<string, string>> = {
  'jdk8-parallel-nocontainer': 'Parallel',
  'jdk8-default-serial-shares102': 'Serial',
  'jdk11-cms': 'CMS',
  'jdk17-g1-apc8-quota1': 'G1',
  'jdk17-default-serial-4g-quota0.5': 'Serial',
  'jdk17-overflow-8k': 'G1',
  'jdk21-shenandoah': 'Shenandoah',
  'jdk25-zgc': 'ZGC',
  'jdk25-g1-xms-eq-xmx': 'G1',
}

test('every fixture has its collector here', () => {
  expect(Object.keys(COLLECTORS).sort()).toEqual([...fixtureNames].sort())
})

describe.each(Object.entries(COLLECTORS))('%s', (name, collector) => {
  const counters = fixtureCounters(name)
  const facts = factsOf(counters)
  const figures = figuresOf(counters, facts)

  test('collector', () => {
    expect(facts.collector).toBe(collector)
  })
  // Nothing was noted of the JVM whose counters overflowed.
  if (name === 'jdk17-overflow-8k') return
  test('what the JVM told of itself', () => {
    const { heapMax, version, threads, committed, survivor } = truth(name)
    expect(figures.heapMaxBytes).toBe(heapMax)
    expect(facts.version).toBe(version)
    expect(figures.threads).toBe(threads)
    // The beans leave out one of the two survivor spaces of these collectors. Parallel sizes both
    // as it goes: here the other one has 1 MiB more, and 2.5 MiB lie between the spaces.
    const hidden =
      collector === 'Parallel'
        ? survivor + 3.5 * MIB
        : ['Serial', 'CMS'].includes(collector)
          ? survivor
          : 0
    expect(figures.heapCommittedBytes).toBe(committed + hidden)
    expect(figures.heapUsedBytes).toBeGreaterThan(12 * MIB)
    expect(figures.heapUsedBytes).toBeLessThanOrEqual(committed + hidden)
  })
})

test('G1: padding and the double report do not change the figures', () => {
  const counters = fixtureCounters('jdk17-g1-apc8-quota1')
  const figures = figuresOf(counters, factsOf(counters))
  expect(counters.number('sun.gc.generation.0.maxCapacity')! % 4096).toBe(24)
  expect(figures).toEqual({
    heapUsedBytes: 52_428_800 + 1_648 + 47_253_224,
    heapCommittedBytes: 217 * MIB,
    heapMaxBytes: 768 * MIB,
    metaspaceUsedBytes: 189_160,
    metaspaceCommittedBytes: 393_216,
    threads: 12,
    classes: 790,
    safepoints: 89,
    safepointSeconds: 0.135980091,
    safepointSyncSeconds: 0.015972199,
    fullCollections: 1,
    stopSeconds: 0.099222625,
    compileSeconds: 0.078395969,
    gcCpuReportedSeconds: undefined,
    compilerThreads: 4,
  })
})

describe('what a collector counts: full collections, seconds of stop, CPU seconds of its own', () => {
  test.each([
    ['jdk8-default-serial-shares102', 1, 0.142438077 + 0.014290822, undefined],
    ['jdk8-parallel-nocontainer', 1, 0.096740427 + 0.008707124, undefined],
    ['jdk11-cms', 1, 1.343524535 + 0.008104726 + 0.078154845, undefined],
    ['jdk25-g1-xms-eq-xmx', 1, 0.040634098 + 0.012725515, 0.429928474],
    // Its own counters hold pauses alone, or phases: what stopped all threads is the nearest to it.
    ['jdk25-zgc', undefined, 'safepoints', undefined],
    ['jdk21-shenandoah', undefined, 'safepoints', undefined],
  ] as const)('%s', (name, full, stop, cpu) => {
    const counters = fixtureCounters(name)
    const figures = figuresOf(counters, factsOf(counters))
    expect(figures.fullCollections).toBe(full)
    expect(figures.stopSeconds).toBeCloseTo(
      stop === 'safepoints' ? figures.safepointSeconds! : stop,
      12,
    )
    expect(figures.gcCpuReportedSeconds).toBe(cpu)
  })
  test('up to JDK 8 CMS counts its pauses among the full collections', () => {
    const counters = fixtureCounters('jdk11-cms')
    const old: Counters = {
      ...counters,
      number: (name) =>
        name.startsWith('sun.gc.collector.2.') ? undefined : counters.number(name),
    }
    expect(figuresOf(old, factsOf(counters)).fullCollections).toBeUndefined()
  })
})

test('each collector with its count and time, by the number its counters carry', () => {
  const gc = (name: string) => {
    const counters = fixtureCounters(name)
    const facts = factsOf(counters)
    return facts.collectors.map(({ index, name }) => ({
      name,
      ...gcFiguresOf(counters, facts, index),
    }))
  }
  expect(gc('jdk17-g1-apc8-quota1')).toEqual([
    { name: 'G1 young collection pauses', collections: 76, seconds: 0.080997571 },
    { name: 'G1 full collection pauses', collections: 1, seconds: 0.013697778 },
    { name: 'G1 concurrent cycle pauses', collections: 12, seconds: 0.004527276 },
  ])
  // Numbers 0 and 2: there is no 1.
  expect(gc('jdk25-zgc')).toEqual([
    { name: 'ZGC minor collection pauses', collections: 280, seconds: 0.002195839 },
    { name: 'ZGC major collection pauses', collections: 32, seconds: 0.000274466 },
  ])
})

test('facts', () => {
  expect(factsOf(fixtureCounters('jdk17-g1-apc8-quota1'))).toMatchObject({
    version: '17.0.21',
    description: 'OpenJDK 64-Bit Server VM (Debian, mixed mode, sharing)',
    main: 'W',
    flags: ['-XX:+UseG1GC', '-XX:ActiveProcessorCount=8', '-Xmx768m'],
    ticksPerSecond: 1e9,
  })
})

test('a JVM without flags has none, one whose flags are missing has them unknown', () => {
  expect(factsOf(fixtureCounters('jdk17-default-serial-4g-quota0.5')).flags).toEqual([])
  expect(factsOf(fixtureCounters('jdk17-overflow-8k')).flags).toBeUndefined()
})

test('overflow: heap and collector are there, what is missing is absent', () => {
  const counters = fixtureCounters('jdk17-overflow-8k')
  const facts = factsOf(counters)
  expect(facts).toMatchObject({ collector: 'G1', ticksPerSecond: 1e9 })
  expect(facts.version).toBeUndefined()
  expect(facts.main).toBeUndefined()
  expect(figuresOf(counters, facts).heapMaxBytes).toBe(200 * MIB)
})

describe('counters that no fixture has', () => {
  const of = (entries: Readonly<Record<string, string | number>>): Counters => ({
    number: (name) => (typeof entries[name] === 'number' ? entries[name] : undefined),
    text: (name) => (typeof entries[name] === 'string' ? entries[name] : undefined),
  })
  test('none at all: all is absent, nothing is zero', () => {
    const facts = factsOf(of({}))
    expect(facts.collector).toBeUndefined()
    expect(facts.collectors).toEqual([])
    const known = Object.values(figuresOf(of({}), facts)).filter((value) => value !== undefined)
    expect(known).toEqual([])
  })
  test('Epsilon, and ZGC of JDK 11', () => {
    expect(factsOf(of({ 'sun.gc.generation.1.name': 'Heap' })).collector).toBe('Epsilon')
    expect(factsOf(of({ 'sun.gc.generation.1.name': 'old' })).collector).toBe('ZGC')
  })
  test('an unknown collector has an unknown heap', () => {
    const counters = of({
      'sun.gc.policy.name': 'Sweeping:Broom',
      'sun.gc.generation.0.name': 'new',
      'sun.gc.generation.1.name': 'old',
      'sun.gc.generation.1.maxCapacity': 1 << 30,
      'sun.gc.generation.1.capacity': 1 << 20,
    })
    const figures = figuresOf(counters, factsOf(counters))
    expect(figures.heapMaxBytes).toBeUndefined()
    expect(figures.heapCommittedBytes).toBeUndefined()
  })
  test('control characters and line breaks do not get through', () => {
    const facts = factsOf(of({ 'java.property.java.version': '17\n\u001b[2J\u2028x' }))
    expect(facts.version).toBe('17  [2J x')
  })
})
