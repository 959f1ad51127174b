import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import {
  answerOf,
  believes,
  judgementOf,
  quota,
  seen,
  stopped,
  verdictOf,
  well,
} from './cpu-profiles.ts'

const RULE = 'jvm.throttled-during-gc'
/** Serial in a fifth of a CPU. */
const jvm: RuntimeProfile = {
  ...well,
  collector: 'Serial',
  ...quota(0.2),
  ...believes(1),
  ...seen({ ...stopped(0.5), stopSeconds: 25, gcCpuSeconds: 10 }),
}
const moved = (change: Parameters<typeof seen>[0]) =>
  seen({ ...stopped(0.5), stopSeconds: 25, gcCpuSeconds: 10, ...change })
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...jvm, ...change })).toBe(want)

/** Wall time of pauses and CPU time in them, as they were measured with a quota and without. */
describe('measured', () => {
  test.each([
    ['Serial', 1, 0.2, 1.85, 'fine'],
    ['Parallel', 8, 0.2, 7.8, 'high'],
    ['G1', 8, 0.2, 2.5, 'high'],
    ['Serial', 1, 8, 1.06, 'fine'],
    ['G1', 8, 8, 1.02, 'fine'],
  ])('%s with %d threads in %d CPUs: %d times', (collector, threads, cores, stretch, want) => {
    const workers = Math.min(threads, Math.max(1, cores))
    const flags = [`-XX:ParallelGCThreads=${threads}`]
    const recent = moved({ stopSeconds: (10 * stretch) / workers })
    f({ collector, flags, ...quota(cores), ...recent }, want)
  })
})

test('what it says, and what to set', () => {
  const parallel = { collector: 'Parallel', flags: ['-XX:ParallelGCThreads=8'] }
  const found = verdictOf(RULE, { ...jvm, ...parallel, ...moved({ stopSeconds: 78 }) })
  expect(found).toMatchObject({
    severity: 'high',
    confidence: 'strong',
    summary:
      'Pauses to collect take 7.8 times the CPU time in them, and the quota stopped it in 50 % of the periods.',
    evidence: [{ value: 7.8 }, { value: 0.5 }, { value: 0.2 }],
    fix: 'replace -XX:ParallelGCThreads=8 by -XX:ParallelGCThreads=1; or raise the CPU limit of /c to 0.5 cores, or drop it and keep the request',
    fixValues: { parallelGcThreads: 1, cpuLimitCores: 0.5 },
  })
})

test('one thread already: only the quota can be raised', () => {
  expect(verdictOf(RULE, jvm).fix).toBe(
    'raise the CPU limit of /c to 0.5 cores, or drop it and keep the request',
  )
})

test('what else stretches pauses is named, and makes it a guess', () => {
  const found = verdictOf(RULE, { ...jvm, ...moved({ majorFaults: 6001, ioFullSeconds: 31 }) })
  expect(found.confidence).toBe('inferred')
  expect(found.summary).toMatch(/There was reading from disk or swap and waiting for disks too\.$/)
  expect(verdictOf(RULE, { ...jvm, ...moved({ majorFaults: 6000, ioFullSeconds: 30 }) })).toEqual(
    verdictOf(RULE, jvm),
  )
})

describe('a machine that is short of CPU is named', () => {
  const found = (recent: Parameters<typeof seen>[0], stolenCores?: number) => {
    const stolen = stolenCores === undefined ? {} : { machineStolenCores: stolenCores }
    const { confidence, summary, evidence } = verdictOf(RULE, {
      ...jvm,
      ...moved(recent),
      ...stolen,
    })
    return [confidence, / There was (.*) too/.exec(summary)?.[1], evidence[3]?.value]
  }
  const NOTHING = ['strong', undefined, undefined]
  const waiting = 'waiting for a CPU where the quota stopped nobody'
  const stolen = 'CPU time that the hypervisor gave to others'
  test('others on its CPUs, beyond what the quota explains', () => {
    const hardly = { ...stopped(0.067), throttledSeconds: 40, cpuSomeSeconds: 400 }
    expect(found(hardly)).toEqual(['inferred', waiting, expect.closeTo(0.6, 2)])
    // Stopped in half of the time: as long as that it waits for the quota.
    const half = { throttledSeconds: 900 }
    expect(found({ ...half, cpuSomeSeconds: 360 })).toEqual(NOTHING)
    expect(found({ ...half, cpuSomeSeconds: 361 })[1]).toBe(waiting)
    expect(found({ throttledSeconds: 30, cpuSomeSeconds: 91 })[1]).toBe(waiting)
    expect(found({ throttledSeconds: 40, cpuSomeSeconds: 91 })).toEqual(NOTHING)
  })
  test('a hypervisor that keeps CPUs', () => {
    expect(found({}, 0.4)).toEqual(NOTHING)
    expect(found({}, 0.48)).toEqual(['inferred', stolen, expect.closeTo(0.06, 5)])
  })
})

describe('no finding', () => {
  test('stretched by something else: it was not stopped', () => f(moved(stopped(0.05)), 'fine'))
  test('hardly any pauses', () => f(moved({ stopSeconds: 6, gcCpuSeconds: 1 }), 'fine'))
  test('pauses as long as their work', () => f(moved({ gcCpuSeconds: 12.5 }), 'fine'))
  test('no quota', () => expect(answerOf(RULE, without(jvm, 'cpuLimitCores'))).toBe('fine'))
})

describe('not judged, and why', () => {
  const why = (change: Partial<RuntimeProfile>) => {
    const judgement = judgementOf(RULE, { ...jvm, ...change })
    return judgement.kind === 'not-judged' ? judgement.reason : judgement.kind
  }
  test.each([
    [{ seconds: 10 }, /^10 s of history/],
    [{ seconds: 600 }, /how often the kernel stopped/],
    [{ seconds: 600, ...stopped(0.5) }, /how long its collections stop it/],
    [{ seconds: 600, ...stopped(0.5), stopSeconds: 25 }, /CPU time of its collector/],
  ])('%j', (recent, want) => expect(why({ recent })).toMatch(want))
  test('how many threads collect matters with more than one CPU', () => {
    const unknown = without({ ...jvm, collector: 'G1', ...quota(2) }, 'believedCpus')
    expect(judgementOf(RULE, unknown)).toMatchObject({
      reason: 'what its pauses should have taken cannot be told from what was measured',
    })
    expect(answerOf(RULE, { ...unknown, ...quota(1) })).toBe('high')
  })
})
