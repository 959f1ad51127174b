import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import { percentageRules } from '../../../judge/ergonomics/jvm-heap.ts'
import {
  type JvmMemoryInputs,
  limitFor,
  memoryOf,
  nonHeap,
  safeHeap,
} from '../../../judge/ergonomics/jvm-memory.ts'
import { needs } from '../../peers/peers.ts'

const MIB = 1024 * 1024
const inMib = (bytes: number) => Math.round(bytes / MIB)

/** JDK 17, G1, 256 MiB, two CPUs: measured 335 MiB by its own native memory tracking. */
const small: JvmMemoryInputs = {
  collector: 'G1',
  version: '17.0.21',
  heapMaxBytes: 256 * MIB,
  classes: 0,
  osThreads: 24,
  flags: ['-Xmx256m', '-XX:+UseG1GC'],
  machineCpus: 2,
}

describe('worked examples', () => {
  test('a small JVM: 404 MiB, on the safe side of what was measured', () => {
    const parts = nonHeap(small, 'expected')
    const { gcBytes, totalBytes } = memoryOf(parts, 256 * MIB)
    expect(inMib(gcBytes)).toBe(47)
    expect(inMib(parts.metaspaceBytes)).toBe(13)
    expect(inMib(parts.codeBytes)).toBe(16)
    expect(inMib(parts.directBytes)).toBe(16)
    expect(inMib(parts.stacksBytes)).toBe(3)
    expect(inMib(parts.jitBytes)).toBe(10)
    expect(inMib(totalBytes)).toBe(404)
  })
  test('what its flags allow: direct memory as large as the heap, all of its code and stacks', () => {
    const parts = nonHeap(small, 'ceiling')
    expect(inMib(parts.directBytes)).toBe(256)
    expect(inMib(parts.codeBytes)).toBe(240)
    expect(inMib(parts.stacksBytes)).toBe(24)
    expect(inMib(parts.jitBytes)).toBe(32)
  })
  test('Shenandoah with 768 MiB in 1 GiB: 898 MiB', () => {
    const shenandoah: JvmMemoryInputs = {
      collector: 'Shenandoah',
      version: '21.0.13.0.3',
      heapMaxBytes: 768 * MIB,
      metaspaceCommittedBytes: 983_040,
      classes: 882,
      osThreads: 21,
      flags: ['-XX:+UseShenandoahGC', '-XX:MaxRAMPercentage=75'],
      cpuLimitCores: 1,
      machineCpus: 2,
    }
    const { totalBytes } = memoryOf(nonHeap(shenandoah, 'expected'), 768 * MIB)
    expect(inMib(totalBytes)).toBe(898)
    expect(memoryOf(nonHeap(shenandoah, 'ceiling'), 768 * MIB).totalBytes).toBeGreaterThan(
      1024 * MIB,
    )
  })
  test('a service with 80 % of 2000 MiB, killed every hour: it does not fit, and less is advised', () => {
    const service: JvmMemoryInputs = {
      collector: 'G1',
      version: '17.0.9',
      heapMaxBytes: 1600 * MIB,
      metaspaceCommittedBytes: 83 * MIB,
      classes: 13_000,
      osThreads: 448,
      flags: ['-XX:MaxRAMPercentage=80'],
      machineCpus: 4,
    }
    const parts = nonHeap(service, 'expected')
    expect(inMib(parts.codeBytes)).toBe(63)
    expect(inMib(parts.stacksBytes)).toBe(56)
    expect(memoryOf(parts, 1600 * MIB).totalBytes).toBeGreaterThan(0.97 * 2000 * MIB)
    expect(safeHeap(parts, 2000 * MIB).percentage).toBe(73)
  })
})

