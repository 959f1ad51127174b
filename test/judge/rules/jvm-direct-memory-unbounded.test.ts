import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.direct-memory-unbounded'

/** 1 GiB of heap in 2 GiB; 700 MiB beside it, of which the model explains a quarter. */
const leaky: RuntimeProfile = {
  ...well,
  classes: 800,
  osThreads: 25,
  longRun: {
    seconds: 7200,
    slopeSeconds: 7200,
    nonHeapP99Bytes: 700 * MIB,
    nonHeapBytesPerHour: 0,
  },
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...leaky, ...change })).toBe(want)
const beside = (mib: number, perHourMib = 0) => ({
  longRun: {
    seconds: 7200,
    slopeSeconds: 7200,
    nonHeapP99Bytes: mib * MIB,
    nonHeapBytesPerHour: perHourMib * MIB,
  },
})

test('what it says', () => {
  expect(verdictOf(RULE, leaky)).toMatchObject({
    severity: 'warning',
    confidence: 'inferred',
    summary: expect.stringMatching(
      /^Buffers beside the heap may take another 1024 MiB; 5\d\d MiB beside the heap are not explained by anything else\.$/,
    ) as string,
    fix: expect.stringMatching(
      /^add -XX:MaxDirectMemorySize=752m -Djdk\.nio\.maxCachedBufferSize=262144$/,
    ) as string,
    fixValues: { maxDirectMemoryBytes: 752 * MIB },
  })
})

test('programs that keep buffers: worse, and a bound of their own', () => {
  const kafka = verdictOf(RULE, { ...leaky, main: 'kafka.Kafka' })
  expect(kafka.severity).toBe('high')
  expect(kafka.fix).toContain(', for Netty -Dio.netty.maxDirectMemory=')
})

describe('it is large, or it grows', () => {
  test('neither', () => {
    f(beside(300), 'fine')
    f(beside(300, 14), 'fine')
  })
  test('it grows by more than a twentieth an hour', () => {
    f(beside(300, 16), 'warning')
    expect(verdictOf(RULE, { ...leaky, ...beside(300, 16) }).summary).toContain(
      'it grows by 5.3 % an hour',
    )
  })
  test('a slope of minutes is none', () => {
    const { longRun } = beside(300, 16)
    f({ longRun: { ...longRun, slopeSeconds: 600 } }, 'fine')
  })
  test('by this moment, where hours tell nothing', () => {
    const now = { cgroupMemory: { anonBytes: 1500 * MIB }, heapCommittedBytes: 800 * MIB }
    f({ longRun: { seconds: 7200 }, ...now }, 'warning')
    f({ longRun: { seconds: 7200 } }, 'not-judged')
  })
})

test('a small one that grows gets a round bound all the same', () => {
  const tight = { ...beside(170, 16), heapMaxBytes: 1720 * MIB, flags: ['-Xmx1720m'] }
  expect(verdictOf(RULE, { ...leaky, ...tight }).fixValues).toEqual({
    maxDirectMemoryBytes: 64 * MIB,
  })
})

test('no room beside this heap', () => {
  expect(verdictOf(RULE, { ...leaky, ...beside(1200) }).fix).toMatch(
    /; it does not fit beside this heap, so lower that by 544 MiB$/,
  )
})

describe('traps', () => {
  test('it is bounded, or the limit holds both', () => {
    f({ flags: ['-Xmx1g', '-XX:MaxDirectMemorySize=64m'] }, 'fine')
    f({ flags: ['-Xmx1g', '-XX:MaxDirectMemorySize=0'] }, 'warning')
    f({ heapMaxBytes: 800 * MIB }, 'fine')
  })
  test('mapped files are not beside the heap', () => {
    const mapped = { anonBytes: 1100 * MIB, cacheBytes: 900 * MIB, usageBytes: 2000 * MIB }
    f({ longRun: { seconds: 7200 }, cgroupMemory: mapped, heapCommittedBytes: 900 * MIB }, 'fine')
  })
  test('whose memory it is', () => {
    f({ jvmsInCgroup: 2 }, 'not-judged')
    const other = { pid: '7', runtime: 'nodejs', name: 'node' } as const
    f({ neighbours: [other] }, 'not-judged')
    f({ neighbours: [{ ...other, rssAnonBytes: 300 * MIB }] }, 'fine')
    f({ neighbours: [{ ...other, rssAnonBytes: 100 * MIB }] }, 'warning')
    f({ ...beside(300, 16), neighbours: [{ ...other, rssAnonBytes: MIB }] }, 'fine')
  })
})

test('too little is known', () => {
  f({ longRun: { seconds: 600 } }, 'not-judged')
  expect(answerOf(RULE, without(leaky, 'flags'))).toBe('not-judged')
  expect(answerOf(RULE, without(leaky, 'heapMaxBytes'))).toBe('not-judged')
  expect(answerOf(RULE, without(leaky, 'memoryLimitBytes'))).toBe('fine')
})
