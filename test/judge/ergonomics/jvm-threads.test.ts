import { expect, test } from 'vitest'
import {
  believedCpus,
  compilerThreads,
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