describe('parts', () => {
  const expected = (change: Partial<JvmMemoryInputs>) =>
    nonHeap({ ...small, ...change }, 'expected')
  const ceiling = (change: Partial<JvmMemoryInputs>) => nonHeap({ ...small, ...change }, 'ceiling')
  test('a maximum of metaspace bounds what is expected, and is the ceiling', () => {
    const flags = ['-XX:MaxMetaspaceSize=512m']
    expect(inMib(expected({ flags, classes: 10_000 }).metaspaceBytes)).toBe(69)
    expect(inMib(expected({ flags, classes: 200_000 }).metaspaceBytes)).toBe(512)
    expect(inMib(ceiling({ flags }).metaspaceBytes)).toBe(512)
    expect(inMib(expected({ metaspaceCommittedBytes: 100 * MIB }).metaspaceBytes)).toBe(125)
  })
  test('code: by classes, at least 16 MiB, at most what is reserved', () => {
    const code = (classes: number, flags: readonly string[] = []) =>
      inMib(expected({ classes, flags }).codeBytes)
    expect(code(0)).toBe(16)
    expect(code(20_000)).toBe(98)
    expect(code(1_000_000)).toBe(240)
    expect(code(1_000_000, ['-XX:-TieredCompilation'])).toBe(48)
    expect(code(20_000, ['-XX:ReservedCodeCacheSize=64m'])).toBe(64)
    expect(inMib(expected({ classes: 20_000, codeResidentBytes: 40 * MIB }).codeBytes)).toBe(60)
  })
  test('direct memory: as set, where 0 is unset', () => {
    const direct = (flag: string) => inMib(expected({ flags: [flag] }).directBytes)
    expect(direct('-XX:MaxDirectMemorySize=100m')).toBe(100)
    expect(direct('-XX:MaxDirectMemorySize=0')).toBe(16)
    const kafka = (heapMaxBytes: number) =>
      inMib(expected({ main: 'kafka.Kafka', heapMaxBytes }).directBytes)
    expect(kafka(1000 * MIB)).toBe(100)
    expect(kafka(50 * MIB)).toBe(16)
  })
  test('a stack is only touched so far, and never more than it is', () => {
    expect(expected({ osThreads: 8, flags: ['-Xss64k'] }).stacksBytes).toBe(8 * 64 * 1024)
    expect(inMib(expected({ osThreads: 8 }).stacksBytes)).toBe(1)
    expect(inMib(ceiling({ osThreads: 8, flags: ['-Xss2m'] }).stacksBytes)).toBe(16)
  })
  test('more GC threads, more books; JDK 25 keeps fewer', () => {
    const gc = (change: Partial<JvmMemoryInputs>) =>
      inMib(memoryOf(expected(change), 1024 * MIB).gcBytes)
    expect(gc({})).toBe(77)
    expect(gc({ flags: ['-XX:ParallelGCThreads=12'] })).toBe(97)
    expect(gc({ version: '25.0.3' })).toBe(57)
    expect(gc({ collector: 'Serial' })).toBe(3)
    expect(gc({ collector: 'Parallel' })).toBe(47)
    expect(gc({ collector: 'ZGC' })).toBe(81)
    expect(gc({ collector: 'Shenandoah' })).toBe(34)
    expect(gc({ collector: 'Unheard' })).toBe(77)
  })
  test('malloc makes its arenas by the CPUs of the machine', () => {
    const unset = { environment: {} }
    expect(expected({ machineCpus: 15, ...unset }).mallocShare).toBe(0.1)
    expect(expected({ machineCpus: 16, cpuLimitCores: 1, ...unset }).mallocShare).toBe(0.25)
    // Of what was not read nobody knows that it is unset.
    expect(expected({ machineCpus: 16 }).mallocShare).toBe(0.1)
    expect(expected({ machineCpus: 16, environment: { [CUT]: '' } }).mallocShare).toBe(0.1)
    const environment = { MALLOC_ARENA_MAX: '2' }
    expect(expected({ machineCpus: 16, environment }).mallocShare).toBe(0.1)
    expect(expected({ machineCpus: 16, ...unset, otherAllocator: 'jemalloc' }).mallocShare).toBe(
      0.1,
    )
  })
  test('what it is known to believe makes its threads', () => {
    const gc = (change: Partial<JvmMemoryInputs>) => inMib(expected(change).gcConstantBytes)
    expect(gc({})).toBe(37)
    expect(gc({ believedCpus: { value: 8 } })).toBe(49)
  })
})

