import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { choiceOf } from '../../../judge/ergonomics/jvm-choice.ts'
import { needs } from '../../peers/peers.ts'

const MIB = 1024 * 1024
const flagsOf = (line: string) => line.split(' ').filter((flag) => flag !== '')

/** Heap as JDK 17 printed it for a memory: largest and first. */
test.each([
  [64, 32, 8],
  [128, 64, 8],
  [200, 100, 8],
  [249, 126, 8],
  [256, 126, 8],
  [400, 126, 8],
  [500, 126, 8],
  [512, 128, 8],
  [768, 192, 12],
  [1000, 250, 16],
  [1024, 256, 16],
  [2048, 512, 32],
  [4096, 1024, 64],
])('%i MiB: a heap of %i MiB that starts at %i MiB', (memoryMib, maxMib, initialMib) => {
  const { heapMaxBytes, heapInitialBytes } = choiceOf(['-XX:+UseSerialGC'], '17.0.21', {
    cpus: 2,
    memoryBytes: memoryMib * MIB,
  })
  expect([heapMaxBytes / MIB, heapInitialBytes / MIB]).toEqual([maxMib, initialMib])
})

/** As JDK 17 and 25 printed with -XX:MaxRAM: flags, largest and first heap in MiB. */
const PRINTED: readonly (readonly [string, number, number])[] = [
  ['-XX:MaxRAM=200m -XX:MaxRAMPercentage=60.0', 100, 8],
  ['-XX:MaxRAM=200m -XX:MinRAMPercentage=80.0', 126, 8],
  ['-XX:MaxRAM=33333m -XX:+UseG1GC', 8336, 528],
  ['-XX:MaxRAM=33333m -XX:+UseSerialGC', 8334, 522],
  ['-XX:MaxRAM=256g -XX:+UseG1GC', 65_536, 4096],
  ['-XX:MaxRAM=256g -XX:+UseCompressedOops -XX:+UseG1GC', 30_688, 4096],
  ['-XX:MaxRAM=256g -XX:+UseCompressedOops -XX:+UseSerialGC', 30_718, 4096],
  ['-XX:MaxRAM=4g -Xms3g -XX:+UseG1GC', 3072, 3072],
  ['-XX:MaxRAM=4g -Xmx9001m -XX:+UseG1GC', 9008, 64],
  ['-XX:MaxRAM=4g -Xmx9001m -XX:+UseShenandoahGC', 9004, 64],
  ['-XX:MaxRAM=4g -Xmx1001m -XX:+UseZGC', 1002, 64],
  ['-XX:MaxRAM=4g -Xmx1001m -XX:+UseParallelGC', 1002, 64],
  ['-XX:MaxRAM=4g -XX:MaxRAMPercentage=33.3 -XX:+UseSerialGC', 1364, 64],
  ['-XX:MaxRAM=4g -XX:InitialRAMPercentage=10.0 -XX:+UseSerialGC', 1024, 410],
  ['-XX:MaxRAM=300m -XX:+UseParallelGC', 126, 8],
  ['-Xmx6m -XX:+UseSerialGC', 6, 6],
]

test.each(PRINTED)('%s: %i MiB from %i MiB', (line, maxMib, initialMib) => {
  const { heapMaxBytes, heapInitialBytes } = choiceOf(flagsOf(line), '17.0.21', {
    cpus: 2,
    memoryBytes: 24_152 * MIB,
  })
  expect([heapMaxBytes / MIB, heapInitialBytes / MIB]).toEqual([maxMib, initialMib])
})

test('a fraction does as a percentage does', () => {
  const machine = { cpus: 2, memoryBytes: 4096 * MIB }
  const heap = (flag: string) => choiceOf([flag, '-XX:+UseSerialGC'], '17', machine).heapMaxBytes
  expect(heap('-XX:MaxRAMFraction=2')).toBe(2048 * MIB)
  expect(heap('-XX:MaxRAMFraction=3')).toBe(1366 * MIB)
})

describe('a machine of 512 GiB', () => {
  const heapMib = (flags: readonly string[], version = '17.0.21') =>
    choiceOf(flags, version, { cpus: 64, memoryBytes: 512 * 1024 * MIB }).heapMaxBytes / MIB
  test('without a flag a heap keeps references of 4 bytes', () => {
    expect(heapMib([])).toBe(30_688)
    expect(heapMib(['-XX:+UseParallelGC'])).toBe(30_718)
  })
  test('ZGC, and long references, get a quarter of 128 GiB', () => {
    expect(heapMib(['-XX:+UseZGC'])).toBe(32 * 1024)
    expect(heapMib(['-XX:-UseCompressedOops'])).toBe(32 * 1024)
  })
  test('a share is one of all of it, before 13 within the old bounds', () => {
    expect(heapMib(['-XX:MaxRAMPercentage=50.0'])).toBe(256 * 1024)
    expect(heapMib(['-XX:MaxRAMPercentage=50.0'], '11.0.33')).toBe(30_688)
  })
})

const missing = needs('java')
const homes = ['/usr/lib/jvm/java-17-openjdk-amd64', '/usr/lib/jvm/temurin-25-jdk-amd64']
const javas = [
  'java',
  ...homes.map((home) => `${home}/bin/java`).filter((path) => existsSync(path)),
]

/** Every CPU count and collector at once, as the JVM prints it of itself. */
describe.skipIf(missing !== undefined)(
  `a real JVM as the oracle${missing ? `: ${missing}` : ''}`,
  () => {
    const cases = javas.flatMap((java) =>
      [
        '-XX:MaxRAM=8g -XX:ActiveProcessorCount=1',
        '-XX:MaxRAM=8g -XX:ActiveProcessorCount=2',
        '-XX:MaxRAM=300m -XX:ActiveProcessorCount=24 -XX:+UseParallelGC',
        '-XX:MaxRAM=40g -XX:ActiveProcessorCount=40 -XX:+UseG1GC',
        '-XX:MaxRAM=3g -XX:ActiveProcessorCount=10 -XX:+UseZGC',
        '-XX:MaxRAMPercentage=40.0 -XX:ActiveProcessorCount=2 -XX:MaxRAM=1g',
      ].map((line) => [java, line] as const),
    )
    test.each(cases)('%s %s', (java, line) => {
      const flags = flagsOf(line)
      const printed = execFileSync(java, [...flags, '-XX:+PrintFlagsFinal', '-version'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const value = (name: string) => new RegExp(`\\b${name}\\s*=\\s*(\\S+)`).exec(printed)?.[1]
      const cpus = Number(value('ActiveProcessorCount'))
      // Memory of the machine decides on the collector alone; it is more than 1792 MiB here.
      const choice = choiceOf(flags, '17.0.21', { cpus, memoryBytes: 4096 * MIB })
      expect({
        heapMaxBytes: Number(value('MaxHeapSize')),
        heapInitialBytes: Number(value('InitialHeapSize')),
        compilerThreads: Number(value('CICompilerCount')),
        parallelGcThreads: Number(value('ParallelGCThreads')),
        collector: value(`Use${choice.collector === 'ZGC' ? 'Z' : choice.collector}GC`),
      }).toEqual({
        heapMaxBytes: choice.heapMaxBytes,
        heapInitialBytes: choice.heapInitialBytes,
        compilerThreads: choice.compilerThreads,
        parallelGcThreads: choice.parallelGcThreads,
        collector: 'true',
      })
    })
  },
)
