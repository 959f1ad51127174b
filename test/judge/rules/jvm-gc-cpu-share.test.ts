import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, judgementOf, MIB, seen, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.gc-cpu-share'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...well, ...change })).toBe(want)

test('ZGC that hardly pauses and takes half of the CPU time', () => {
  const moved = seen({ cpuSeconds: 600, gcCpuSeconds: 282, stopSeconds: 0.1 })
  expect(verdictOf(RULE, { ...well, collector: 'ZGC', ...moved })).toMatchObject({
    severity: 'high',
    confidence: 'exact',
    summary: 'ZGC takes 47 % of the CPU time of the JVM, 23.5 % of its quota.',
    evidence: [
      { name: 'share of its CPU time that collects', value: 0.47, windowSeconds: 600 },
      { name: 'share of the quota', value: 0.235 },
    ],
  })
})

describe('severity', () => {
  test.each([
    [30, 'fine'],
    [31, 'warning'],
    [75, 'warning'],
    [76, 'high'],
  ])('%i s of 300 s: %s', (gcCpuSeconds, want) => f(seen({ gcCpuSeconds }), want))
  test('little of a large process, but a good part of the quota', () => {
    const moved = { cpuSeconds: 3000, gcCpuSeconds: 181 }
    f(seen(moved), 'high')
    f(seen({ ...moved, gcCpuSeconds: 180 }), 'fine')
    expect(answerOf(RULE, { ...without(well, 'cpuLimitCores'), ...seen(moved) })).toBe('fine')
  })
})

describe('the fix', () => {
  const fix = (change: Partial<RuntimeProfile>) =>
    verdictOf(RULE, { ...well, ...seen({ gcCpuSeconds: 60 }), ...change })
  test('a heap that is full of what lives: twice of that, where the limit holds it', () => {
    const found = fix({ heapLiveBytes: 700 * MIB, memoryLimitBytes: 4 * GIB })
    expect(found.fix).toBe('replace -Xmx1g by -Xmx1408m (700 MiB of it live)')
    expect(found.fixValues).toEqual({ xmxBytes: 1408 * MIB })
    expect(found.evidence).toContainEqual(expect.objectContaining({ value: 700 * MIB }))
  })
  test('where the limit does not hold it, that has to rise first', () => {
    const found = fix({ heapLiveBytes: 700 * MIB, memoryLimitBytes: 1200 * MIB })
    expect(found.fix).toMatch(
      /^raise the memory limit of \/c to \d+ MiB and replace -Xmx1g by -Xmx1408m /,
    )
    expect(found.fixValues['memoryLimitBytes']).toBeGreaterThan(1408 * MIB)
  })
  test('without a limit just the heap', () => {
    const unlimited = without({ ...well, heapLiveBytes: 700 * MIB }, 'memoryLimitBytes')
    const found = verdictOf(RULE, { ...unlimited, ...seen({ gcCpuSeconds: 60 }) })
    expect(found.fixValues).toEqual({ xmxBytes: 1408 * MIB })
  })
  test('a heap with room is filled too fast', () => {
    expect(fix({ heapLiveBytes: 600 * MIB }).fix).toMatch(/^find out what allocates .*too fast$/)
  })
  test('nothing is claimed of a heap that was not seen', () => {
    expect(fix({}).fix).toBe(
      'find out what allocates (jcmd 42 JFR.start duration=60s settings=profile filename=/tmp/alloc.jfr)',
    )
  })
  test('collections that the program asks for', () => {
    expect(
      fix({
        ...seen({ gcCpuSeconds: 60, explicitCollections: 3 }),
        heapLiveBytes: 900 * MIB,
      }).fix,
    ).toMatch(/^take out the calls of System.gc/)
  })
})

describe('no finding', () => {
  test('a process that rests', () => f(seen({ cpuSeconds: 13, gcCpuSeconds: 11.9 }), 'fine'))
  test('its compiler is not its collector', () => f(seen({ jitCpuSeconds: 250 }), 'fine'))
})

describe('not judged', () => {
  const busy = seen({ gcCpuSeconds: 200 })
  test('less than ten minutes, or its start among them', () => {
    f(seen({ gcCpuSeconds: 200, seconds: 500 }), 'not-judged')
    f({ ...busy, ageSeconds: 700 }, 'not-judged')
    f({ ...busy, ageSeconds: 780 }, 'high')
    expect(answerOf(RULE, without({ ...well, ...busy }, 'ageSeconds'))).toBe('high')
  })
  test('CPU time that was not measured is not 0', () => {
    expect(judgementOf(RULE, { ...well, recent: { seconds: 600, cpuSeconds: 3 } })).toEqual({
      kind: 'not-judged',
      reason: 'the CPU time of its collector was not measured',
    })
  })
})
