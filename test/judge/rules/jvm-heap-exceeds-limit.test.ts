import { describe, expect, test } from 'vitest'
import { factsOf, figuresOf } from '../../../agent/runtime/jvm/jvm.ts'
import { CUT } from '../../../catalog/entity.ts'
import { limits } from '../../../catalog/limit.ts'
import type { Verdict } from '../../../judge/finding.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { judgeRuntime } from '../../../judge/rules/rules.ts'
import { fixtureCounters } from '../../agent/runtime/jvm/fixtures.ts'
import { without } from '../without.ts'

const RULE = 'jvm.heap-exceeds-limit'
const MIB = 1024 * 1024
const GIB = 1024 * MIB

const judge = (jvm: RuntimeProfile) => judgeRuntime(jvm).get(RULE)!

function verdict(jvm: RuntimeProfile): Verdict {
  const judgement = judge(jvm)
  if (judgement.kind !== 'finding') throw new Error(`no finding but ${JSON.stringify(judgement)}`)
  return judgement.verdict
}

/** 512 MiB of heap in a container of 256 MiB. */
const jvm: RuntimeProfile = {
  kind: 'runtime',
  runtime: 'jvm',
  entity: { 'host.id': 'cafe', 'process.pid': '42', 'process.creation.time': '2026-11-21' },
  name: 'pid 42 (Main)',
  machine: 'tower',
  collector: 'Serial',
  version: '17.0.21',
  heapMaxBytes: 512 * MIB,
  classes: 800,
  osThreads: 20,
  flags: ['-Xmx512m'],
  memoryLimitBytes: 256 * MIB,
  memoryLimitCgroup: '/docker/4f',
  cgroup: '/docker/4f',
  cpuLimitCores: 0.5,
  machineMemoryBytes: 24 * GIB,
  machineCpus: 2,
  jvmsInCgroup: 1,
}

test('believed, enforced, evidence and the fix', () => {
  const found = verdict(jvm)
  expect(found).toEqual({
    rule: RULE,
    notFrom: ['jvm.container-support-off', 'jvm.limit-on-ancestor', 'jvm.old-version'],
    severity: 'critical',
    confidence: 'exact',
    summary: 'The JVM may grow its heap to 512 MiB, the kernel stops /docker/4f at 256 MiB.',
    believed: {
      name: 'maximum of the heap',
      value: 512 * MIB,
      unit: 'By',
      windowSeconds: 0,
      source: 'hsperfdata sun.gc.generation.*.maxCapacity',
    },
    enforced: {
      name: 'memory limit',
      value: 256 * MIB,
      unit: 'By',
      windowSeconds: 0,
      source: '/docker/4f',
    },
    evidence: [found.believed, found.enforced, found.evidence[2]],
    fix: 'replace -Xmx512m by -XX:MaxRAMPercentage=54.0 (a heap of 138 MiB)',
    fixValues: { maxRamPercentage: 54, xmxBytes: 140 * MIB },
  })
  expect(found.evidence.length).toBeLessThanOrEqual(limits.evidenceItems.value)
})

describe('severity', () => {
  test.each([
    [256, 'critical'],
    [255, 'high'],
    [244, 'high'],
    [243, undefined],
    [128, undefined],
  ])('%i MiB of heap in 256 MiB: %s', (heapMib, want) => {
    const judgement = judge({ ...jvm, heapMaxBytes: heapMib * MIB })
    expect(judgement.kind === 'finding' ? judgement.verdict.severity : undefined).toBe(want)
  })
})

