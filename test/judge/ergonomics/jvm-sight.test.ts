import { describe, expect, test } from 'vitest'
import {
  blindnessOf,
  type JvmSurroundings,
  seenCpus,
  seenMemory,
  shareCpus,
} from '../../../judge/ergonomics/jvm-sight.ts'

const GIB = 1024 ** 3
const V2 = { machineCgroups: 'v2', machineControllers: ['cpuset', 'cpu', 'memory'] } as const
/** A kernel without the controllers of cgroup v1. */
const LATE = { machineCgroups: 'v2', machineControllers: ['cpu', 'io', 'pids'] } as const

test('why a JVM is blind to its cgroup', () => {
  const f = (jvm: JvmSurroundings, want: string | undefined) => expect(blindnessOf(jvm)).toBe(want)
  f({}, undefined)
  f({ flags: ['-XX:-UseContainerSupport'], version: '17.0.21' }, 'switched-off')
  f({ version: '1.8.0_181' }, 'before-containers')
  f({ version: '1.8.0_504', capabilities: [] }, 'before-containers')
  f({ version: '17.0.21', seesCgroups: false }, 'no-mount')
  f({ version: '17.0.21', seesCgroups: true }, undefined)
  f({ version: '11.0.15', ...V2 }, 'no-cgroup2')
  f({ version: '11.0.15', machineCgroups: 'v1' }, undefined)
  f({ version: '11.0.16', ...V2 }, undefined)
  f({ version: '17.0.19', ...LATE }, 'no-controllers')
  f({ version: '17.0.21', ...LATE }, undefined)
  f({ version: '17.0.19', ...V2 }, undefined)
  f({ version: '17.0.19', machineCgroups: 'v2' }, undefined)
  f({ version: '17.0.19', machineCgroups: 'v1', machineControllers: [] }, undefined)
  // Distributions backport: what the library holds counts.
  f(
    {
      version: '17.0.19',
      capabilities: ['UseContainerSupport', 'cpu.max', '/sys/fs/cgroup/cgroup.controllers'],
      ...LATE,
    },
    undefined,
  )
})

describe('memory', () => {
  const machine = { machineMemoryBytes: 24 * GIB, cgroup: '/a/b' }
  const own = { ...machine, ownMemoryLimitBytes: GIB, memoryLimitBytes: GIB }
  const above = { ...machine, memoryLimitBytes: 2 * GIB, memoryLimitCgroup: '/a' }
  const f = (jvm: JvmSurroundings, want: number | undefined) => expect(seenMemory(jvm)).toBe(want)
  test('a limit of its own', () => {
    f({ ...own, version: '17.0.21', ...V2 }, GIB)
    f({ ...own, version: '17.0.21', flags: ['-XX:-UseContainerSupport'] }, 24 * GIB)
    f({ ...own, version: '1.8.0_181' }, 24 * GIB)
    f({ ...own, machineMemoryBytes: GIB / 2, version: '17' }, GIB / 2)
  })
  test('a limit above: v1 tells it, on v2 only late builds look', () => {
    f({ ...above, version: '17.0.21', machineCgroups: 'v1' }, 2 * GIB)
    f({ ...above, version: '17.0.21', ...V2 }, 24 * GIB)
    f({ ...above, version: '21.0.13', ...V2 }, 2 * GIB)
    f({ ...above, version: '25.0.3', ...V2 }, 2 * GIB)
  })
  test('the switch of 8u131', () => {
    const flags = ['-XX:+UseCGroupMemoryLimitForHeap']
    f({ ...own, version: '1.8.0_151', flags, machineCgroups: 'v1' }, GIB)
    f({ ...own, version: '1.8.0_151', flags, machineCgroups: 'v2' }, 24 * GIB)
    f({ ...own, version: '1.8.0_121', flags, machineCgroups: 'v1' }, 24 * GIB)
  })
  test('nothing known', () => {
    f({ version: '17' }, undefined)
  })
})

describe('CPUs', () => {
  const f = (jvm: JvmSurroundings, want: number | undefined) =>
    expect(seenCpus({ machineCpus: 8, ...jvm })).toBe(want)
  const quota = (cores: number) => ({ cpuLimitCores: cores, ownCpuLimitCores: cores })
  test('a quota of its own, rounded up, within what it may run on', () => {
    f({ version: '17.0.21', ...quota(0.5) }, 1)
    f({ version: '17.0.21', ...quota(2.1) }, 3)
    f({ version: '17.0.21', ...quota(6), affinityCpus: 4 }, 4)
    f({ version: '17.0.21' }, 8)
    f({ version: '1.8.0_181', ...quota(0.5), affinityCpus: 4 }, 4)
  })
  test('a quota above: only late builds look', () => {
    f({ version: '17.0.21', cpuLimitCores: 0.5 }, 8)
    f({ version: '21.0.13', cpuLimitCores: 0.5 }, 1)
    f({ version: '25.0.3', cpuLimitCores: 0.5 }, 1)
  })
  test('shares, where they count', () => {
    f({ version: '1.8.0_504', cpuShares: 102 }, 1)
    f({ version: '1.8.0_504', cpuShares: 2048 }, 2)
    f({ version: '1.8.0_504', cpuShares: 1024 }, 8)
    f({ version: '17.0.21', cpuShares: 102 }, 8)
    f({ version: '17.0.21', cpuShares: 102, flags: ['-XX:+UseContainerCpuShares'] }, 1)
    f({ version: '1.8.0_504', cpuWeight: 100, ...V2 }, 8)
    f({ version: '1.8.0_504', cpuWeight: 39, ...V2 }, 1)
  })
  test('both: the quota, unless it is not preferred', () => {
    f({ version: '1.8.0_504', cpuShares: 1536, ...quota(4) }, 4)
    f({ version: '10.0.2', cpuShares: 1536, ...quota(4) }, 2)
    const flags = ['-XX:-PreferContainerQuotaForCPUCount']
    f({ version: '1.8.0_504', cpuShares: 1536, ...quota(4), flags }, 2)
  })
  test('nothing known', () => {
    expect(seenCpus({ version: '17' })).toBeUndefined()
  })
})

test('a weight becomes shares again, in whole CPUs above the first', () => {
  const f = (cpuWeight: number, want: number) =>
    expect(shareCpus({ version: '11.0.16', cpuWeight, ...V2 })).toBe(want)
  f(1, 1)
  f(39, 1)
  // 2048 shares are a weight of 79, 4096 one of 157.
  f(79, 2)
  f(157, 4)
  f(10_000, 256)
})
