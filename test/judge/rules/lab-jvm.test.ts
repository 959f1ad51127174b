/**
 * Recorded JVMs in the cgroups they were recorded in, before every rule at once: what must be found,
 * what must not, and what is told as the cause. See test/fixtures/hsperfdata/README.md.
 */
import { describe, expect, test } from 'vitest'
import { factsOf, figuresOf } from '../../../agent/runtime/jvm/jvm.ts'
import type { FindingRuleId } from '../../../catalog/finding.ts'
import { believedCpusOf } from '../../../judge/ergonomics/jvm-machine.ts'
import { advance, NOTHING_YET, raisedFindings } from '../../../judge/lifecycle.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { underRootCauses } from '../../../judge/root-cause.ts'
import { judgeRuntime } from '../../../judge/rules/rules.ts'
import { fixtureCounters } from '../../agent/runtime/jvm/fixtures.ts'
import { calm, GIB, MIB, quota, recorded, seen } from './cpu-profiles.ts'

const OF_8 = ['UseContainerSupport', 'cpu.max', 'PreferContainerQuotaForCPUCount', 'AltTempDir']
const OF_17 = [...OF_8, 'UseContainerCpuShares', '/sys/fs/cgroup/cgroup.controllers']
const OF_25 = [...OF_8, '/sys/fs/cgroup/cgroup.controllers', 'Adjusting controller path']

/** Ten quiet minutes in a cgroup, and the CPUs that the JVM is seen to believe in. */
function lab(fixture: string, change: Partial<RuntimeProfile>): RuntimeProfile {
  const counters = fixtureCounters(fixture)
  const { compilerThreads } = figuresOf(counters, factsOf(counters))
  const { memoryLimitBytes } = change
  const jvm = recorded(fixture, {
    ageSeconds: 86_400,
    osThreads: 20,
    seesCgroups: true,
    kernel: '6.18.0',
    recent: calm,
    cgroupMemory: { anonBytes: 60 * MIB, shmemBytes: 0, cacheBytes: MIB, usageBytes: 61 * MIB },
    ...(compilerThreads !== undefined && { compilerThreads }),
    ...(memoryLimitBytes !== undefined && { ownMemoryLimitBytes: memoryLimitBytes }),
    ...change,
  })
  const believedCpus = believedCpusOf(jvm)
  return { ...jvm, ...(believedCpus !== undefined && { believedCpus }) }
}

const found = (jvm: RuntimeProfile): Map<FindingRuleId, string> =>
  new Map(
    [...judgeRuntime(jvm)].flatMap(([rule, judgement]) =>
      judgement.kind === 'finding' ? [[rule, judgement.verdict.severity]] : [],
    ),
  )

/** `cause: consequences`, once everything is raised. */
function told(jvm: RuntimeProfile): string[] {
  const judged = [...judgeRuntime(jvm)].map(([rule, judgement]) => ({
    subject: jvm,
    rule,
    judgement,
  }))
  const state = advance(advance(NOTHING_YET, judged, 1), judged, 2)
  return underRootCauses(raisedFindings(state)).map(
    ({ finding, consequences, severity }) =>
      `${severity} ${finding.rule}: ${consequences.map(({ rule }) => rule).join(' ')}`,
  )
}

test('8 without container support, 3 GiB and half a CPU', () => {
  const jvm = lab('jdk8-parallel-nocontainer', {
    memoryLimitBytes: 3 * GIB,
    ...quota(0.5),
    capabilities: OF_8,
    gcThreads: 2,
  })
  const rules = found(jvm)
  expect(rules.get('jvm.container-support-off')).toBe('critical')
  expect(rules.get('jvm.heap-exceeds-limit')).toBe('critical')
  expect(rules.get('jvm.cpu-count-exceeds-quota')).toBe('high')
  expect(rules.get('jvm.parallelgc-small-quota')).toBe('warning')
  expect(rules.has('jvm.heap-small-share')).toBe(false)
  expect(rules.has('jvm.old-version')).toBe(false)
  const [first, ...others] = told(jvm)
  expect(first).toMatch(/^critical jvm\.container-support-off: .*jvm\.heap-exceeds-limit/)
  expect(first).toMatch(/jvm\.cpu-count-exceeds-quota jvm\.parallelgc-small-quota/)
  expect(others).toEqual([])
})

