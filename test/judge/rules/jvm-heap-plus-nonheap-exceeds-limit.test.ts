import { describe, expect, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, judgementOf, MIB, recorded, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.heap-plus-nonheap-exceeds-limit'

/** 80 % of 2000 MiB, with 13,000 classes and 448 threads: killed every hour in real life. */
const killed: RuntimeProfile = {
  ...well,
  version: '17.0.9',
  heapMaxBytes: 1600 * MIB,
  metaspaceCommittedBytes: 83 * MIB,
  classes: 13_000,
  osThreads: 448,
  flags: ['-XX:MaxRAMPercentage=80.0'],
  memoryLimitBytes: 2000 * MIB,
  ownMemoryLimitBytes: 2000 * MIB,
}
const limited = (mib: number): Partial<RuntimeProfile> => ({
  memoryLimitBytes: mib * MIB,
  ownMemoryLimitBytes: mib * MIB,
})
const day = (nonHeapMib: number, seconds = 86_400): Partial<RuntimeProfile> => ({
  longRun: { seconds, nonHeapP99Bytes: nonHeapMib * MIB },
})

test('believed, enforced, the table of parts and the fix', () => {
  const found = verdictOf(RULE, killed)
  expect(found).toMatchObject({
    severity: 'critical',
    confidence: 'strong',
    summary:
      '1600 MiB of heap and 411 MiB beside it are 2011 MiB, 101 % of the limit of /c, 2000 MiB, by the model.',
    believed: { value: 1600 * MIB },
    enforced: { value: 2000 * MIB, source: '/c' },
    fix: 'replace -XX:MaxRAMPercentage=80.0 by -XX:MaxRAMPercentage=67.0 (a heap of 1340 MiB), and bound the rest by -XX:MaxMetaspaceSize=156m -XX:MaxDirectMemorySize=150m',
    fixValues: { maxRamPercentage: 67 },
  })
  expect(found.evidence.map(({ name }) => name)).toContain('metaspace')
  expect(found.evidence.length).toBeLessThanOrEqual(limits.evidenceItems.value)
})

describe('severity', () => {
  const f = (change: Partial<RuntimeProfile>, want: string) =>
    expect(answerOf(RULE, { ...killed, ...change })).toBe(want)
  test('by share of the limit', () => {
    f(limited(2010), 'critical')
    f(limited(2040), 'high')
    f(limited(2080), 'info')
    f(limited(2400), 'fine')
  })
  test('a model without figures of this JVM does not say that it dies', () => {
    expect(answerOf(RULE, { ...without(killed, 'osThreads'), ...limited(1900) })).toBe('high')
    expect(verdictOf(RULE, { ...without(killed, 'flags'), ...limited(1900) }).confidence).toBe(
      'inferred',
    )
  })
  test('where the kernel swaps it is not killed at once', () => {
    f({ ...limited(1900), machineSwapBytes: 4 * GIB }, 'high')
    f({ ...limited(1900), machineSwapBytes: 4 * GIB, swapLimitBytes: 0 }, 'critical')
  })
})

describe('what was measured', () => {
  test('counts after a day, and is said', () => {
    const found = verdictOf(RULE, { ...killed, ...day(700) })
    expect(found.severity).toBe('critical')
    expect(found.summary).toContain('as measured (99th percentile of 24 h)')
    expect(found.fixValues['xmxBytes']).toBe(1200 * MIB)
  })
  test('never less than the model', () => {
    expect(verdictOf(RULE, { ...killed, ...day(100) }).summary).toContain('by the model')
  })
  test('not before a day, not of several JVMs', () => {
    expect(verdictOf(RULE, { ...killed, ...day(700, 40_000) }).summary).toContain('by the model')
    const neighbours = [{ pid: '7', runtime: 'jvm', name: 'b', believedMemoryBytes: MIB }] as const
    const two = { ...killed, ...day(700), jvmsInCgroup: 2, neighbours }
    expect(verdictOf(RULE, two).summary).toContain('by the model')
  })
})

describe('the fix fits', () => {
  // By hand, MiB: books of G1 36.6 + 3.94 % of the heap; stacks 448 × 128 KiB = 56; compiled code
  // 13,000 × 5 KiB = 63.5; one C2 thread 10; the JVM itself 35; a tenth of what malloc gives.
  const others = (heap: number, metaspace: number, direct: number) =>
    heap + 63.5 + 10 + 35 + 1.1 * (36.6 + 0.0394 * heap + 56 + metaspace + direct)
  test('with all that is bounded at its bound', () => {
    expect(others(1340, 156, 150)).toBeLessThanOrEqual(2000)
    // What is expected: only buffers come to their bound.
    expect(others(1340, 104, 150)).toBeLessThanOrEqual(0.95 * 2000)
    expect(others(1480, 156, 160)).toBeGreaterThan(2000)
  })
  test('bounds alone, where the heap may stay: a higher limit if they do not fit', () => {
    const f = (mib: number, want: RegExp) =>
      expect(verdictOf(RULE, { ...killed, ...limited(mib) }).fix).toMatch(want)
    f(2080, /^add -XX:MaxMeta.* stays bounded\), and raise the limit to 22\d\d MiB, or leave it$/)
    f(2300, /^add -XX:MaxMetaspaceSize=156m -XX:MaxDirectMemorySize=160m \(so that.* bounded\)$/)
    const bounds = ['-XX:MaxMetaspaceSize=100m', '-XX:MaxDirectMemorySize=32m']
    const set = verdictOf(RULE, {
      ...killed,
      ...limited(2110),
      flags: [...killed.flags!, ...bounds],
    })
    const [, all] = /allow up to (\d+) MiB/.exec(set.summary)!
    expect(set.fix).toBe(`raise the limit to ${all} MiB, or leave it`)
  })
})

