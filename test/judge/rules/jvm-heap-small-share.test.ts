import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, recorded, seen, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.heap-small-share'

/** A quarter of 2 GiB by default, in which collecting takes a fifth of the CPU time. */
const starved: RuntimeProfile = {
  ...well,
  flags: ['-XX:+UseG1GC'],
  heapMaxBytes: 512 * MIB,
  heapLiveBytes: 200 * MIB,
  classes: 8000,
  osThreads: 60,
  longRun: { seconds: 7200, anonShmemP99Bytes: 800 * MIB },
  ...seen({ cpuSeconds: 300, gcCpuSeconds: 60 }),
}
const calm = seen({ cpuSeconds: 300, gcCpuSeconds: 3 })
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...starved, ...change })).toBe(want)

test('what it says, with a decimal in the percentage', () => {
  expect(verdictOf(RULE, starved)).toMatchObject({
    severity: 'warning',
    summary:
      'The heap may take 25 % of 2048 MiB by default and collecting takes 20 % of its CPU time, while no more than 800 MiB of the limit are used.',
    fix: 'add -XX:MaxRAMPercentage=75.0',
    fixValues: { maxRamPercentage: 75 },
  })
  expect(verdictOf(RULE, { ...starved, memoryLimitCgroup: '/' })).toMatchObject({
    fix: 'add -Xmx1536m',
    fixValues: { xmxBytes: 1536 * MIB },
  })
})

test('a heap that is full says it too', () => {
  f({ ...calm, heapLiveBytes: 400 * MIB }, 'warning')
  f({ ...calm, heapLiveBytes: 300 * MIB }, 'fine')
})

test('a calm heap is large enough, and an idle one has no share', () => {
  f(calm, 'fine')
  f(seen({ cpuSeconds: 300, gcCpuSeconds: 15 }), 'fine')
  f(seen({ cpuSeconds: 300, gcCpuSeconds: 16 }), 'warning')
  f(seen({ cpuSeconds: 2, gcCpuSeconds: 1 }), 'fine')
})

describe('traps', () => {
  test('somebody chose the heap', () => {
    f({ flags: ['-Xmx512m'] }, 'fine')
    f({ flags: ['-XX:MaxRAMPercentage=25.0'] }, 'fine')
    f({ flags: ['-XX:MaxRAMFraction=4'] }, 'fine')
    expect(answerOf(RULE, without(starved, 'flags'))).toBe('not-judged')
  })
  test('programs that live on files', () => {
    f({ main: 'kafka.Kafka' }, 'fine')
    const cgroupMemory = { cacheBytes: 1000 * MIB, shmemBytes: 0, inactiveFileBytes: 100 * MIB }
    f({ cgroupMemory }, 'fine')
    f({ cgroupMemory: { ...cgroupMemory, inactiveFileBytes: 385 * MIB } }, 'fine')
    f({ cgroupMemory: { ...cgroupMemory, inactiveFileBytes: 386 * MIB } }, 'warning')
  })
  test('others, or a native library, use the rest', () => {
    f({ jvmsInCgroup: 2 }, 'fine')
    f({ neighbours: [{ pid: '7', runtime: 'envoy', name: 'envoy' }] }, 'fine')
    f({ longRun: { seconds: 7200, anonShmemP99Bytes: 1300 * MIB } }, 'fine')
  })
  test('its share is large already', () => {
    f({ heapMaxBytes: 716 * MIB }, 'warning')
    f({ heapMaxBytes: 717 * MIB }, 'fine')
  })
  test('there is no room for more', () => {
    f({ classes: 200_000, osThreads: 2000 }, 'fine')
  })
})

test('too little is known', () => {
  f({ longRun: { seconds: 600, anonShmemP99Bytes: 800 * MIB } }, 'not-judged')
  f({ longRun: { seconds: 7200 } }, 'not-judged')
  expect(answerOf(RULE, without(starved, 'heapMaxBytes'))).toBe('not-judged')
  expect(answerOf(RULE, without(without(starved, 'recent'), 'heapLiveBytes'))).toBe('not-judged')
  expect(answerOf(RULE, without(starved, 'memoryLimitBytes'))).toBe('fine')
})

test('recorded: a quarter of 4 GiB, with and without pressure', () => {
  const jvm = recorded('jdk17-default-serial-4g-quota0.5', {
    memoryLimitBytes: 4 * GIB,
    longRun: { seconds: 7200, anonShmemP99Bytes: GIB },
    ...calm,
  })
  expect(answerOf(RULE, jvm)).toBe('fine')
  expect(answerOf(RULE, { ...jvm, ...seen({ gcCpuSeconds: 60 }) })).toBe('warning')
  const blind = recorded('jdk8-parallel-nocontainer', { memoryLimitBytes: 3 * GIB })
  expect(answerOf(RULE, blind)).toBe('fine')
})
