import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import {
  answerOf,
  believes,
  GIB,
  judgementOf,
  quota,
  recorded,
  seen,
  verdictOf,
  well,
} from './cpu-profiles.ts'

const RULE = 'jvm.parallelgc-small-quota'
const parallel: RuntimeProfile = {
  ...well,
  collector: 'Parallel',
  flags: ['-XX:+UseParallelGC'],
  ...quota(0.5),
  ...believes(1),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...parallel, ...change })).toBe(want)

test('8 without container support in a quota of 0.5', () => {
  const jvm = recorded('jdk8-parallel-nocontainer', {
    memoryLimitBytes: 3 * GIB,
    ...quota(0.5),
    believedCpus: { value: 2, confidence: 'strong', source: 'sun.ci.threads' },
  })
  expect(verdictOf(RULE, jvm)).toMatchObject({
    severity: 'warning',
    confidence: 'strong',
    summary: 'ParallelGC collects with 2 threads where the kernel grants 0.5 cores to /c.',
    fix: 'add -XX:ParallelGCThreads=1; where pauses matter, replace -XX:+UseParallelGC by -XX:+UseG1GC',
  })
})

test('a small heap: Serial, in place of the flag that is there', () => {
  expect(verdictOf(RULE, { ...parallel, ...believes(8) })).toMatchObject({
    fix: 'replace -XX:+UseParallelGC by -XX:+UseSerialGC',
  })
  expect(verdictOf(RULE, { ...parallel, ...believes(8), flags: [] }).fix).toBe(
    'add -XX:+UseSerialGC',
  )
})

test('more than one CPU, or a large heap: fewer threads', () => {
  const fix = (change: Partial<RuntimeProfile>) =>
    verdictOf(RULE, { ...parallel, ...believes(8), ...change }).fixValues
  expect(fix(quota(1.5))).toEqual({ parallelGcThreads: 2 })
  expect(fix({ heapMaxBytes: 2 * GIB })).toEqual({ parallelGcThreads: 1 })
})

describe('one thread', () => {
  test('that takes a good part of the CPU time', () => {
    expect(verdictOf(RULE, { ...parallel, ...seen({ gcCpuSeconds: 18 }) })).toMatchObject({
      summary:
        'ParallelGC collects and takes 6 % of its CPU time where the kernel grants 0.5 cores to /c.',
      evidence: [{ name: 'CPU quota' }, { value: 0.06 }],
    })
  })
  test('that hardly collects', () => f(seen({ gcCpuSeconds: 15 }), 'fine'))
  test('of a process that rests', () => f(seen({ cpuSeconds: 20, gcCpuSeconds: 10 }), 'fine'))
  test('of which too little was seen', () => {
    f(seen({ seconds: 200 }), 'not-judged')
    f({ recent: { seconds: 600, cpuSeconds: 3 } }, 'not-judged')
  })
})

describe('no finding', () => {
  test('two CPUs', () => f({ ...quota(2), ...believes(8) }, 'fine'))
  test('a quota of 1.5 for two threads', () => f({ ...quota(1.5), ...believes(2) }, 'fine'))
  test('another collector', () => f({ collector: 'Serial', ...believes(8) }, 'fine'))
  test('no quota', () => {
    expect(answerOf(RULE, without(parallel, 'cpuLimitCores'))).toBe('fine')
  })
  test('unknown collector or threads: not judged', () => {
    expect(judgementOf(RULE, without(parallel, 'collector')).kind).toBe('not-judged')
    const unknown = without({ ...parallel, ...quota(1.5) }, 'believedCpus')
    expect(judgementOf(RULE, unknown).kind).toBe('not-judged')
  })
})