describe('several runtimes in the cgroup', () => {
  const small = { ...killed, heapMaxBytes: 600 * MIB, flags: ['-Xmx600m'] }
  const other = (believedMib: number | undefined) => ({
    jvmsInCgroup: 2,
    neighbours: [
      {
        pid: '7',
        runtime: 'jvm' as const,
        name: 'other',
        ...(believedMib !== undefined && { believedMemoryBytes: believedMib * MIB }),
      },
    ],
  })
  test('alone it fits, together they do not', () => {
    expect(answerOf(RULE, small)).toBe('fine')
    expect(answerOf(RULE, { ...small, ...other(400) })).toBe('fine')
    const found = verdictOf(RULE, { ...small, ...other(1000) })
    expect(found.severity).toBe('critical')
    expect(found.summary).toContain(' of others are ')
    expect(found.fix).toContain('-Xmx')
    expect(found.evidence.length).toBeLessThanOrEqual(limits.evidenceItems.value)
  })
  test('what the other one takes is not known: not judged', () => {
    expect(answerOf(RULE, { ...small, ...other(undefined) })).toBe('not-judged')
    expect(answerOf(RULE, { ...small, jvmsInCgroup: 2 })).toBe('not-judged')
  })
  test('a helper that has just come will go again', () => {
    const { neighbours } = other(1000)
    const young = (ageSeconds: number) => ({
      jvmsInCgroup: 2,
      neighbours: neighbours.map((each) => ({ ...each, ageSeconds, rssAnonBytes: 40 * MIB })),
    })
    expect(answerOf(RULE, { ...small, ...young(59) })).toBe('fine')
    expect(answerOf(RULE, { ...small, ...young(60) })).toBe('critical')
    // Two services that start together are no helpers of each other.
    expect(answerOf(RULE, { ...small, ...young(20), ageSeconds: 20 })).toBe('critical')
  })
  test('what was measured holds what others have: it counts once', () => {
    const sidecar = (mib: number) => ({
      neighbours: [{ pid: '7', runtime: 'nodejs' as const, name: 'node', rssAnonBytes: mib * MIB }],
    })
    // 600 MiB of heap and 1200 beside it, 700 of them of the other one.
    const total = (jvm: RuntimeProfile) => /are (\d+) MiB/.exec(verdictOf(RULE, jvm).summary)![1]
    expect(total({ ...small, ...day(1200), ...sidecar(700), ...limited(1800) })).toBe('1800')
    expect(answerOf(RULE, { ...small, ...day(1200), ...sidecar(700) })).toBe('info')
    // What it holds is not known: the model has to do.
    const unknown = { neighbours: [{ pid: '7', runtime: 'nodejs' as const, name: 'node' }] }
    expect(answerOf(RULE, { ...small, ...day(1200), ...unknown })).toBe('not-judged')
  })
  test('a probe changes nothing of what was measured', () => {
    const probe = {
      jvmsInCgroup: 2,
      neighbours: [
        { pid: '7', runtime: 'jvm' as const, name: 'jcmd', ageSeconds: 3, rssAnonBytes: 60 * MIB },
      ],
    }
    expect(verdictOf(RULE, { ...killed, ...day(700), ...probe })).toEqual(
      verdictOf(RULE, { ...killed, ...day(700) }),
    )
  })
  test('a sidecar of another kind counts with what it has', () => {
    const neighbours = [
      { pid: '7', runtime: 'envoy' as const, name: 'envoy', rssAnonBytes: 1100 * MIB },
    ]
    expect(answerOf(RULE, { ...small, neighbours })).toBe('critical')
  })
})

