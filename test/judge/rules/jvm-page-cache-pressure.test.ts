import { describe, expect, test } from 'vitest'
import type { CgroupMemory, RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, recorded, seen, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.page-cache-pressure'
const LIMIT = 2048 * MIB

const memory: CgroupMemory = {
  usageBytes: 0.99 * LIMIT,
  anonBytes: 0.4 * LIMIT,
  cacheBytes: 0.58 * LIMIT,
  shmemBytes: 0,
  kernelBytes: 0.01 * LIMIT,
  dirtyBytes: 0.02 * LIMIT,
  writebackBytes: 0,
}
const quiet = { memorySomeSeconds: 0, scannedPages: 0, refaultedFilePages: 0 }

/** A program that spills to disk: 30 MiB a second are read again, and tasks wait. */
const spills: RuntimeProfile = {
  ...well,
  main: 'org.apache.spark.executor.CoarseGrainedExecutorBackend',
  cgroupMemory: memory,
  ...seen({ memorySomeSeconds: 120, scannedPages: 0, refaultedFilePages: 600 * 7680 }),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...spills, ...change })).toBe(want)

test('what it says', () => {
  expect(verdictOf(RULE, spills)).toMatchObject({
    severity: 'high',
    summary:
      '1188 MiB of files fill the limit of 2048 MiB beside 840 MiB of its own, and tasks waited for memory in 20 % of the time.',
    fix: 'lower the heap of the executor, or raise spark.executor.memoryOverheadFactor; set memory.high of /c to 1843 MiB, so that reclaim starts before the limit',
  })
  expect(verdictOf(RULE, { ...spills, main: 'kafka.Kafka' }).fix).toMatch(/^lower the heap, so /)
})

test('memory.high is advised only where it does not slow down the JVM itself', () => {
  const large = { ...spills, heapMaxBytes: 1700 * MIB }
  expect(verdictOf(RULE, large)).toMatchObject({
    fix: 'lower the heap of the executor, or raise spark.executor.memoryOverheadFactor',
    fixValues: {},
  })
  expect(answerOf('jvm.memory-high-below-need', { ...large, memoryHighBytes: 0.9 * LIMIT })).toBe(
    'high',
  )
  expect(verdictOf(RULE, without(spills, 'heapMaxBytes')).fixValues).toEqual({})
  // Where there is such a file at all.
  for (const machineCgroups of ['v1', 'hybrid'] as const)
    expect(verdictOf(RULE, { ...spills, machineCgroups })).toMatchObject({
      fix: 'lower the heap of the executor, or raise spark.executor.memoryOverheadFactor',
      fixValues: {},
    })
})

describe('each that hurts is enough', () => {
  test.each([
    [{ memorySomeSeconds: 61 }, 'high'],
    [{ memorySomeSeconds: 60 }, 'fine'],
    [{ refaultedFilePages: 600 * 5121 }, 'high'],
    [{ refaultedFilePages: 600 * 5120 }, 'fine'],
  ])('%j: %s', (change, want) => {
    f(seen({ ...quiet, ...change }), want)
  })
})

describe('traps', () => {
  test('99 % of the limit in clean pages, a fifth its own, and nobody waits: well', () => {
    const clean = { ...memory, anonBytes: 0.2 * LIMIT, cacheBytes: 0.78 * LIMIT }
    f({ cgroupMemory: clean, ...seen(quiet) }, 'fine')
  })
  test('shared memory cannot be dropped: it is no page of a file', () => {
    const shared = { ...memory, shmemBytes: 0.55 * LIMIT }
    f({ cgroupMemory: shared }, 'fine')
  })
  test('a heap of ZGC is shared memory', () => {
    const zgc = recorded('jdk25-zgc', {
      memoryLimitBytes: GIB,
      cgroupMemory: {
        usageBytes: 0.97 * GIB,
        anonBytes: 15 * MIB,
        cacheBytes: 930 * MIB,
        shmemBytes: 930 * MIB,
      },
      ...seen({ memorySomeSeconds: 120 }),
    })
    expect(answerOf(RULE, zgc)).toBe('fine')
  })
  test('a stream of files at 400 MiB a second: room is made as fast as it is read, nobody waits', () => {
    f(seen({ ...quiet, scannedPages: 600 * 102_400 }), 'fine')
    f(seen({ ...quiet, scannedPages: 600 * 102_400, memorySomeSeconds: 60 }), 'fine')
    const waits = seen({ ...quiet, scannedPages: 600 * 102_400, memorySomeSeconds: 61 })
    expect(verdictOf(RULE, { ...spills, ...waits }).evidence.at(-1)).toMatchObject({
      name: 'pages looked at',
      value: 102_400,
      unit: '{page}/s',
    })
  })
  test('room below the limit', () => {
    f({ cgroupMemory: { ...memory, usageBytes: 0.9 * LIMIT } }, 'fine')
  })
})

test('what is not written yet, or much of its own, may have it killed', () => {
  const says = (change: CgroupMemory) =>
    verdictOf(RULE, { ...spills, cgroupMemory: { ...memory, ...change } }).summary
  expect(says({})).not.toContain('killed')
  expect(says({ dirtyBytes: 0.15 * LIMIT })).not.toContain('killed')
  expect(says({ dirtyBytes: 0.1 * LIMIT, writebackBytes: 0.06 * LIMIT })).toContain('killed')
  expect(says({ anonBytes: 0.86 * LIMIT, cacheBytes: 0.12 * LIMIT })).toContain('killed')
})

test('too little is known', () => {
  expect(answerOf(RULE, without(spills, 'cgroupMemory'))).toBe('not-judged')
  f({ cgroupMemory: { usageBytes: LIMIT } }, 'not-judged')
  f({ recent: { seconds: 600 } }, 'not-judged')
  f({ recent: { seconds: 600, scannedPages: 1e9 } }, 'not-judged')
  f({ recent: { ...quiet, seconds: 60 } }, 'not-judged')
  expect(answerOf(RULE, without(spills, 'memoryLimitBytes'))).toBe('fine')
})
