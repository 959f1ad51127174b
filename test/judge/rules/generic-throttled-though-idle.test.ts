import { describe, expect, test } from 'vitest'
import type { Neighbour, RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, judgementOf, quota, seen, stopped, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'generic.throttled-though-idle'
const idle = { ...stopped(0.25), cgroupCpuSeconds: 240 }
const profile: RuntimeProfile = { ...well, runtime: 'go', ...quota(2), ...seen(idle) }
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...profile, ...change })).toBe(want)

test('a fifth of the quota used, and stopped in a quarter of the periods', () => {
  expect(verdictOf(RULE, profile)).toMatchObject({
    severity: 'warning',
    confidence: 'exact',
    summary: 'The quota of 2 cores stopped /c in 25 % of the periods, though it used 20 % of it.',
    enforced: { value: 2, source: '/c' },
    evidence: [{ value: 0.25 }, { value: 0.2, windowSeconds: 600 }, { value: 2 }],
    fix: 'run fewer threads at once, or let it save up (cpu.max.burst = 200000, since kernel 5.14), or raise the limit to 4 cores, or drop it and keep the request',
    fixValues: { burstUs: 200_000, cpuLimitCores: 4 },
  })
})

test('a kernel that stops without need is named, a newer one is not', () => {
  const fix = (kernel: string) => verdictOf(RULE, { ...profile, machineCgroups: 'v1', kernel }).fix
  expect(fix('3.10.0-1160.el7')).toMatch(
    /cpu\.cfs_burst_us.*, or go to kernel 5\.4 or later \(3\.10/,
  )
  expect(fix('5.3.18')).toMatch(/go to kernel/)
  expect(fix('5.4.0')).not.toMatch(/go to kernel/)
  expect(fix('6.1.0')).not.toMatch(/go to kernel/)
})

describe('no finding', () => {
  test('most of the quota is used', () => {
    f(seen({ ...idle, cgroupCpuSeconds: 719 }), 'warning')
    f(seen({ ...idle, cgroupCpuSeconds: 720 }), 'fine')
  })
  test('hardly ever stopped', () => f(seen({ ...idle, ...stopped(0.1) }), 'fine'))
  test('at rest', () => f(seen({ periods: 0, throttledPeriods: 0, cgroupCpuSeconds: 0 }), 'fine'))
  test('no quota', () => {
    const unlimited = without(without(profile, 'cpuLimitCores'), 'ownCpuLimitCores')
    expect(answerOf(RULE, unlimited)).toBe('fine')
  })
})

test('told once a cgroup, by the lowest pid', () => {
  const other = (pid: string): Neighbour => ({ pid, runtime: 'go', name: `pid ${pid}` })
  f({ neighbours: [other('43'), other('100')] }, 'warning')
  f({ neighbours: [other('43'), other('9')] }, 'fine')
})

describe('not judged, and why', () => {
  const why = (change: RuntimeProfile) => {
    const judgement = judgementOf(RULE, change)
    return judgement.kind === 'not-judged' ? judgement.reason : judgement.kind
  }
  test('a quota above: others may have used it', () => {
    expect(why({ ...profile, ownCpuLimitCores: 4 })).toMatch(/sits on a cgroup above/)
    expect(why(without(profile, 'ownCpuLimitCores'))).toMatch(/sits on a cgroup above/)
  })
  test('not measured, or not for long enough', () => {
    expect(why({ ...profile, recent: { seconds: 600, ...stopped(0.2) } })).toMatch(/CPU time/)
    expect(why({ ...profile, recent: { seconds: 600 } })).toMatch(/how often/)
    expect(why({ ...profile, ...seen({ ...idle, seconds: 299 }) })).toMatch(/^299 s/)
  })
})
