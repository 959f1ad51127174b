import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, judgementOf, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.old-version'
/** Literals of 8u504, 11.0.33 and later, 21.0.13 and 25. */
const OF_8 = ['UseContainerSupport', 'cpu.max', 'PreferContainerQuotaForCPUCount']
const OF_17 = [...OF_8, 'UseContainerCpuShares', '/sys/fs/cgroup/cgroup.controllers']
const OF_25 = [...OF_8, '/sys/fs/cgroup/cgroup.controllers', 'Adjusting controller path']
const listed = ['cpuset', 'cpu', 'memory']
const unlisted = ['cpu', 'io', 'pids']

const jvm: RuntimeProfile = {
  ...well,
  version: '1.8.0_504',
  flags: [],
  capabilities: OF_8,
  machineControllers: unlisted,
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...jvm, ...change })).toBe(want)

test('8u504 on a kernel without controllers of v1', () => {
  expect(verdictOf(RULE, jvm)).toMatchObject({
    severity: 'warning',
    confidence: 'exact',
    summary:
      'Java 1.8.0_504 does not see cgroup v2 on a kernel that lists no controllers of v1, as this one.',
    evidence: [{ value: 2048 * MIB, source: '/c' }, { value: 2 }],
    fix: 'upgrade to 11.0.33 or later',
  })
})

describe('what is missing, and where it is found', () => {
  const target = (change: Partial<RuntimeProfile>) => verdictOf(RULE, { ...jvm, ...change }).fix
  const above = { memoryLimitCgroup: '/', cgroup: '/c', machineControllers: listed }
  test('no containers at all', () => {
    const old = { version: '1.8.0_181', capabilities: [] }
    expect(target({ ...old, machineCgroups: 'v1' })).toBe('upgrade to 8u191 or later')
    expect(target({ ...old, machineControllers: listed })).toBe('upgrade to 8u372 or later')
    expect(target(old)).toBe('upgrade to 11.0.33 or later')
  })
  test('no cgroup v2', () => {
    const old = { version: '11.0.9', capabilities: ['UseContainerSupport'] }
    expect(target({ ...old, machineControllers: listed })).toBe('upgrade to 11.0.16 or later')
  })
  test('a limit above its own cgroup', () => {
    expect(target({ version: '17.0.21', capabilities: OF_17, ...above })).toBe(
      'upgrade to 21.0.13 or later',
    )
    const quota = { cpuLimitCores: 0.5, ownCpuLimitCores: 2, machineCgroups: 'v1' } as const
    expect(target({ version: '17.0.21', capabilities: OF_17, ...quota })).toBe(
      'upgrade to 21.0.13 or later',
    )
  })
  test('version alone: inferred', () => {
    const found = verdictOf(RULE, without({ ...jvm, version: '17.0.19' }, 'capabilities'))
    expect(found).toMatchObject({ confidence: 'inferred', fix: 'upgrade to 17.0.21 or later' })
  })
})

describe('no finding', () => {
  test('it has what this kernel asks for', () => {
    f({ machineControllers: listed }, 'fine')
    f({ machineCgroups: 'v1' }, 'fine')
    f({ version: '17.0.21', capabilities: OF_17 }, 'fine')
  })
  test('an old number, with what is needed backported', () => {
    f({ version: '17.0.9', capabilities: OF_17 }, 'fine')
  })
  test('25, wherever the limit sits', () => {
    f({ version: '25.0.3', capabilities: OF_25, memoryLimitCgroup: '/' }, 'fine')
  })
  test('memory of v1 above its own cgroup is seen by all', () => {
    f(
      { version: '17.0.21', capabilities: OF_17, memoryLimitCgroup: '/', machineCgroups: 'v1' },
      'fine',
    )
  })
  test('flags make up for it', () => {
    f({ flags: ['-Xmx1g', '-XX:ActiveProcessorCount=2'] }, 'fine')
    f({ flags: ['-Xmx1g'] }, 'warning')
    f({ flags: ['-XX:ActiveProcessorCount=2'] }, 'warning')
    const unlimited = without(without(jvm, 'cpuLimitCores'), 'ownCpuLimitCores')
    expect(answerOf(RULE, { ...unlimited, flags: ['-Xmx1g'] })).toBe('fine')
    expect(answerOf(RULE, without(unlimited, 'memoryLimitBytes'))).toBe('fine')
  })
})

test('not judged', () => {
  const why = (profile: RuntimeProfile) => judgementOf(RULE, profile).kind
  expect(why(without(jvm, 'machineCgroups'))).toBe('not-judged')
  expect(why(without(without(jvm, 'capabilities'), 'version'))).toBe('not-judged')
})
