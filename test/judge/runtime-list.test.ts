import { describe, expect, test } from 'vitest'
import type { Severity } from '../../catalog/finding.ts'
import { FINE, type Judgement, notJudged } from '../../judge/finding.ts'
import type { Judged } from '../../judge/lifecycle.ts'
import type { RuntimeProfile } from '../../judge/profile.ts'
import type { RuntimeSeen } from '../../judge/profiles.ts'
import { runtimeList } from '../../judge/runtime-list.ts'

const NOW = Date.parse('2025-11-30')

const seen = (
  pid: string,
  more: Partial<RuntimeProfile> = {},
  about: Partial<RuntimeSeen> = {},
): RuntimeSeen => ({
  workload: `shop-${pid}`,
  profile: {
    kind: 'runtime',
    runtime: 'jvm',
    entity: { 'host.id': 'a', 'process.pid': pid, 'process.creation.time': 'then' },
    name: `pid ${pid}`,
    machine: 'web-1',
    jvmsInCgroup: 1,
    ...more,
  },
  ...about,
})

const verdict = (severity: Severity) => ({
  rule: 'jvm.heap-exceeds-limit' as const,
  severity,
  confidence: 'exact' as const,
  summary: `It is ${severity}.`,
  evidence: [],
  fix: `mend ${severity}`,
  fixValues: {},
})
const judgedAs = ({ profile }: RuntimeSeen, ...judgements: readonly Judgement[]): Judged[] =>
  judgements.map((judgement) => ({ subject: profile, rule: 'jvm.heap-exceeds-limit', judgement }))

describe('verdict', () => {
  const f = (severities: readonly Severity[], judgements: readonly Judgement[], want: object) => {
    const one = seen('1')
    const findings = severities.map((each) => ({ ...verdict(each), ...one.profile }))
    expect(runtimeList([one], judgedAs(one, ...judgements), findings, NOW)[0]).toMatchObject(want)
  }
  test('the worst finding, and how many there are', () =>
    f(['warning', 'critical', 'info'], [FINE], {
      verdict: 'critical',
      fix: 'mend critical',
      rule: 'jvm.heap-exceeds-limit',
      findings: 3,
    }))
  test('fine, by those that could judge', () =>
    f([], [FINE, notJudged('x')], { verdict: 'fine', findings: 0, rules: 2, judged: 1 }))
  test('not judged, for the most frequent reason', () =>
    f([], [notJudged('x'), notJudged('y'), notJudged('y')], { verdict: 'not-judged', reason: 'y' }))
  test('not judged, for lack of a rule', () =>
    f([], [], { verdict: 'not-judged', reason: 'no rule is about it' }))
})

test('no limit is null, one that was not read is absent', () => {
  const all = runtimeList(
    [
      seen('1', { cpuLimitCores: 2, memoryLimitBytes: 5 }),
      seen('2'),
      seen('3', {}, { unread: 'unknown' }),
    ],
    [],
    [],
    NOW,
  )
  expect(all[0]).toMatchObject({ enforcedCpus: 2, enforcedMemoryBytes: 5 })
  expect(all[1]).toMatchObject({ enforcedCpus: null, enforcedMemoryBytes: null })
  expect(all[2]).not.toHaveProperty('enforcedCpus')
})

test('a version out of support is marked', () => {
  const [line] = runtimeList([seen('1', { version: '23.0.1' })], [], [], NOW)
  expect(line!.supportEnded).toEqual({ line: '23', end: '2025-03-18' })
  const [kept] = runtimeList([seen('1', { version: '21.0.1' })], [], [], NOW)
  expect(kept).not.toHaveProperty('supportEnded')
})

test('the worst first, then by workload', () => {
  const all = [seen('1'), seen('2'), seen('3'), seen('4')]
  const [fine, , critical, info] = all
  const lines = runtimeList(
    all,
    judgedAs(fine!, FINE),
    [
      { ...verdict('critical'), ...critical!.profile },
      { ...verdict('info'), ...info!.profile },
    ],
    NOW,
  )
  expect(lines.map(({ pid }) => pid)).toEqual(['3', '4', '2', '1'])
})