/** What a rule must say of each fixture, in its cgroup: see test/fixtures/hsperfdata/README.md. */
describe('real JVMs in their cgroups', () => {
  function fixture(
    name: string,
    memoryLimitBytes: number | undefined,
    cpuLimitCores?: number,
    osThreads = 20,
  ): RuntimeProfile {
    const counters = fixtureCounters(name)
    const facts = factsOf(counters)
    const figures = figuresOf(counters, facts)
    const known = Object.entries({
      collector: facts.collector,
      version: facts.version,
      flags: facts.flags,
      heapMaxBytes: figures.heapMaxBytes,
      heapCommittedBytes: figures.heapCommittedBytes,
      metaspaceCommittedBytes: figures.metaspaceCommittedBytes,
      classes: figures.classes,
      memoryLimitBytes,
      cpuLimitCores,
    }).filter(([, value]) => value !== undefined)
    const { entity, machine } = jvm
    return {
      kind: 'runtime',
      runtime: 'jvm',
      entity,
      name,
      machine,
      osThreads,
      cgroup: '/c',
      memoryLimitCgroup: '/c',
      machineMemoryBytes: 24_152 * MIB,
      machineCpus: 2,
      jvmsInCgroup: 1,
      ...Object.fromEntries(known),
    }
  }

  test('jdk8-parallel-nocontainer: a quarter of the host in 3 GiB', () => {
    const found = verdict(fixture('jdk8-parallel-nocontainer', 3 * GIB, 0.5, 18))
    expect(found.severity).toBe('critical')
    expect(found.believed?.value).toBe(6040 * MIB)
    expect(found.enforced?.value).toBe(3 * GIB)
    // A percentage would be one of the host, and the heap would grow.
    expect(found.fix).toMatch(/^add -Xmx\d{4}m \(with -XX:-UseContainerSupport /)
    expect(found.fixValues['maxRamPercentage']).toBeUndefined()
    expect(found.fixValues['xmxBytes']).toBeLessThan(3 * GIB)
  })
  test('jdk17-g1-apc8-quota1: 768 MiB in 512 MiB', () => {
    const found = verdict(fixture('jdk17-g1-apc8-quota1', 512 * MIB, 1, 30))
    expect(found.severity).toBe('critical')
    expect(found.fix).toMatch(/^replace -Xmx768m by -XX:MaxRAMPercentage=5\d\.0 \(a heap of /)
  })
  test.each([
    ['jdk8-default-serial-shares102', 4 * GIB],
    ['jdk11-cms', GIB],
    ['jdk17-default-serial-4g-quota0.5', 4 * GIB],
    // Its ceiling is above the limit, its heap is not.
    ['jdk21-shenandoah', GIB],
    ['jdk25-zgc', GIB],
    ['jdk25-g1-xms-eq-xmx', 2 * GIB],
    // No limit.
    ['jdk17-overflow-8k', undefined],
  ])('%s: fine', (name, limitBytes) => {
    expect(judge(fixture(name, limitBytes))).toEqual({ kind: 'fine' })
  })
  test('jdk17-overflow-8k in 192 MiB: judged, and since its flags are unknown a size is advised', () => {
    const found = verdict(fixture('jdk17-overflow-8k', 192 * MIB))
    expect(found.severity).toBe('critical')
    expect(found.fix).toMatch(/^set -Xmx\d+m \(not all of its flags/)
  })
})

describe('no finding', () => {
  test('no limit', () => {
    expect(judge({ ...without(jvm, 'memoryLimitBytes'), heapMaxBytes: 500 * GIB })).toEqual({
      kind: 'fine',
    })
  })
  test('a limit that shrank, but still holds the heap', () => {
    expect(judge({ ...jvm, memoryLimitBytes: GIB })).toEqual({ kind: 'fine' })
  })
  test('what is committed is not what it may become', () => {
    expect(judge({ ...jvm, heapMaxBytes: 128 * MIB, heapCommittedBytes: 256 * MIB }).kind).toBe(
      'fine',
    )
  })
  test('unknown maximum: not judged, and why', () => {
    expect(judge(without(jvm, 'heapMaxBytes'))).toEqual({
      kind: 'not-judged',
      reason: 'the maximum of the heap is not known: the JVM keeps no readable counters',
    })
  })
  test('Epsilon is sized beyond any limit on purpose', () => {
    expect(judge({ ...jvm, collector: 'Epsilon' }).kind).toBe('not-judged')
  })
})

test('a limit above the memory of the machine: the machine is the limit', () => {
  const found = verdict({ ...jvm, heapMaxBytes: 30 * GIB, memoryLimitBytes: 64 * GIB })
  expect(found.enforced).toMatchObject({ value: 24 * GIB, source: '/proc/meminfo' })
  expect(judge({ ...jvm, heapMaxBytes: 20 * GIB, memoryLimitBytes: 64 * GIB }).kind).toBe('fine')
})

describe('the fix', () => {
  const fix = (change: Partial<RuntimeProfile>) => verdict({ ...jvm, ...change }).fix
  const large = { heapMaxBytes: 4 * GIB, memoryLimitBytes: 2 * GIB }

  test('of several flags none is left that would win over the new one', () => {
    expect(fix({ flags: ['-Xmx512m', '-XX:MaxHeapSize=1g'] })).toMatch(
      /^replace -Xmx512m and -XX:MaxHeapSize=1g by -XX:MaxRAMPercentage=54\.0 /,
    )
  })
  test('it starts with no more than it may come to', () => {
    expect(fix({ flags: ['-Xms512m', '-Xmx512m'] })).toBe(
      'replace -Xmx512m by -XX:MaxRAMPercentage=54.0, with -Xms138m instead of -Xms512m (a heap of 138 MiB)',
    )
  })
  test('a percentage of another size is none of the limit', () => {
    expect(fix({ flags: ['-Xmx512m', '-XX:MaxRAM=8g'] })).toMatch(
      /^replace -Xmx512m by -Xmx140m \(with -XX:MaxRAM a percentage/,
    )
  })
  test('what others in the cgroup hold is not the heap of this one', () => {
    const neighbours = [
      { pid: '8', runtime: 'envoy' as const, name: 'envoy', rssAnonBytes: 40 * MIB },
    ]
    const alone = verdict(jvm).fixValues['xmxBytes']!
    const found = verdict({ ...jvm, neighbours })
    expect(alone - found.fixValues['xmxBytes']!).toBeGreaterThanOrEqual(38 * MIB)
    const tight = { ...jvm, memoryLimitBytes: 64 * MIB }
    const raised = (change: Partial<RuntimeProfile>) =>
      verdict({ ...tight, ...change }).fixValues['memoryLimitBytes']! / MIB
    expect(raised({ neighbours }) - raised({})).toBe(42)
  })
  test('a probe that is there for a moment halves no heap', () => {
    const neighbours = [{ pid: '8', runtime: 'jvm' as const, name: 'jcmd', ageSeconds: 2 }]
    const probed = { ...jvm, ageSeconds: 600, jvmsInCgroup: 2, neighbours }
    expect(verdict(probed).fix).toBe(verdict(jvm).fix)
  })
  test('a percentage that is too large is replaced by one that is not', () => {
    const flags = ['-XX:MaxRAMPercentage=98']
    expect(fix({ flags, heapMaxBytes: 250 * MIB })).toMatch(
      /^replace -XX:MaxRAMPercentage=98 by -XX:MaxRAMPercentage=54\.0 /,
    )
  })
  test('a percentage always has a decimal: JDK 8 refuses one without', () => {
    expect(fix({ version: '1.8.0_504', ...large })).toMatch(/-XX:MaxRAMPercentage=\d+\.0 /)
  })
  test('a JVM without flags that did not see the limit gets a size', () => {
    expect(fix({ flags: [], ...large })).toMatch(/^add -Xmx\d+m \(its heap was not sized/)
    expect(fix({ flags: ['-XX:MaxRAMPercentage=25.0'], ...large })).toMatch(
      /^replace -XX:MaxRAMPercentage=25\.0 by -Xmx\d+m \(its heap/,
    )
  })
  test.each(['1.8.0_181', '1.8.0', '9.0.4'])('%s knows no containers', (version) => {
    expect(fix({ version, ...large })).toMatch(/^replace -Xmx512m by -Xmx\d+m \(this JVM/)
  })
  test('a limit above its own cgroup gets a size', () => {
    expect(fix({ cgroup: '/a/b', memoryLimitCgroup: '/a' })).toBe(
      'replace -Xmx512m by -Xmx140m (the limit is on a cgroup above, where this JVM may not see it, so a percentage may not be one of it)',
    )
  })
  test('several JVMs share the limit', () => {
    const found = verdict({ ...jvm, jvmsInCgroup: 3, ...large })
    expect(found.fix).toMatch(/^replace -Xmx512m by -Xmx\d+m \(for each of the 3 JVMs in this/)
    expect(3 * found.fixValues['xmxBytes']!).toBeLessThan(2 * GIB - 3 * 80 * MIB)
  })
  test('a list of flags that was cut may hide one that wins', () => {
    expect(fix({ flags: ['-XX:+UseSerialGC', CUT], ...large })).toMatch(/^set -Xmx\d+m \(not all/)
  })
  test('a heap too small for a percentage gets a size', () => {
    expect(fix({ collector: 'G1' })).toMatch(/^replace -Xmx512m by -Xmx\d+m \(in so little memory/)
    expect(fix({ memoryLimitBytes: 200 * MIB })).toMatch(/-Xmx\d+m \(in so little memory/)
  })
  test('no room for any heap: the limit has to be raised, and to what', () => {
    const found = verdict({ ...jvm, memoryLimitBytes: 64 * MIB })
    expect(found.fix).toBe(
      'raise the memory limit of /docker/4f to 648 MiB: what a JVM needs beside its heap leaves no room for one in 64 MiB',
    )
    expect(found.fixValues).toEqual({ memoryLimitBytes: 648 * MIB })
    expect(judge({ ...jvm, memoryLimitBytes: 648 * MIB }).kind).toBe('fine')
  })
})