const anyJvm = fc.record({
  collector: fc.constantFrom('Serial', 'Parallel', 'CMS', 'G1', 'ZGC', 'Shenandoah', 'Epsilon'),
  version: fc.constantFrom('1.8.0_504', '17.0.21', '25.0.3'),
  heapMaxBytes: fc.integer({ min: 8 * MIB, max: 2 ** 40 }),
  metaspaceCommittedBytes: fc.integer({ min: 0, max: 512 * MIB }),
  classes: fc.nat(100_000),
  osThreads: fc.nat(5_000),
  machineCpus: fc.integer({ min: 1, max: 256 }),
})
const anyLimit = fc.integer({ min: 16 * MIB, max: 2 ** 40 })

test('the safe heap is the largest that fits into 95 % of the limit', () => {
  fc.assert(
    fc.property(anyJvm, anyLimit, fc.nat(2 ** 31), (jvm, limit, measuredBytes) => {
      const parts = { ...nonHeap(jvm, 'expected'), measuredBytes }
      const { xmxBytes, percentage } = safeHeap(parts, limit)
      const larger = memoryOf(parts, xmxBytes + 2 * MIB).totalBytes
      expect(xmxBytes % (2 * MIB)).toBe(0)
      expect(larger).toBeGreaterThan(0.95 * limit)
      const fits = memoryOf(parts, xmxBytes).totalBytes <= 0.95 * limit + 1
      expect(fits || xmxBytes === 0).toBe(true)
      expect((limit * percentage) / 100).toBeLessThanOrEqual(xmxBytes)
    }),
  )
})

test('what was measured counts where it is more than the model says', () => {
  const parts = nonHeap(small, 'expected')
  const nonHeapMib = (measuredMib: number) =>
    inMib(memoryOf({ ...parts, measuredBytes: measuredMib * MIB }, 256 * MIB).nonHeapBytes)
  expect(nonHeapMib(100)).toBe(148)
  expect(nonHeapMib(700)).toBe(700)
  const safe = safeHeap({ ...parts, measuredBytes: 700 * MIB }, 2000 * MIB)
  expect(inMib(safe.xmxBytes)).toBe(1200)
})

test('within the limit that a heap asks for, that heap is safe', () => {
  fc.assert(
    fc.property(anyJvm, (jvm) => {
      const parts = nonHeap(jvm, 'expected')
      const limit = limitFor(parts, jvm.heapMaxBytes)
      expect(limit % MIB).toBe(0)
      expect(safeHeap(parts, limit).xmxBytes).toBeGreaterThan(jvm.heapMaxBytes - 2 * MIB)
    }),
  )
})

const missing = needs('java')
describe.skipIf(missing !== undefined)(
  `a real JVM as the oracle${missing ? `: ${missing}` : ''}`,
  () => {
    test.each([
      [200, 60, ''],
      [256, 30, ''],
      [256, 55, ''],
      [512, 20, ''],
      [512, 60, ''],
      [1024, 10, ''],
      // MinRAMPercentage decides up to where, and in what it decides.
      [200, 70, '-XX:MinRAMPercentage=80.0'],
      [200, 60, '-XX:MinRAMPercentage=80.0'],
      [512, 60, '-XX:MinRAMPercentage=20.0'],
      [1024, 60, '-XX:MinRAMPercentage=20.0'],
      [512, 60, '-XX:MinRAMPercentage=60.0'],
    ])('whether a percentage decides the heap: %i MiB, %i %% %s', (limitMib, percentage, min) => {
      const more = min === '' ? [] : [min]
      const flags = [
        `-XX:MaxRAM=${limitMib}m`,
        `-XX:MaxRAMPercentage=${percentage}.0`,
        ...more,
        '-XX:+UseSerialGC',
        '-XX:+PrintFlagsFinal',
        '-version',
      ]
      const printed = execFileSync('java', flags, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const heapBytes = Number(/\bMaxHeapSize\s*=\s*(\d+)/.exec(printed)![1])
      const wanted = (limitMib * MIB * percentage) / 100
      expect(Math.abs(heapBytes - wanted) <= 2 * MIB).toBe(
        percentageRules(limitMib * MIB, percentage, more),
      )
    })
  },
)
