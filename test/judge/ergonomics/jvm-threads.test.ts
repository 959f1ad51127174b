import { expect, test } from 'vitest'
import {
  believedCpus,
  commonPoolThreads,
  compilerThreads,
  gcThreadsOf,
  mallocArenas,
  optimisingThreads,
  parallelGcThreads,
} from '../../../judge/ergonomics/jvm-threads.ts'

/** As real JVMs answered with -XX:ActiveProcessorCount of 1 to 128. */
test.each([
  [1, 1, 2],
  [2, 2, 2],
  [4, 4, 3],
  [8, 8, 4],
  [16, 13, 12],
  [32, 23, 15],
  [64, 43, 18],
  [128, 83, 21],
])('%i CPUs: %i workers, %i compilers', (cpus, workers, compilers) => {
  expect(parallelGcThreads(cpus)).toBe(workers)
  expect(compilerThreads(cpus)).toBe(compilers)
})

test('compilers that optimise', () => {
  expect(optimisingThreads([], 2)).toBe(1)
  expect(optimisingThreads([], 8)).toBe(3)
  expect(optimisingThreads(['-Xint'], 8)).toBe(0)
  expect(optimisingThreads(['-XX:-TieredCompilation', '-XX:CICompilerCount=5'], 8)).toBe(5)
})

test('CPUs that a JVM believes in', () => {
  expect(believedCpus(['-XX:ActiveProcessorCount=8'], 1, 2)).toBe(8)
  expect(believedCpus([], 0.5, 4)).toBe(1)
  expect(believedCpus([], 1.2, 4)).toBe(2)
  expect(believedCpus([], 6, 4)).toBe(4)
  expect(believedCpus([], 6, undefined)).toBe(6)
  expect(believedCpus([], undefined, 4)).toBe(4)
  expect(believedCpus([], undefined, undefined)).toBeUndefined()
})

/** As real JVMs of 17 and 25 printed them with 2 GiB of heap: workers in a pause, and beside. */
test.each([
  [1, [1, 0], [1, 1], [1, 1], [1, 1]],
  [2, [2, 0], [2, 1], [2, 1], [1, 1]],
  [3, [3, 0], [3, 1], [2, 1], [1, 1]],
  [8, [8, 0], [8, 2], [5, 2], [4, 2]],
  [16, [13, 0], [13, 3], [10, 4], [8, 4]],
  // Two percent of 2 GiB are twenty pages: no more workers of ZGC.
  [64, [43, 0], [43, 11], [20, 16], [32, 16]],
  [128, [83, 0], [83, 21], [20, 20], [64, 32]],
])('%i CPUs: Parallel %j, G1 %j, ZGC %j, Shenandoah %j', (cpus, ...want) => {
  const of = (collector: string) => {
    const { parallel, concurrent } = gcThreadsOf(collector, cpus, 2 * 1024 ** 3)
    return [parallel, concurrent]
  }
  expect(['Parallel', 'G1', 'ZGC', 'Shenandoah'].map(of)).toEqual(want)
  expect(of('Serial')).toEqual([0, 0])
})

test('ZGC with a large heap', () => {
  const f = (cpus: number, parallel: number, concurrent: number) =>
    expect(gcThreadsOf('ZGC', cpus, 64 * 1024 ** 3)).toEqual({ parallel, concurrent })
  f(32, 20, 8)
  f(64, 39, 16)
  f(128, 77, 32)
})

test('the common pool leaves one CPU to its caller; malloc goes by the machine', () => {
  expect([1, 2, 8, 16].map(commonPoolThreads)).toEqual([1, 1, 7, 15])
  expect(mallocArenas(64)).toBe(512)
})
