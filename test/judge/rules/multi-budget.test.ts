import { describe, expect, test } from 'vitest'
import type { Neighbour, RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf, well } from './cpu-profiles.ts'
import { nodejs } from './other-profiles.ts'

const RULE = 'multi.budget'
const other = (
  pid: string,
  mib: number | undefined,
  change: Partial<Neighbour> = {},
): Neighbour => ({
  pid,
  runtime: 'nodejs',
  name: `pid ${pid}`,
  ...(mib !== undefined && { believedMemoryBytes: mib * MIB }),
  ageSeconds: 3600,
  ...change,
})
/** A heap of 1 GiB and a V8 of 1 GiB in 2 GiB. */
const profile: RuntimeProfile = {
  ...well,
  osThreads: 40,
  classes: 8000,
  neighbours: [other('50', 1024)],
}
const limited = (mib: number) => ({
  memoryLimitBytes: mib * MIB,
  ownMemoryLimitBytes: mib * MIB,
})
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...profile, ...change })).toBe(want)

test('two that each take half, and need more beside it', () => {
  const found = verdictOf(RULE, profile)
  expect(found).toMatchObject({
    severity: 'high',
    confidence: 'inferred',
    believed: { value: 2 * GIB },
    enforced: { value: 2 * GIB, source: '/c' },
  })
  expect(found.summary).toMatch(
    /^2 runtimes in one cgroup may come to 2\d\d\d MiB, the kernel stops \/c at 2048 MiB\.$/,
  )
  expect(found.fix).toMatch(
    /^divide it: pid 42 \(Main\) (\d+) MiB, pid 50 \1 MiB; or raise the limit to \d{4} MiB$/,
  )
  // What is divided, and what is beside it, fit together.
  const beside = found.evidence[2]!.value - found.evidence[0]!.value
  expect(2 * found.fixValues['ownBytes']! + beside).toBeLessThanOrEqual(0.95 * 2 * GIB)
  expect(found.fixValues['memoryLimitBytes']! * 0.95).toBeGreaterThanOrEqual(
    found.evidence[2]!.value,
  )
})

test('what they manage alone is too much: no model is needed', () => {
  const found = verdictOf(RULE, { ...profile, neighbours: [other('50', 900), other('51', 900)] })
  expect(found.confidence).toBe('strong')
})

describe('told once, by the one that believes in the most', () => {
  test('less than the neighbour', () => f({ neighbours: [other('50', 1025)] }, 'fine'))
  test('as much: the lowest pid', () => {
    f({ neighbours: [other('41', 1024)] }, 'fine')
    f({ neighbours: [other('43', 1024)] }, 'high')
  })
})

describe('no finding', () => {
  test('they fit', () => f({ neighbours: [other('50', 512)] }, 'fine'))
  test('alone', () => {
    f({ neighbours: [] }, 'fine')
    expect(answerOf(RULE, without(profile, 'neighbours'))).toBe('fine')
  })
  test('no limit', () => {
    expect(answerOf(RULE, without(profile, 'memoryLimitBytes'))).toBe('fine')
  })
  test('a tool that looks and goes', () => {
    const probe = other('50', 1024, { runtime: 'jvm', ageSeconds: 59 })
    f({ neighbours: [probe] }, 'fine')
    f({ neighbours: [{ ...probe, ageSeconds: 60 }] }, 'high')
    f({ ageSeconds: 59 }, 'not-judged')
  })
  test('one that manages nothing takes no share: other rules tell of that', () => {
    f({ neighbours: [other('50', undefined, { rssAnonBytes: 1500 * MIB })] }, 'fine')
  })
})

test('what others hold counts too', () => {
  const two = [other('50', 600), other('51', undefined, { rssAnonBytes: 400 * MIB })]
  f({ neighbours: [two[0]!] }, 'fine')
  f({ neighbours: two }, 'high')
  f({ neighbours: [two[0]!, other('51', undefined)] }, 'not-judged')
})

test('no room to divide: raise the limit', () => {
  const tiny = { memoryLimitBytes: 128 * MIB, ownMemoryLimitBytes: 128 * MIB }
  expect(verdictOf(RULE, { ...profile, ...tiny }).fix).toMatch(
    /^raise the limit to \d+ MiB: what they need beside/,
  )
})

test('of many the largest are named', () => {
  const many = [50, 51, 52, 53, 54, 55].map((pid) => other(String(pid), 500))
  expect(verdictOf(RULE, { ...profile, neighbours: many }).fix).toMatch(/, and 3 more; or raise/)
})

describe('what each takes by default', () => {
  const node = (pid: string, heldMib: number | undefined): Neighbour =>
    other(pid, 1120, {
      byDefault: true,
      ...(heldMib !== undefined && { rssAnonBytes: heldMib * MIB }),
    })
  const own = { value: 1120 * MIB, confidence: 'strong', source: 'default of Node.js 24' } as const
  /** A program of Node.js in 2 GiB, of which it would take half. */
  const app: RuntimeProfile = {
    ...nodejs,
    ...limited(2048),
    believedMemory: own,
    rssAnonBytes: 200 * MIB,
  }
  const g = (change: Partial<RuntimeProfile>, want: string) =>
    expect(answerOf(RULE, { ...app, ...change })).toBe(want)
  test('npm that started it holds next to nothing', () => {
    g({ neighbours: [node('50', 50)] }, 'info')
  })
  test('a cluster of which half of the limit is held', () => {
    const four = ['50', '51', '52', '53'].map((pid) => node(pid, 200))
    g({ neighbours: four }, 'info')
    g({ neighbours: [...four, node('54', 200)] }, 'warning')
  })
  test('what is held, and what was set, is too much', () => {
    const jvm = other('40', 1500, { runtime: 'jvm' })
    g(
      { neighbours: [jvm], rssAnonBytes: 100 * MIB, believedMemory: { ...own, value: 1600 * MIB } },
      'warning',
    )
    g(
      { neighbours: [jvm], rssAnonBytes: 500 * MIB, believedMemory: { ...own, value: 1600 * MIB } },
      'high',
    )
  })
  test('what is held is not known: as if it were all of it', () => {
    g({ neighbours: [node('50', undefined)] }, 'warning')
  })
})
