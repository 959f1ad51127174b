import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import {
  answerOf,
  believes,
  calm,
  GIB,
  judgementOf,
  quota,
  recorded,
  seen,
  verdictOf,
  well,
} from './cpu-profiles.ts'

const RULE = 'jvm.concurrent-gc-starved'
const shenandoah = (change: Partial<RuntimeProfile>) =>
  recorded('jdk21-shenandoah', {
    memoryLimitBytes: GIB,
    ...quota(1),
    ...believes(1),
    recent: calm,
    ...change,
  })

test('21 with Shenandoah in one CPU: only where threads had to wait', () => {
  expect(answerOf(RULE, shenandoah({}))).toBe('fine')
  expect(verdictOf(RULE, shenandoah(seen({ allocationStalls: 2 })))).toMatchObject({
    severity: 'warning',
    confidence: 'exact',
    summary:
      'Shenandoah works beside the program, with 1 core for both: threads had to wait for it.',
    evidence: [{ value: 1 }, { value: 2, windowSeconds: 600 }, { value: 0.01 }],
    fix: 'replace -XX:+UseShenandoahGC by -XX:+UseSerialGC, or give it 4 CPUs',
  })
})

test('or where it takes a good part of the CPU time', () => {
  expect(answerOf(RULE, shenandoah(seen({ gcCpuSeconds: 60 })))).toBe('fine')
  expect(verdictOf(RULE, shenandoah(seen({ gcCpuSeconds: 63 }))).summary).toMatch(
    /it takes 21 % of the CPU time of the JVM\.$/,
  )
  expect(answerOf(RULE, shenandoah(seen({ cpuSeconds: 20, gcCpuSeconds: 10 })))).toBe('fine')
})

describe('the fix', () => {
  const fix = (change: Partial<RuntimeProfile>) =>
    verdictOf(RULE, { ...well, ...quota(1.5), ...seen({ allocationStalls: 1 }), ...change }).fix
  test('between one CPU and two: G1', () => {
    expect(fix({ collector: 'ZGC', flags: ['-XX:+UseZGC'] })).toBe(
      'replace -XX:+UseZGC by -XX:+UseG1GC, or give it 4 CPUs',
    )
  })
  test('a heap too large for Serial: G1', () => {
    const large = { collector: 'ZGC', flags: ['-XX:+UseZGC'], heapMaxBytes: 2 * GIB }
    expect(fix({ ...large, ...quota(1) })).toMatch(/UseG1GC/)
  })
  test('G1 already: one thread beside the program', () => {
    expect(fix({ flags: [] })).toBe('add -XX:ConcGCThreads=1, or give it 2 CPUs')
  })
})

describe('so many threads beside the program that there is no CPU left, however many there are', () => {
  const stalls = seen({ allocationStalls: 9 })
  const conc = (threads: number) => ({ flags: ['-XX:+UseG1GC', `-XX:ConcGCThreads=${threads}`] })
  test('what it says', () => {
    expect(verdictOf(RULE, { ...well, ...quota(4), ...stalls, ...conc(8) })).toMatchObject({
      severity: 'warning',
      summary: 'G1 works beside the program, with 4 cores for both: threads had to wait for it.',
      evidence: [{ value: 4 }, { value: 9 }, {}, { value: 8, source: 'ConcGCThreads' }],
      fix: 'replace -XX:ConcGCThreads=8 by -XX:ConcGCThreads=1, or give it more CPUs than threads that collect',
      fixValues: { concGcThreads: 1 },
    })
  })
  const f = (change: Partial<RuntimeProfile>, want: string) =>
    expect(answerOf(RULE, { ...well, ...stalls, ...change })).toBe(want)
  test('as many as CPUs, by a flag or by its own tables', () => {
    f({ ...quota(4), ...conc(4) }, 'warning')
    f({ ...quota(3.5), ...conc(4) }, 'warning')
    f({ ...quota(4), ...conc(3) }, 'fine')
    const of = (value: string) => ({
      finalFlags: { ConcGCThreads: { value, origin: 'ergonomic' } },
    })
    f({ ...quota(4), ...of('4') }, 'warning')
    f({ ...quota(4), ...of('0') }, 'fine')
    f({ ...quota(4), ...of('1'), ...conc(9) }, 'fine')
  })
  test('but nothing has to wait', () => f({ ...quota(4), ...conc(8), ...seen({}) }, 'fine'))
})

describe('no finding', () => {
  const stalls = seen({ allocationStalls: 9 })
  const f = (change: Partial<RuntimeProfile>, want: string) =>
    expect(answerOf(RULE, { ...well, ...stalls, ...change })).toBe(want)
  test('two CPUs', () => f({ collector: 'ZGC', ...quota(2) }, 'fine'))
  test('25 with ZGC and no quota on two CPUs', () => {
    expect(answerOf(RULE, recorded('jdk25-zgc', stalls))).toBe('fine')
  })
  test('a collector that stops the program for all of its work', () => {
    f({ collector: 'Parallel', ...quota(1) }, 'fine')
    f({ collector: 'Serial', ...quota(1) }, 'fine')
  })
})

test('not judged', () => {
  const why = (jvm: RuntimeProfile) => judgementOf(RULE, jvm).kind
  expect(why(without(shenandoah({}), 'collector'))).toBe('not-judged')
  expect(why(without(shenandoah({}), 'recent'))).toBe('not-judged')
  expect(why(shenandoah({ recent: { seconds: 600 } }))).toBe('not-judged')
})