test('8 with the shares of a tenth of a CPU and no quota', () => {
  const jvm = lab('jdk8-default-serial-shares102', {
    memoryLimitBytes: 4 * GIB,
    cpuShares: 102,
    capabilities: OF_8,
  })
  expect(found(jvm)).toEqual(
    new Map([
      ['jvm.cpu-count-from-shares', 'high'],
      ['jvm.serial-by-accident', 'high'],
    ]),
  )
  expect(told(jvm)).toEqual(['high jvm.cpu-count-from-shares: jvm.serial-by-accident'])
})

test('17 that was told of 8 CPUs and 768 MiB, in one CPU and 512 MiB', () => {
  const jvm = lab('jdk17-g1-apc8-quota1', {
    memoryLimitBytes: 512 * MIB,
    ...quota(1),
    capabilities: OF_17,
    gcThreads: 5,
    recent: seen({ throttledPeriods: 1200 }).recent,
  })
  const rules = found(jvm)
  expect(rules.get('jvm.heap-exceeds-limit')).toBe('critical')
  expect(rules.get('jvm.cpu-count-exceeds-quota')).toBe('high')
  expect(rules.get('jvm.gc-threads-exceed-quota')).toBe('warning')
  expect(rules.has('jvm.container-support-off')).toBe(false)
  expect(told(jvm)).toContainEqual(
    expect.stringMatching(/^high jvm\.cpu-count-exceeds-quota: .*jvm\.gc-threads-exceed-quota/),
  )
})

test('17 by default in 4 GiB and half a CPU: nothing', () => {
  const jvm = lab('jdk17-default-serial-4g-quota0.5', {
    memoryLimitBytes: 4 * GIB,
    ...quota(0.5),
    capabilities: OF_17,
  })
  expect(found(jvm)).toEqual(new Map())
})

test('25 with ZGC, whose heap is shared memory: nothing', () => {
  const jvm = lab('jdk25-zgc', {
    memoryLimitBytes: GIB,
    capabilities: OF_25,
    cgroupMemory: { anonBytes: 15 * MIB, cacheBytes: 404 * MIB, shmemBytes: 404 * MIB },
  })
  expect(found(jvm)).toEqual(new Map())
})

describe('21 with Shenandoah, three quarters of 1 GiB, one CPU', () => {
  const shenandoah = (change: Partial<RuntimeProfile>) =>
    found(
      lab('jdk21-shenandoah', {
        memoryLimitBytes: GIB,
        ...quota(1),
        capabilities: OF_25,
        ...change,
      }),
    )
  test('at rest: no more than a word about the memory beside the heap', () => {
    expect(shenandoah({})).toEqual(new Map([['jvm.heap-plus-nonheap-exceeds-limit', 'info']]))
  })
  test('with threads that had to wait for it', () => {
    const rules = shenandoah(seen({ allocationStalls: 2 }))
    expect(rules.get('jvm.concurrent-gc-starved')).toBe('warning')
  })
})

describe('half a CPU on the cgroup above', () => {
  const above = { cpuLimitCores: 0.5, memoryLimitBytes: 4 * GIB }
  test('17 looks at its own cgroup alone', () => {
    const jvm = lab('jdk17-default-serial-4g-quota0.5', {
      ...above,
      capabilities: OF_17,
      collector: 'G1',
    })
    const rules = found(jvm)
    expect(rules.has('jvm.limit-on-ancestor')).toBe(true)
    expect(rules.get('jvm.cpu-count-exceeds-quota')).toBe('high')
    const [first, ...others] = told(jvm)
    expect(first).toBe('high jvm.limit-on-ancestor: jvm.cpu-count-exceeds-quota jvm.old-version')
    expect(others).toEqual([])
  })
  test('25 looks above', () => {
    const jvm = lab('jdk25-zgc', { ...above, capabilities: OF_25 })
    expect(jvm.believedCpus?.value).toBe(1)
    expect(found(jvm)).toEqual(new Map())
  })
})
