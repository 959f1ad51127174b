import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, believes, GIB, MIB, recorded, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.container-support-off'

/** A quarter of 64 GiB in a container of 2 GiB and 2 CPUs, on a kernel without controllers of v1. */
const blind: RuntimeProfile = {
  ...without(well, 'believedCpus'),
  version: '17.0.19',
  flags: ['-XX:+UseG1GC'],
  heapMaxBytes: 16 * GIB,
  machineControllers: ['cpu', 'io', 'pids'],
  ...believes(8),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...blind, ...change })).toBe(want)

test('believed, enforced and the fix', () => {
  expect(verdictOf(RULE, blind)).toMatchObject({
    severity: 'critical',
    confidence: 'strong',
    summary:
      'The JVM takes itself to have the whole machine, 65536 MiB and 8 cores, not 2048 MiB and 2 cores: the kernel lists no memory or cpuset in /proc/cgroups, where its build gives up.',
    believed: { name: 'maximum of the heap', value: 16 * GIB },
    enforced: { value: 2 * GIB, source: '/c' },
    fix: expect.stringMatching(
      /^upgrade to 17\.0\.21 or later; until then add -Xmx1[67]\d\dm -XX:ActiveProcessorCount=2$/,
    ) as string,
    fixValues: { activeProcessorCount: 2 },
  })
})

describe('causes', () => {
  const cause = (change: Partial<RuntimeProfile>) => {
    const { summary, fix } = verdictOf(RULE, { ...blind, ...change })
    return `${summary.split(': ').at(-1)!} ${fix.split(';')[0]!}`
  }
  test('a flag', () => {
    expect(cause({ version: '25', flags: ['-XX:-UseContainerSupport'] })).toBe(
      'it was started with -XX:-UseContainerSupport. remove -XX:-UseContainerSupport',
    )
  })
  test('no cgroup file system', () => {
    expect(cause({ version: '25', seesCgroups: false })).toMatch(/mount \/sys\/fs\/cgroup/)
  })
  test('a build without cgroup v2', () => {
    expect(cause({ version: '11.0.15' })).toMatch(/does not know cgroup v2\. upgrade to 11\.0\.16 /)
  })
  test('before containers: and no flag that it would refuse to start with', () => {
    const old = { ...blind, version: '1.8.0_151', machineCgroups: 'v1' as const }
    expect(cause(old)).toMatch(/knows no containers\. upgrade to 8u191 /)
    expect(verdictOf(RULE, old).fix).toMatch(/-XX:ParallelGCThreads=2$/)
  })
})

describe('how sure, how bad', () => {
  test('what its library says is certain; a version alone is not', () => {
    const capabilities = ['UseContainerSupport', 'cpu.max']
    expect(verdictOf(RULE, { ...blind, capabilities }).confidence).toBe('exact')
    expect(verdictOf(RULE, { ...blind, heapMaxBytes: 0.91 * 16 * GIB }).confidence).toBe('strong')
    expect(verdictOf(RULE, { ...blind, heapMaxBytes: 0.89 * 16 * GIB }).confidence).toBe('inferred')
    const odd = { ...blind, heapMaxBytes: 3 * GIB }
    expect(verdictOf(RULE, odd)).toMatchObject({ confidence: 'inferred', severity: 'high' })
  })
  test('sizes that are fixed make it harmless', () => {
    f({ flags: ['-Xmx1g', '-XX:ActiveProcessorCount=2'] }, 'info')
    f({ flags: ['-Xmx1g'] }, 'high')
    expect(verdictOf(RULE, { ...blind, flags: ['-Xmx1g'] }).fix).toMatch(
      /add -XX:ActiveProcessorCount=2$/,
    )
  })
  test('a quota alone', () => {
    const cpu = without(without(blind, 'memoryLimitBytes'), 'ownMemoryLimitBytes')
    expect(answerOf(RULE, cpu)).toBe('high')
    expect(verdictOf(RULE, cpu).believed).toMatchObject({ value: 8, unit: '{cpu}' })
  })
})

describe('no finding', () => {
  test('a backport: its library has it, whatever the version', () => {
    const capabilities = ['UseContainerSupport', 'cpu.max', '/sys/fs/cgroup/cgroup.controllers']
    f({ capabilities }, 'fine')
  })
  test('a heap that is a share of the limit was sized by who saw it', () => {
    f({ heapMaxBytes: 512 * MIB }, 'fine')
  })
  test('a kernel that lists its controllers', () => {
    f({ machineControllers: ['cpuset', 'cpu', 'memory'] }, 'fine')
  })
  test('no limit, or none that can be reached', () => {
    const free = without(without(blind, 'memoryLimitBytes'), 'cpuLimitCores')
    expect(answerOf(RULE, free)).toBe('fine')
    expect(answerOf(RULE, { ...free, memoryLimitBytes: 128 * GIB })).toBe('fine')
    expect(answerOf(RULE, { ...free, cpuLimitCores: 8 })).toBe('fine')
  })
  test('nothing known of the JVM', () => {
    expect(answerOf(RULE, without(blind, 'version'))).toBe('not-judged')
  })
})

describe('recorded JVMs', () => {
  const limit = (gib: number) => ({ memoryLimitBytes: gib * GIB, ownMemoryLimitBytes: gib * GIB })
  const quota = (cores: number) => ({ cpuLimitCores: cores, ownCpuLimitCores: cores })
  test('jdk8-parallel-nocontainer', () => {
    const jvm = recorded('jdk8-parallel-nocontainer', {
      ...limit(3),
      ...quota(0.5),
      ...believes(2),
    })
    expect(verdictOf(RULE, jvm)).toMatchObject({ severity: 'critical', confidence: 'exact' })
  })
  test.each([
    ['jdk17-g1-apc8-quota1', { ...limit(0.5), ...quota(1) }],
    ['jdk17-default-serial-4g-quota0.5', { ...limit(4), ...quota(0.5) }],
    ['jdk25-zgc', limit(1)],
  ])('%s: fine', (name, change) => {
    expect(answerOf(RULE, recorded(name, change))).toBe('fine')
  })
})
