import { expect, test } from 'vitest'
import { findingRules } from '../../../catalog/finding.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { judgeRuntime } from '../../../judge/rules/rules.ts'
import { cpusNotFrom, gcThreadsNotFrom, heapNotFrom } from '../../../judge/rules/not-from.ts'
import { underRootCauses } from '../../../judge/root-cause.ts'
import { believes, GIB, well } from './cpu-profiles.ts'

const OFF = 'jvm.container-support-off'
const ABOVE = 'jvm.limit-on-ancestor'
const OLD = 'jvm.old-version'

/** Sees nothing of its cgroup, and was told nothing. */
const blind: RuntimeProfile = { ...well, flags: ['-XX:-UseContainerSupport'] }
const below: Partial<RuntimeProfile> = { cgroup: '/c/d', ownCpuLimitCores: 4 }

test('how the heap is sized', () => {
  const f = (jvm: RuntimeProfile, want: readonly string[] | undefined) =>
    expect(heapNotFrom(jvm).notFrom).toEqual(want)
  f({ ...blind, flags: [...blind.flags!, '-Xmx4g'] }, [OFF, ABOVE, OLD])
  f({ ...blind, flags: [...blind.flags!, '-XX:MaxRAMPercentage=80.0'] }, [ABOVE])
  f(well, [OFF, ABOVE, OLD])
  f({ ...well, ...below, flags: [] }, undefined)
  f({ ...well, ...below }, [OFF, ABOVE, OLD])
})

test('how the CPUs are counted, and what collects', () => {
  const f = (jvm: RuntimeProfile, want: readonly string[] | undefined) =>
    expect(cpusNotFrom(jvm).notFrom).toEqual(want)
  f(well, [OFF, ABOVE, OLD])
  f(blind, [ABOVE])
  f({ ...blind, flags: [...blind.flags!, '-XX:ActiveProcessorCount=8'] }, [OFF, ABOVE, OLD])
  f({ ...well, ...below }, undefined)
  expect(gcThreadsNotFrom(blind).notFrom).toEqual([ABOVE])
  const set = { ...blind, flags: [...blind.flags!, '-XX:ParallelGCThreads=8'] }
  expect(gcThreadsNotFrom(set).notFrom).toContain('jvm.cpu-count-exceeds-quota')
})

/** `cause: consequence consequence` of all that is found about memory and CPUs. */
function told(jvm: RuntimeProfile): string[] {
  const found = [...judgeRuntime(jvm)].flatMap(([rule, judgement]) =>
    judgement.kind === 'finding' ? [{ ...judgement.verdict, id: `${rule}/42`, rule }] : [],
  )
  return underRootCauses(found).map(
    ({ finding, consequences }) =>
      `${finding.rule}: ${consequences.map(({ rule }) => rule).join(' ')}`,
  )
}

test('a heap that was asked for is no consequence of being blind; the CPUs are', () => {
  const large = { heapMaxBytes: 16 * GIB, ...believes(8) }
  expect(told({ ...blind, ...large })).toEqual([
    'jvm.container-support-off: jvm.heap-exceeds-limit jvm.heap-plus-nonheap-exceeds-limit jvm.cpu-count-exceeds-quota jvm.gc-threads-exceed-quota',
  ])
  const asked = told({ ...blind, ...large, flags: [...blind.flags!, '-Xmx16g'] })
  expect(asked).toEqual([
    'jvm.heap-exceeds-limit: jvm.heap-plus-nonheap-exceeds-limit',
    'jvm.container-support-off: jvm.cpu-count-exceeds-quota jvm.gc-threads-exceed-quota',
  ])
})

test('a change of the memory limit changes no count of CPUs', () => {
  expect(findingRules['jvm.cpu-count-exceeds-quota'].explainedBy).not.toContain(
    'jvm.limit-changed-after-start',
  )
})
