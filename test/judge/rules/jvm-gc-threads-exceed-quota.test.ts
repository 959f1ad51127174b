import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import {
  answerOf,
  believes,
  judgementOf,
  MIB,
  quota,
  recorded,
  seen,
  stopped,
  verdictOf,
  well,
} from './cpu-profiles.ts'

const RULE = 'jvm.gc-threads-exceed-quota'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...well, ...change })).toBe(want)
const parallel = { collector: 'Parallel', flags: ['-XX:+UseParallelGC'] }

test('17 with G1 and 8 CPUs by a flag in a quota of 1', () => {
  const jvm = recorded('jdk17-g1-apc8-quota1', {
    memoryLimitBytes: 512 * MIB,
    ...quota(1),
    ...believes(8),
    gcThreads: 5,
  })
  expect(verdictOf(RULE, jvm)).toMatchObject({
    severity: 'warning',
    summary: 'G1 may collect with 8 threads at once, the kernel grants 1 core to /c.',
    believed: { value: 8, unit: '{thread}', source: '8 CPUs that it believes in' },
    fix: 'add -XX:ParallelGCThreads=1 -XX:ConcGCThreads=1',
    fixValues: { parallelGcThreads: 1, concGcThreads: 1 },
  })
})

describe('severity', () => {
  test('Parallel', () => f({ ...parallel, ...believes(8) }, 'high'))
  test('of 8, which makes all of them', () => {
    f({ ...parallel, version: '1.8.0_504', ...believes(8), gcThreads: 2 }, 'high')
  })
  test('made on demand, and few were seen', () => {
    f({ ...parallel, ...believes(8), gcThreads: 2 }, 'info')
    f({ ...believes(8), gcThreads: 2 }, 'info')
  })
  test('made on demand, and many were seen', () => f({ ...believes(8), gcThreads: 6 }, 'warning'))
  test('stopped while it collects', () => {
    const change = { ...stopped(0.06), stopSeconds: 30, gcCpuSeconds: 20 }
    f({ ...believes(8), gcThreads: 2, ...seen(change) }, 'high')
    f({ ...believes(8), gcThreads: 2, ...seen({ ...change, ...stopped(0.04) }) }, 'info')
    f({ ...believes(8), gcThreads: 2, ...seen({ ...change, gcCpuSeconds: 30 }) }, 'info')
  })
})

describe('how many there may be', () => {
  const count = (change: Partial<RuntimeProfile>) =>
    verdictOf(RULE, { ...well, ...quota(1), ...change }).believed
  test('by a flag, whatever it believes', () => {
    const flags = ['-XX:ParallelGCThreads=16']
    expect(count({ flags })).toMatchObject({ value: 16, source: '-XX:ParallelGCThreads' })
    expect(verdictOf(RULE, { ...well, flags }).fix).toBe(
      'replace -XX:ParallelGCThreads=16 by -XX:ParallelGCThreads=2 -XX:ConcGCThreads=1',
    )
    f({ flags: ['-XX:ParallelGCThreads=2'], ...believes(8) }, 'fine')
  })
  test('by its own table', () => {
    const finalFlags = { ParallelGCThreads: { value: '13', origin: 'default' } }
    expect(count({ finalFlags })).toMatchObject({ value: 13, source: 'flag ParallelGCThreads' })
  })
  test('more than 8 CPUs: five of eight', () => {
    expect(count({ ...believes(16) })).toMatchObject({ value: 13 })
  })
  test('of ZGC and Shenandoah, by their own reckoning', () => {
    expect(count({ collector: 'ZGC', ...believes(16) })).toMatchObject({ value: 10 })
    expect(count({ collector: 'Shenandoah', ...believes(16) })).toMatchObject({ value: 8 })
  })
  test('seen, where what it believes is a guess', () => {
    const believedCpus = { value: 1, confidence: 'inferred', source: 'its version' } as const
    expect(count({ believedCpus, gcThreads: 6 })).toMatchObject({ value: 6 })
  })
  test('a program that calls its threads so explains no more than the machine does', () => {
    const guess = { value: 1, confidence: 'inferred', source: 'its version' } as const
    expect(count({ believedCpus: guess, gcThreads: 500 })).toMatchObject({ value: 8 })
    f({ ...believes(2), gcThreads: 500 }, 'fine')
  })
  test('flags that are hidden: set, not add', () => {
    expect(verdictOf(RULE, { ...well, ...believes(8), flags: [CUT] }).fix).toMatch(/^set -XX:/)
  })
})

describe('no finding', () => {
  test('as many as there are CPUs', () => f(believes(2), 'fine'))
  test('one more is no crowd', () => {
    f({ ...quota(0.5), ...believes(2), ...parallel }, 'fine')
    f({ ...quota(1), ...believes(2) }, 'fine')
  })
  test('three in two', () => f(believes(3), 'fine'))
  test('Serial has one', () => f({ collector: 'Serial', ...believes(8) }, 'fine'))
  test('no quota', () => {
    expect(answerOf(RULE, { ...without(well, 'cpuLimitCores'), ...believes(64) })).toBe('fine')
  })
  test('nothing known: not judged, and why', () => {
    expect(judgementOf(RULE, without(well, 'believedCpus'))).toEqual({
      kind: 'not-judged',
      reason: 'how many threads its collector may make is not known',
    })
  })
})
