import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, believes, GIB, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.limit-on-ancestor'

/** In /pod/c, with 4 GiB and half a CPU on /pod; on 8 CPUs and 16 GiB. */
const inside: RuntimeProfile = {
  ...without(without(well, 'ownMemoryLimitBytes'), 'ownCpuLimitCores'),
  flags: ['-XX:+UseG1GC'],
  cgroup: '/pod/c',
  memoryLimitBytes: 4 * GIB,
  memoryLimitCgroup: '/pod',
  cpuLimitCores: 0.5,
  machineMemoryBytes: 16 * GIB,
  heapMaxBytes: 4 * GIB,
  ...believes(8),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...inside, ...change })).toBe(want)

test('memory and CPU: believed, enforced and the fix', () => {
  expect(verdictOf(RULE, inside)).toMatchObject({
    severity: 'high',
    confidence: 'strong',
    summary: expect.stringMatching(
      /^A heap of up to 4096 MiB \(4\d{3} MiB in all\) is sized by 16384 MiB, \/pod is stopped at 4096 MiB; It counts 8 cores, a cgroup above \/pod\/c has a quota of 0\.5 cores: /,
    ) as string,
    believed: { value: 4 * GIB },
    enforced: { value: 4 * GIB, source: '/pod' },
    fix: expect.stringMatching(
      /^set the same limit on \/pod\/c too, or add -Xmx35\d\dm -XX:ActiveProcessorCount=1$/,
    ) as string,
    fixValues: { activeProcessorCount: 1 },
  })
})

describe('CPU alone', () => {
  const cpu = { heapMaxBytes: 256 * MIB }
  test('on cgroup v1 too', () => {
    f(cpu, 'high')
    f({ ...cpu, machineCgroups: 'v1' }, 'high')
  })
  test('it counts no more than the quota, or was told how many', () => {
    f({ ...cpu, ...believes(1) }, 'fine')
    f({ ...cpu, flags: ['-XX:ActiveProcessorCount=8'] }, 'fine')
  })
})

describe('an input is missing', () => {
  const noCpus = without(inside, 'believedCpus')
  const noHeap = without(inside, 'heapMaxBytes')
  const f = (profile: RuntimeProfile, want: string) => expect(answerOf(RULE, profile)).toBe(want)
  test('of what is not told by the other one: not judged', () => {
    f({ ...noCpus, heapMaxBytes: 256 * MIB }, 'not-judged')
    f({ ...noHeap, ...believes(1) }, 'not-judged')
    f(without(noHeap, 'believedCpus'), 'not-judged')
  })
  test('one is missed, whatever the other is', () => {
    f(noCpus, 'high')
    f(noHeap, 'high')
  })
  test('what somebody fixed need not be known', () => {
    f({ ...noHeap, ...believes(1), flags: ['-Xmx4g'] }, 'fine')
    f({ ...noCpus, heapMaxBytes: 256 * MIB, flags: ['-XX:ActiveProcessorCount=8'] }, 'fine')
  })
})

describe('memory alone', () => {
  const memory = { ...believes(1) }
  test('only where it is told to nobody below', () => {
    f(memory, 'high')
    f({ ...memory, machineCgroups: 'v1' }, 'fine')
  })
  test('a heap that is small or fixed', () => {
    f({ ...memory, heapMaxBytes: 3 * GIB }, 'fine')
    f({ ...memory, flags: ['-Xmx4g'] }, 'fine')
  })
  test('a looser limit of its own', () => {
    f({ ...memory, ownMemoryLimitBytes: 8 * GIB }, 'high')
    f({ ...memory, ownMemoryLimitBytes: 4 * GIB, memoryLimitCgroup: '/pod/c' }, 'fine')
  })
})

describe('late builds look up', () => {
  /** What 4 GiB and half a CPU make of it. */
  const seeing = { heapMaxBytes: GIB, ...believes(1) }
  test.each([
    { version: '25.0.3' },
    { version: '21.0.13' },
    { capabilities: ['UseContainerSupport', 'cpu.max', 'Adjusting controller path'] },
  ])('%j', (build) => {
    f({ ...build, ...seeing }, 'fine')
    f(
      { ...build, ...seeing, heapMaxBytes: 3.9 * GIB, flags: ['-XX:MaxRAMPercentage=98.0'] },
      'fine',
    )
  })
  test('but nothing is there in a namespace of its own: a quarter of the machine, all of its CPUs', () => {
    const found = verdictOf(RULE, { ...inside, version: '25.0.3' })
    expect(found.summary).toMatch(
      /is sized by what it sees, .*: the JVM sees nothing above \/pod\/c\.$/,
    )
    f({ version: '25.0.3', ...seeing, ...believes(8) }, 'high')
    f({ version: '25.0.3', ...seeing, heapMaxBytes: 4 * GIB }, 'high')
  })
  test('nothing that it made of itself tells: not judged', () => {
    const guess = { value: 1, confidence: 'inferred', source: 'what its version sees' } as const
    f({ version: '25.0.3', ...seeing, believedCpus: guess }, 'not-judged')
    f({ version: '25.0.3', ...believes(1), flags: ['-XX:+UseG1GC', CUT] }, 'not-judged')
    f({ version: '25.0.3', believedCpus: guess }, 'high')
    // A build that never looks up is told by its version alone.
    f({ ...seeing, believedCpus: guess }, 'fine')
  })
})

test('the line that has it, and a blind one, which is told of by another rule', () => {
  f({ version: '21.0.9' }, 'high')
  f({ flags: ['-XX:-UseContainerSupport'] }, 'fine')
  expect(answerOf(RULE, without(inside, 'version'))).toBe('not-judged')
})

test('limits of its own, or none', () => {
  expect(answerOf(RULE, well)).toBe('fine')
  expect(answerOf(RULE, without(without(inside, 'memoryLimitBytes'), 'cpuLimitCores'))).toBe('fine')
})