test('no limit, no heap, no collector that collects', () => {
  expect(answerOf(RULE, without(killed, 'memoryLimitBytes'))).toBe('fine')
  expect(answerOf(RULE, without(killed, 'heapMaxBytes'))).toBe('not-judged')
  expect(answerOf(RULE, { ...killed, collector: 'Epsilon' })).toBe('not-judged')
})

test('a small heap leaves its buffers some room', () => {
  const small = { ...killed, classes: 800, osThreads: 25, heapMaxBytes: 600 * MIB, ...limited(760) }
  expect(verdictOf(RULE, small).fix).toMatch(/-XX:MaxDirectMemorySize=64m$/)
})

test('bounds that are set are not advised again; no room at all: a higher limit', () => {
  const flags = ['-Xmx1600m', '-XX:MaxMetaspaceSize=100m', '-XX:MaxDirectMemorySize=32m']
  expect(verdictOf(RULE, { ...killed, flags, ...limited(1900) }).fix).not.toContain('bound')
  const tight = { ...killed, heapMaxBytes: 128 * MIB, ...limited(300) }
  expect(verdictOf(RULE, tight).fix).toMatch(/^raise the memory limit of \/c to \d+ MiB/)
})

describe('recorded JVMs', () => {
  const f = (name: string, limitMib: number, want: string, change?: Partial<RuntimeProfile>) =>
    expect(
      answerOf(RULE, recorded(name, { osThreads: 21, ...limited(limitMib), ...change })),
      name,
    ).toBe(want)
  test('each in its cgroup', () => {
    f('jdk21-shenandoah', 1024, 'info', { cpuLimitCores: 1 })
    f('jdk25-zgc', 1024, 'fine')
    f('jdk25-g1-xms-eq-xmx', 2048, 'fine')
    f('jdk11-cms', 1024, 'fine')
    f('jdk17-default-serial-4g-quota0.5', 4096, 'fine')
  })
  test('the info is about what its flags allow', () => {
    const jvm = recorded('jdk21-shenandoah', { osThreads: 21, cpuLimitCores: 1, ...limited(1024) })
    expect(verdictOf(RULE, jvm)).toMatchObject({
      summary: expect.stringContaining('898 MiB, 87.7 % of the limit') as string,
      fix: 'add -XX:MaxMetaspaceSize=28m -XX:MaxDirectMemorySize=77m (so that what is beside the heap stays bounded)',
    })
  })
  test('a limit that shrank below what it needs', () => {
    f('jdk25-g1-xms-eq-xmx', 1024, 'critical')
  })
})

test('file pages are not part of it', () => {
  const cgroupMemory = { usageBytes: 2400 * MIB, cacheBytes: 2000 * MIB, anonBytes: 300 * MIB }
  expect(judgementOf(RULE, { ...killed, ...limited(2400), cgroupMemory })).toEqual({ kind: 'fine' })
})
