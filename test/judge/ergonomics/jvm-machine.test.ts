import { describe, expect, test } from 'vitest'
import { factsOf } from '../../../agent/runtime/jvm/jvm.ts'
import { CUT } from '../../../catalog/entity.ts'
import type { Confidence } from '../../../judge/finding.ts'
import { choiceOf } from '../../../judge/ergonomics/jvm-choice.ts'
import {
  believedCpusOf,
  believedMemoryOf,
  type JvmTraces,
} from '../../../judge/ergonomics/jvm-machine.ts'
import { seenMemory } from '../../../judge/ergonomics/jvm-sight.ts'
import { fixtureCounters, fixtureText } from '../../agent/runtime/jvm/fixtures.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB

/** 4 CPUs of 32, of which sun.ci.threads tells 4 to 7 apart. */
const jvm: JvmTraces = {
  version: '17.0.21',
  flags: ['-XX:+UseG1GC'],
  collector: 'G1',
  ownCpuLimitCores: 3.5,
  cpuLimitCores: 3.5,
  machineCpus: 32,
  machineMemoryBytes: 64 * GIB,
  compilerThreads: 3,
}

describe('CPUs that it believes in', () => {
  const f = (change: JvmTraces, value: number, confidence: Confidence) =>
    expect(believedCpusOf({ ...jvm, ...change })).toMatchObject({ value, confidence })
  const flag = (value: string, origin = 'command-line') => ({ value, origin })
  test('a flag, or its own tables, say it', () => {
    f({ flags: ['-XX:ActiveProcessorCount=8'] }, 8, 'exact')
    f({ flags: ['-XX:ActiveProcessorCount=8', CUT] }, 8, 'strong')
    f({ finalFlags: { ActiveProcessorCount: flag('6') } }, 6, 'exact')
    f({ finalFlags: { ActiveProcessorCount: flag('-1', 'default') } }, 4, 'strong')
  })
  test('what it made of itself fits the prediction alone', () => {
    f({}, 4, 'strong')
    f({ gcThreads: 4 }, 4, 'strong')
  })
  test('nothing seen: a prediction', () => {
    const { compilerThreads: _, ...unseen } = jvm
    expect(believedCpusOf(unseen)).toMatchObject({ value: 4, confidence: 'inferred' })
  })
  test('what is seen fits two explanations', () => {
    f({ compilerThreads: 2, ownCpuLimitCores: 1, cpuLimitCores: 1, machineCpus: 2 }, 1, 'inferred')
  })
  test('what is seen refutes the prediction: the explanation that fits', () => {
    f({ compilerThreads: 15 }, 32, 'inferred')
    f({ compilerThreads: 4, first: { cpuLimitCores: 8, fromStart: true } }, 8, 'inferred')
    f({ cpuLimitCores: 8, ownCpuLimitCores: 16, compilerThreads: 4 }, 8, 'inferred')
    // More workers than four CPUs would make.
    f({ flags: [], compilerThreads: 15, gcThreads: 20 }, 32, 'inferred')
  })
  test('no explanation fits: the nearest count that does', () => {
    f({ compilerThreads: 18 }, 64, 'inferred')
    f({ compilerThreads: 2 }, 3, 'inferred')
    expect(believedCpusOf({ ...jvm, compilerThreads: 5 })).toBeUndefined()
  })
  test('flags that make the traces worthless', () => {
    f({ flags: ['-XX:CICompilerCount=3', '-XX:+UseG1GC'], compilerThreads: 18 }, 4, 'inferred')
    f({ flags: ['-XX:-TieredCompilation', '-XX:+UseG1GC'], compilerThreads: 1 }, 4, 'inferred')
  })
  test('threads that a program named like those of a collector', () => {
    f({ gcThreads: 5000 }, 4, 'strong')
  })
  test('the collector that it took by itself tells one CPU from two', () => {
    const small = { ...jvm, machineCpus: 2, compilerThreads: 2, flags: [] }
    const quota = { cpuLimitCores: 0.5, ownCpuLimitCores: 0.5 }
    const g = (change: JvmTraces, value: number, confidence: Confidence) =>
      expect(believedCpusOf({ ...small, ...change })).toMatchObject({ value, confidence })
    g({ ...quota, collector: 'Serial' }, 1, 'strong')
    g({ ...quota, collector: 'G1' }, 2, 'inferred')
    // With so little memory it is Serial whatever the CPUs.
    g({ ...quota, collector: 'Serial', ownMemoryLimitBytes: GIB }, 1, 'inferred')
  })
  test('traces that say nothing are left out', () => {
    const { compilerThreads: _, collector: __, ...bare } = jvm
    const g = (change: JvmTraces, source: string) =>
      expect(believedCpusOf({ ...bare, ...change })?.source).toBe(source)
    const none = 'what its version sees of limits'
    g({ gcThreads: 4 }, none)
    g({ gcThreads: 4, collector: 'G1' }, 'threads that collect')
    g(
      { gcThreads: 4, collector: 'G1', flags: ['-XX:ParallelGCThreads=4'] },
      'collector G1 by itself',
    )
    g({ gcThreads: 0, collector: 'G1', flags: [] }, 'collector G1 by itself')
    g({ collector: 'G1', flags: ['-XX:+UseG1GC'] }, none)
    g({ collector: 'G1', flags: [CUT] }, none)
    g({ collector: 'CMS', flags: ['-XX:+UseParNewGC'] }, none)
    g({ collector: 'Parallel', flags: [] }, none)
    g({ collector: 'G1', flags: [], version: '27' }, none)
  })
  test('its own tables have the workers', () => {
    const finalFlags = { ParallelGCThreads: flag('4', 'ergonomic') }
    const { compilerThreads: _, ...unseen } = jvm
    expect(believedCpusOf({ ...unseen, finalFlags })).toMatchObject({
      value: 4,
      confidence: 'strong',
    })
  })
  test('workers that somebody asked for tell nothing', () => {
    const { compilerThreads: _, ...unseen } = jvm
    const none = { value: 4, confidence: 'inferred', source: 'what its version sees of limits' }
    for (const origin of ['command-line', 'environment', 'config-file']) {
      const finalFlags = { ParallelGCThreads: flag('13', origin) }
      expect(believedCpusOf({ ...unseen, finalFlags, gcThreads: 13 }), origin).toEqual(none)
    }
  })
  test('flags that somebody set where no list shows them', () => {
    const { compilerThreads: _, ...unseen } = jvm
    const none = { value: 4, confidence: 'inferred', source: 'what its version sees of limits' }
    const set = { TieredStopAtLevel: flag('1', 'config-file') }
    expect(believedCpusOf({ ...jvm, compilerThreads: 1, finalFlags: set })).toEqual(none)
    f({ finalFlags: { TieredStopAtLevel: flag('4', 'default') } }, 4, 'strong')
    const never = { NeverActAsServerClassMachine: flag('true', 'environment') }
    const small = { ...unseen, flags: [], collector: 'Serial' }
    expect(believedCpusOf({ ...small, finalFlags: never })).toEqual(none)
    expect(believedCpusOf(small)!.source).toBe('collector Serial by itself')
  })
  test('a JVM that is blind has only the machine to count', () => {
    f({ flags: ['-XX:-UseContainerSupport', '-XX:+UseG1GC'], compilerThreads: 15 }, 32, 'strong')
  })
  test('nothing known', () => {
    expect(believedCpusOf({})).toBeUndefined()
  })
})

