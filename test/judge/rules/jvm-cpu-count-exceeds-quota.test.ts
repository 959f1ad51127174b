import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import {
  answerOf,
  believes,
  GIB,
  judgementOf,
  MIB,
  quota,
  recorded,
  seen,
  stopped,
  verdictOf,
  well,
} from './cpu-profiles.ts'

const RULE = 'jvm.cpu-count-exceeds-quota'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...well, ...change })).toBe(want)

test('believed, enforced, evidence and the fix', () => {
  const found = verdictOf(RULE, { ...well, ...believes(8), ...seen(stopped(0.4)) })
  expect(found).toEqual({
    rule: RULE,
    notFrom: ['jvm.container-support-off', 'jvm.limit-on-ancestor', 'jvm.old-version'],
    severity: 'high',
    confidence: 'exact',
    summary: 'The JVM sizes its threads for 8 CPUs, the kernel grants 2 cores to /c.',
    believed: {
      name: 'CPUs that it believes in',
      value: 8,
      unit: '{cpu}',
      windowSeconds: 0,
      source: '-XX:ActiveProcessorCount',
    },
    enforced: { name: 'CPU quota', value: 2, unit: '{cpu}', windowSeconds: 0, source: '/c' },
    evidence: [
      found.believed,
      found.enforced,
      {
        name: 'periods in which it was stopped',
        value: 0.4,
        unit: '1',
        windowSeconds: 600,
        source: '/c cpu.stat',
      },
    ],
    fix: 'add -XX:ActiveProcessorCount=2',
    fixValues: { activeProcessorCount: 2 },
  })
})

describe('severity', () => {
  test.each([
    [2, 2, 'fine'],
    [3, 2, 'warning'],
    [4, 2, 'high'],
    [1, 0.5, 'fine'],
    [2, 0.5, 'high'],
    [2, 1.1, 'fine'],
    [3, 1.6, 'warning'],
  ])('%d believed, %d granted: %s', (cpus, cores, want) => {
    f({ ...believes(cpus), ...quota(cores) }, want)
  })
  test('what is inferred is told as inferred', () => {
    const believedCpus = { value: 8, confidence: 'inferred', source: 'its version' } as const
    expect(verdictOf(RULE, { ...well, believedCpus }).confidence).toBe('inferred')
  })
})

describe('a count that was set on purpose', () => {
  const flags = ['-XX:ActiveProcessorCount=8']
  test('does no harm: info', () => f({ flags, ...believes(8), ...seen(stopped(0.009)) }, 'info'))
  test('is stopped', () => f({ flags, ...believes(8), ...seen(stopped(0.011)) }, 'high'))
  test('was not watched for long enough', () =>
    f({ flags, ...believes(8), ...seen({ ...stopped(0), seconds: 299 }) }, 'high'))
  test('was not watched at all', () => {
    expect(answerOf(RULE, { ...without(well, 'recent'), flags, ...believes(8) })).toBe('high')
  })
  test('is replaced, not joined by another', () => {
    expect(verdictOf(RULE, { ...well, flags, ...believes(8) }).fix).toBe(
      'replace -XX:ActiveProcessorCount=8 by -XX:ActiveProcessorCount=2',
    )
  })
})

describe('no finding', () => {
  test('no quota, so none that is exceeded', () => {
    expect(judgementOf(RULE, { ...without(well, 'cpuLimitCores'), ...believes(64) })).toEqual({
      kind: 'fine',
    })
  })
  test('a quota above the CPUs that it may run on: these bound it', () => {
    f({ ...quota(16), affinityCpus: 4, ...believes(4) }, 'fine')
    const found = verdictOf(RULE, { ...well, ...quota(16), affinityCpus: 4, ...believes(8) })
    expect(found.enforced).toMatchObject({ value: 4, name: 'CPUs that it may run on' })
  })
  test('unknown belief: not judged, and why', () => {
    expect(judgementOf(RULE, without(well, 'believedCpus'))).toEqual({
      kind: 'not-judged',
      reason: 'how many CPUs it believes in is not known',
    })
  })
})

describe('recorded JVMs', () => {
  const strong = (value: number) => ({
    believedCpus: { value, confidence: 'strong', source: 'sun.ci.threads' } as const,
  })
  test('8 without container support: 2 CPUs in a quota of 0.5', () => {
    const found = verdictOf(
      RULE,
      recorded('jdk8-parallel-nocontainer', {
        memoryLimitBytes: 3 * GIB,
        ...quota(0.5),
        ...strong(2),
      }),
    )
    expect(found.severity).toBe('high')
    expect(found.fix).toBe('take out -XX:-UseContainerSupport, or add -XX:ActiveProcessorCount=1')
  })
  test('17 with 8 CPUs by a flag in a quota of 1', () => {
    const jvm = recorded('jdk17-g1-apc8-quota1', {
      memoryLimitBytes: 512 * MIB,
      ...quota(1),
      ...believes(8),
    })
    expect(verdictOf(RULE, jvm)).toMatchObject({
      severity: 'high',
      fix: 'replace -XX:ActiveProcessorCount=8 by -XX:ActiveProcessorCount=1',
    })
  })
  test('8 by shares, no quota', () => {
    const jvm = recorded('jdk8-default-serial-shares102', { cpuShares: 102, ...strong(1) })
    expect(answerOf(RULE, jvm)).toBe('fine')
  })
  test('17 with 0.5, which it knows', () => {
    const jvm = recorded('jdk17-default-serial-4g-quota0.5', { ...quota(0.5), ...strong(1) })
    expect(answerOf(RULE, jvm)).toBe('fine')
  })
  test('a quota on the cgroup above: 17 does not see it, 25 does', () => {
    const above = { cpuLimitCores: 0.5, affinityCpus: 2 }
    const blind = recorded('jdk17-default-serial-4g-quota0.5', { ...above, ...strong(2) })
    expect(verdictOf(RULE, blind)).toMatchObject({
      severity: 'high',
      enforced: { source: '/c or a cgroup above it' },
    })
    expect(answerOf(RULE, recorded('jdk25-zgc', { ...above, ...strong(1) }))).toBe('fine')
  })
})
