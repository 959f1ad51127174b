import { describe, expect, test } from 'vitest'
import { advance, NOTHING_YET, raisedFindings } from '../../../judge/lifecycle.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, judgementOf, quota, seen, stopped, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.startup-throttled'
const start = { ...stopped(0.6), seconds: 100, cpuSeconds: 80, jitCpuSeconds: 30 }
const jvm: RuntimeProfile = { ...well, ...quota(1), ageSeconds: 120, ...seen(start) }
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...jvm, ...change })).toBe(want)

test('stopped for most of its start, and it compiles', () => {
  const found = verdictOf(RULE, jvm)
  expect(found).toMatchObject({
    severity: 'warning',
    summary:
      'While it started, the quota of 1 core stopped it in 60 % of the periods, and 37.5 % of its CPU time went to compiling.',
    evidence: [{ value: 0.6, windowSeconds: 100 }, { value: 0.375 }, { value: 1 }],
    fixValues: { cpuLimitCores: 2 },
  })
  expect(found.fix).toMatch(/^give \/c 2 cores for the start/)
})

test('below one CPU that is what was asked for: info', () => f(quota(0.5), 'info'))

test('what was seen of the start stays said for an hour', () => {
  let state = NOTHING_YET
  const raised = (...ages: readonly number[]) => {
    for (const ageSeconds of ages)
      state = advance(
        state,
        [{ subject: jvm, rule: RULE, judgement: judgementOf(RULE, { ...jvm, ageSeconds }) }],
        ageSeconds * 1000,
      )
    return raisedFindings(state).length
  }
  expect(raised(100, 160, 220, 1000, 3600)).toBe(1)
  expect(raised(3660, 3720, 3780)).toBe(0)
})

describe('no finding', () => {
  test('stopped less', () => f(seen({ ...start, ...stopped(0.5) }), 'fine'))
  test('it is not the compiler', () => f(seen({ ...start, jitCpuSeconds: 16 }), 'fine'))
  test('no quota', () => expect(answerOf(RULE, without(jvm, 'cpuLimitCores'))).toBe('fine'))
})

describe('not judged, and why', () => {
  const f = (profile: RuntimeProfile, want: RegExp) => {
    const judgement = judgementOf(RULE, profile)
    expect(judgement.kind === 'not-judged' ? judgement.reason : judgement.kind).toMatch(want)
  }
  test('the start was not seen', () => {
    f({ ...jvm, ageSeconds: 181 }, /its start is over/)
    f(without(jvm, 'ageSeconds'), /when it started is not known/)
    f({ ...jvm, ...seen({ ...start, seconds: 59 }) }, /59 s of history/)
  })
  test('not measured', () => {
    f({ ...jvm, recent: { seconds: 100 } }, /how often the kernel stopped/)
    f({ ...jvm, recent: { seconds: 100, ...stopped(0.6), cpuSeconds: 9 } }, /its compiler/)
  })
})