test('heap that it believes in', () => {
  const f = (change: JvmTraces, value: number, confidence: Confidence) =>
    expect(believedMemoryOf({ ...jvm, ...change })).toMatchObject({ value, confidence })
  f({ finalFlags: { MaxHeapSize: { value: '1073741824', origin: 'ergonomic' } } }, GIB, 'exact')
  f({ heapMaxBytes: 2 * GIB }, 2 * GIB, 'strong')
  f({}, 16 * GIB, 'inferred')
  f({ flags: ['-Xmx3g'] }, 3 * GIB, 'inferred')
  expect(believedMemoryOf({ version: '17' })).toBeUndefined()
})

/** Cgroup of each fixture: memory in MiB, quota in cores, shares. */
const FIXTURES = [
  ['jdk8-parallel-nocontainer', 3072, 0.5, 1024],
  ['jdk8-default-serial-shares102', 4096, undefined, 102],
  ['jdk11-cms', 1024, undefined, 1024],
  ['jdk17-g1-apc8-quota1', 512, 1, 1024],
  ['jdk17-default-serial-4g-quota0.5', 4096, 0.5, 1024],
  ['jdk21-shenandoah', 1024, 1, 1024],
  ['jdk25-zgc', 1024, undefined, 1024],
  ['jdk25-g1-xms-eq-xmx', 2048, undefined, 1024],
] as const

describe.each(FIXTURES)('real JVM %s', (name, memoryMib, quota, cpuShares) => {
  const facts = factsOf(fixtureCounters(name))
  const text = fixtureText(name, 'truth')
  const printed = (flag: string) => {
    const found = new RegExp(`-XX:${flag}=(\\d+)`).exec(text)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const cores = quota === undefined ? {} : { cpuLimitCores: quota, ownCpuLimitCores: quota }
  const real: JvmTraces = {
    ...(facts.version !== undefined && { version: facts.version }),
    flags: facts.flags ?? [],
    ...(facts.collector !== undefined && { collector: facts.collector }),
    compilerThreads: Number(printed('CICompilerCount')),
    ...cores,
    cpuShares,
    memoryLimitBytes: memoryMib * MIB,
    ownMemoryLimitBytes: memoryMib * MIB,
    machineCpus: 2,
    // 24,152 MiB and a part of one.
    machineMemoryBytes: 24_152.5 * MIB,
    machineCgroups: 'v1',
  }
  const cpus = Number(/availableProcessors=(\d+)/.exec(text)![1])

  test('believed CPUs are those that it had', () => {
    expect(believedCpusOf(real)?.value).toBe(cpus)
  })
  test('what is predicted is what it printed', () => {
    const choice = choiceOf(facts.flags ?? [], facts.version, {
      cpus: believedCpusOf(real)!.value,
      memoryBytes: seenMemory(real)!,
    })
    const within = (bytes: number) => Math.round(bytes / (2 * MIB))
    expect(choice.collector).toBe(facts.collector)
    expect(choice.heapMaxBytes).toBe(printed('MaxHeapSize'))
    // It starts with what MinHeapSize and the generations ask for, where that is more.
    expect(within(choice.heapInitialBytes)).toBe(within(Number(printed('InitialHeapSize'))))
    expect(choice.compilerThreads).toBe(printed('CICompilerCount'))
    for (const [flag, predicted] of [
      ['ConcGCThreads', choice.concurrentGcThreads],
      ['ZYoungGCThreads', choice.concurrentGcThreads],
      ['G1ConcRefinementThreads', choice.parallelGcThreads],
    ] as const) {
      expect([predicted, undefined]).toContain(printed(flag) ?? predicted)
    }
  })
})
