/**
 * All rules about memory on one JVM: what they must say of the recorded ones in their cgroups, and what
 * they must not.
 */
import { describe, expect, test } from 'vitest'
import { jvmMemoryFindings } from '../../../catalog/findings/jvm-memory.ts'
import { findingRules } from '../../../catalog/finding.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { jvmMemoryRules } from '../../../judge/rules/jvm-memory-rules.ts'
import { judgeRuntime } from '../../../judge/rules/rules.ts'
import { believes, calm, GIB, MIB, quota, recorded, well } from './cpu-profiles.ts'

/** Rules about memory that found something, each with its severity. */
const found = (jvm: RuntimeProfile): string[] =>
  [...judgeRuntime(jvm)]
    .filter(([rule]) => rule in jvmMemoryFindings)
    .flatMap(([rule, judgement]) =>
      judgement.kind === 'finding' ? [`${rule} ${judgement.verdict.severity}`] : [],
    )
    .toSorted()

const limited = (bytes: number): Partial<RuntimeProfile> => ({
  memoryLimitBytes: bytes,
  ownMemoryLimitBytes: bytes,
  first: { memoryLimitBytes: bytes, fromStart: true },
})

describe('recorded JVMs', () => {
  const f = (fixture: string, change: Partial<RuntimeProfile>, ...want: readonly string[]) =>
    expect(found(recorded(fixture, { osThreads: 25, recent: calm, ...change })), fixture).toEqual(
      want,
    )
  test('a quarter of the host in 3 GiB', () => {
    f(
      'jdk8-parallel-nocontainer',
      { ...limited(3 * GIB), ...quota(0.5), ...believes(2) },
      'jvm.container-support-off critical',
      'jvm.heap-exceeds-limit critical',
      'jvm.heap-plus-nonheap-exceeds-limit critical',
    )
  })
  test('768 MiB of heap in 512 MiB', () => {
    f(
      'jdk17-g1-apc8-quota1',
      { ...limited(512 * MIB), ...quota(1), ...believes(8) },
      'jvm.heap-exceeds-limit critical',
      'jvm.heap-plus-nonheap-exceeds-limit critical',
    )
  })
  test('its ceiling is above the limit, what is expected is not', () => {
    f(
      'jdk21-shenandoah',
      { ...limited(GIB), ...quota(1), ...believes(1), osThreads: 21 },
      'jvm.heap-plus-nonheap-exceeds-limit info',
    )
  })
  test('a quarter of 4 GiB, and calm', () => {
    f('jdk17-default-serial-4g-quota0.5', { ...limited(4 * GIB), ...quota(0.5), ...believes(1) })
  })
  test('CPUs from shares are no matter of memory', () => {
    f('jdk8-default-serial-shares102', { ...limited(4 * GIB), cpuShares: 102, ...believes(1) })
  })
  test('a heap of ZGC that is charged as files', () => {
    const cgroupMemory = {
      usageBytes: 430 * MIB,
      anonBytes: 15 * MIB,
      cacheBytes: 404 * MIB,
      shmemBytes: 404 * MIB,
    }
    f('jdk25-zgc', { ...limited(GIB), cgroupMemory, rssAnonBytes: 15 * MIB })
    f('jdk25-zgc', { ...limited(GIB), cgroupMemory: { ...cgroupMemory, usageBytes: GIB } })
  })
  test('as large from the start as it gets', () => {
    f('jdk25-g1-xms-eq-xmx', limited(2 * GIB))
    f('jdk11-cms', limited(GIB))
  })
  test('a limit that shrank while it ran', () => {
    const started = (now: number) => ({
      ...limited(now),
      first: { memoryLimitBytes: 4 * GIB, fromStart: true },
    })
    f('jdk17-default-serial-4g-quota0.5', started(2 * GIB))
    f(
      'jdk17-default-serial-4g-quota0.5',
      started(1100 * MIB),
      'jvm.heap-plus-nonheap-exceeds-limit critical',
      'jvm.limit-changed-after-start high',
    )
  })
})

test('files at 99 % of the limit, a fifth its own, nobody waits: nothing', () => {
  const cgroupMemory = {
    usageBytes: 0.99 * 2 * GIB,
    anonBytes: 0.2 * 2 * GIB,
    cacheBytes: 0.78 * 2 * GIB,
    shmemBytes: 0,
  }
  const recent = { ...calm, memorySomeSeconds: 0, scannedPages: 0, refaultedFilePages: 0 }
  expect(found({ ...well, cgroupMemory, recent })).toEqual([])
})

test('a JVM that is well, without a limit, and of which nothing is known', () => {
  expect(found(well)).toEqual([])
  const { entity, name, machine } = well
  const bare = { kind: 'runtime', runtime: 'jvm', entity, name, machine, jvmsInCgroup: 1 } as const
  expect(found(bare)).toEqual([])
  expect(found({ ...bare, memoryLimitBytes: GIB })).toEqual([])
})

test('a build tool is not judged', () => {
  const large = { ...well, heapMaxBytes: 8 * GIB }
  expect(found(large)).not.toEqual([])
  const gradle = { ...large, main: 'org.gradle.launcher.daemon.bootstrap.GradleDaemon' }
  expect([...judgeRuntime(gradle).values()].every(({ kind }) => kind === 'not-judged')).toBe(true)
})

test('every rule is judged once, and is explained by rules that there are', () => {
  const ids = jvmMemoryRules.map(({ id }) => id)
  expect(ids.toSorted()).toEqual(Object.keys(jvmMemoryFindings).toSorted())
  const causes = Object.values(jvmMemoryFindings).flatMap((rule) =>
    'explainedBy' in rule ? rule.explainedBy : [],
  )
  expect([...new Set(causes)].filter((id) => !(id in findingRules))).toEqual([])
})
