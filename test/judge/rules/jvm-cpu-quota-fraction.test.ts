import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import {
  answerOf,
  believes,
  judgementOf,
  quota,
  seen,
  stopped,
  verdictOf,
  well,
} from './cpu-profiles.ts'

const RULE = 'jvm.cpu-quota-fraction'
const often = seen(stopped(0.3))
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...well, ...often, ...change })).toBe(want)

test('1.1 CPUs, rounded up to 2: raise it, or count one less', () => {
  expect(verdictOf(RULE, { ...well, ...quota(1.1), ...believes(2), ...often })).toMatchObject({
    severity: 'warning',
    summary:
      'The JVM rounds its quota of 1.1 cores up to 2, and was stopped in 30 % of the periods.',
    fix: 'raise the CPU limit of /c to 2 cores, or add -XX:ActiveProcessorCount=1',
    fixValues: { cpuLimitCores: 2, activeProcessorCount: 1 },
  })
})

test('below one CPU there is nothing to set: info, and raise it', () => {
  expect(verdictOf(RULE, { ...well, ...quota(0.2), ...believes(1), ...often })).toMatchObject({
    severity: 'info',
    fix: 'raise the CPU limit of /c to 1 core, or drop it and keep the request',
    fixValues: { cpuLimitCores: 1 },
  })
})

describe('no finding', () => {
  test('a whole quota, or nearly', () => {
    f({ ...quota(2), ...believes(2) }, 'fine')
    f({ ...quota(1.4), ...believes(2) }, 'fine')
  })
  test('hardly ever stopped', () => f({ ...quota(1.1), ...seen(stopped(0.1)) }, 'fine'))
  test('it counts more than the rounding: another rule tells', () => {
    f({ ...quota(0.5), ...believes(2) }, 'fine')
  })
  test('it was told to count less', () => f({ ...quota(1.1), ...believes(1) }, 'fine'))
  test('fewer CPUs than the quota are allowed', () => {
    f({ ...quota(1.1), affinityCpus: 1, ...believes(2) }, 'fine')
  })
  test('no quota', () => {
    expect(answerOf(RULE, without({ ...well, ...often }, 'cpuLimitCores'))).toBe('fine')
  })
})

test('not judged, and why', () => {
  const jvm = { ...well, ...quota(1.1), ...often }
  const why = (profile: RuntimeProfile) => judgementOf(RULE, profile)
  expect(why({ ...jvm, ...seen({ seconds: 299.5 }) })).toEqual({
    kind: 'not-judged',
    reason: '299 s of history, 300 s are needed',
  })
  expect(why(without(jvm, 'recent'))).toMatchObject({ kind: 'not-judged' })
  expect(why(without(jvm, 'believedCpus'))).toMatchObject({ kind: 'not-judged' })
  expect(why({ ...jvm, recent: { seconds: 600, periods: 10 } })).toEqual({
    kind: 'not-judged',
    reason: 'how often the kernel stopped its cgroup for lack of quota was not measured',
  })
})
