import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.limit-changed-after-start'
const limited = (mib: number) => ({ memoryLimitBytes: mib * MIB, ownMemoryLimitBytes: mib * MIB })
const startedWith = (mib: number | undefined, fromStart = true) => ({
  first: { fromStart, ...(mib !== undefined && { memoryLimitBytes: mib * MIB }) },
})

/** A quarter of 2 GiB, chosen by itself. */
const jvm: RuntimeProfile = {
  ...well,
  heapMaxBytes: 512 * MIB,
  flags: [],
  classes: 800,
  osThreads: 25,
  ...limited(2048),
  ...startedWith(2048),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...jvm, ...change })).toBe(want)

describe('it shrank', () => {
  test('the heap still fits, then it does not', () => {
    f(limited(2048), 'fine')
    f(limited(1024), 'fine')
    f(limited(600), 'high')
  })
  test('what it says', () => {
    expect(verdictOf(RULE, { ...jvm, ...limited(600) })).toMatchObject({
      confidence: 'strong',
      summary: expect.stringMatching(
        /^It was started for 2048 MiB and may come to 6\d\d MiB; \/c is stopped at 600 MiB now\.$/,
      ) as string,
      fix: 'restart it, since a heap is sized when a JVM starts: it would take 150 MiB now',
      fixValues: { heapMaxBytes: 150 * MIB },
    })
  })
  test('a heap that is fixed needs other flags', () => {
    const fixed = { ...jvm, flags: ['-Xmx512m'], ...limited(600) }
    expect(verdictOf(RULE, fixed).fix).toMatch(
      /^restart it with other flags: replace -Xmx512m by -XX:MaxRAMPercentage=\d\d\.0 /,
    )
  })
  test('what it would take now does not fit either: other flags', () => {
    const large = { ...jvm, flags: ['-XX:MaxRAMPercentage=90.0'], heapMaxBytes: 1844 * MIB }
    expect(verdictOf(RULE, { ...large, ...limited(1024) }).fix).toMatch(
      /^restart it with other flags: replace -XX:MaxRAMPercentage=90\.0 by /,
    )
  })
  test('from no limit at all', () => {
    expect(verdictOf(RULE, { ...jvm, ...limited(600), ...startedWith(undefined) }).summary).toMatch(
      /^It was started for 65536 MiB /,
    )
  })
})

describe('its start was not seen', () => {
  test('the heap is not what it would make of the limit', () => {
    const late = { ...jvm, ...limited(600), ...startedWith(600, false) }
    expect(verdictOf(RULE, late)).toMatchObject({ confidence: 'inferred', severity: 'high' })
    expect(verdictOf(RULE, late).summary).toMatch(/^It was started for another limit /)
  })
  test('nor was a change in the first minute', () => {
    const young = { ...jvm, ...limited(600), ...startedWith(600) }
    expect(verdictOf(RULE, young)).toMatchObject({ confidence: 'inferred', severity: 'high' })
    f({ ...limited(600), ...startedWith(600), heapMaxBytes: 150 * MIB }, 'fine')
  })
  test('a heap is a little more than its share, by alignment', () => {
    // 80 % of 600 MiB are 480 MiB.
    const late = {
      ...limited(600),
      ...startedWith(600, false),
      flags: ['-XX:MaxRAMPercentage=80.0'],
    }
    f({ ...late, heapMaxBytes: 520 * MIB }, 'fine')
    f({ ...late, heapMaxBytes: 540 * MIB }, 'high')
  })
  test('but a flag, or a blind build, made it so', () => {
    f({ ...limited(600), ...startedWith(600, false), flags: ['-Xmx512m'] }, 'fine')
    f({ ...limited(600), ...startedWith(600, false), version: '1.8.0_151' }, 'fine')
  })
})

describe('it grew', () => {
  test('by half, and the heap is a share of it', () => {
    f(limited(3072), 'info')
    f(limited(3000), 'fine')
    f({ ...limited(3072), heapMaxBytes: GIB }, 'fine')
    expect(verdictOf(RULE, { ...jvm, ...limited(4096) }).fix).toBe(
      'restart it, since a heap is sized when a JVM starts: it would take 1024 MiB now',
    )
  })
  test('a fixed heap does not grow with it', () => {
    f({ ...limited(4096), flags: ['-Xmx512m'] }, 'fine')
  })
})

test('no limit; nothing known', () => {
  expect(answerOf(RULE, without(jvm, 'memoryLimitBytes'))).toBe('fine')
  expect(answerOf(RULE, without(jvm, 'first'))).toBe('not-judged')
  expect(answerOf(RULE, without(jvm, 'heapMaxBytes'))).toBe('not-judged')
  f({ ...limited(600), jvmsInCgroup: 2 }, 'not-judged')
  // The limit is above, and what the JVM sees instead is not known.
  const above = without(without(jvm, 'ownMemoryLimitBytes'), 'machineMemoryBytes')
  const unseen = { memoryLimitBytes: 600 * MIB, memoryLimitCgroup: '/' }
  expect(verdictOf(RULE, { ...above, ...unseen }).fix).toMatch(/^restart it with other flags: /)
})

test('a limit beyond the machine changes nothing', () => {
  const large = { machineMemoryBytes: 2 * GIB }
  f({ ...large, ...limited(8192), ...startedWith(4096) }, 'fine')
})
