import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, judgementOf, MIB, seen, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.gc-thrash'
/** G1: any part of the heap may be old. */
const full: RuntimeProfile = { ...well, heapLiveBytes: 950 * MIB, ...seen({ fullCollections: 6 }) }
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...full, ...change })).toBe(want)

test('full, and collected over and over', () => {
  const found = verdictOf(RULE, { ...full, memoryLimitBytes: 4 * GIB })
  expect(found).toMatchObject({
    severity: 'critical',
    confidence: 'exact',
    summary:
      'The heap is full: 92.8 % live after a collection of all of it, and there were 6 full collections in 600 s.',
    evidence: [{ value: 0.928 }, { value: 6, unit: '{collection}', windowSeconds: 600 }],
    fixValues: { xmxBytes: 1920 * MIB },
  })
  expect(found.fix).toMatch(/^replace -Xmx1g by -Xmx1920m .*; if it should need less, see what/)
})

describe('signs that it collects without end', () => {
  test('three full collections in five minutes', () => {
    f(seen({ fullCollections: 5 }), 'fine')
    f(seen({ fullCollections: 3, seconds: 300 }), 'critical')
  })
  test('threads that wait', () => {
    f(seen({ allocationStalls: 6 }), 'critical')
    f(seen({ allocationStalls: 5 }), 'fine')
  })
  test('more than half of the CPU time', () => {
    f(seen({ gcCpuSeconds: 151 }), 'critical')
    f(seen({ gcCpuSeconds: 150 }), 'fine')
    f(seen({ gcCpuSeconds: 11, cpuSeconds: 12 }), 'fine')
  })
})

describe('a heap that is divided: its old part is what is full', () => {
  const serial = { collector: 'Serial', flags: ['-Xmx1g', '-XX:+UseSerialGC'] }
  test('two thirds of it by default', () => {
    f({ ...serial, heapLiveBytes: 620 * MIB }, 'critical')
    f({ ...serial, heapLiveBytes: 600 * MIB }, 'fine')
    f({ heapLiveBytes: 620 * MIB }, 'fine')
  })
  test('flags that are hidden: high, and inferred', () => {
    const jvm = without({ ...full, ...serial, heapLiveBytes: 640 * MIB }, 'flags')
    expect(verdictOf(RULE, jvm)).toMatchObject({ severity: 'high', confidence: 'inferred' })
  })
})

describe('no finding', () => {
  test('a heap with room', () => f({ heapLiveBytes: 900 * MIB }, 'fine'))
  test('full, but at rest', () => f(seen({ fullCollections: 1 }), 'fine'))
})

describe('not judged', () => {
  test('collections that the program asks for', () => {
    expect(
      judgementOf(RULE, { ...full, ...seen({ fullCollections: 6, explicitCollections: 3 }) }),
    ).toEqual({
      kind: 'not-judged',
      reason: 'the program asks for collections itself, by System.gc()',
    })
    f(seen({ fullCollections: 6, explicitCollections: 0 }), 'critical')
  })
  test('what lives is not known', () => {
    expect(judgementOf(RULE, without(full, 'heapLiveBytes')).kind).toBe('not-judged')
    expect(judgementOf(RULE, without(full, 'heapMaxBytes')).kind).toBe('not-judged')
  })
  test('nothing was measured, or not for long enough', () => {
    f({ recent: { seconds: 600 } }, 'not-judged')
    f(seen({ fullCollections: 6, seconds: 100 }), 'not-judged')
  })
})
