import { expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { answerOf, MIB, seen, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.swap'

/** 300 MiB in swap, 50 pages a second back from there. */
const swapped: RuntimeProfile = {
  ...well,
  swapBytes: 300 * MIB,
  ...seen({ majorFaults: 30_000, safepointSeconds: 120 }),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...swapped, ...change })).toBe(want)

test('what it says', () => {
  expect(verdictOf(RULE, swapped)).toMatchObject({
    severity: 'high',
    confidence: 'exact',
    summary:
      '300 MiB of it are in swap, and 50 pages a second are read from disk; it stood still for 20 % of the time.',
    fixValues: { swapLimitBytes: 0 },
  })
})

test('what rests in swap unread does no harm', () => {
  f(seen({ majorFaults: 600, safepointSeconds: 120 }), 'fine')
  f(seen({ majorFaults: 601, safepointSeconds: 120 }), 'high')
  f(seen({ majorFaults: 6000, safepointSeconds: 4 }), 'fine')
  f(seen({ majorFaults: 6001, safepointSeconds: 4 }), 'high')
})

test('fewer pages, but pauses tell of it too', () => {
  f(seen({ majorFaults: 3000, safepointSeconds: 61 }), 'high')
  f(seen({ majorFaults: 3000, safepointSeconds: 60 }), 'fine')
})

test('how much is swapped, by itself and of the heap', () => {
  const read = seen({ majorFaults: 30_000, safepointSeconds: 4 })
  f({ swapBytes: 64 * MIB, ...read }, 'fine')
  f({ swapBytes: 64 * MIB + 1, ...read }, 'high')
  f({ swapBytes: 52 * MIB }, 'high')
  f({ swapBytes: 51 * MIB }, 'fine')
  f({ swapBytes: 0 }, 'fine')
})

test('of its cgroup, where that of the process is not known', () => {
  const { swapBytes: _, ...unknown } = swapped
  const cgroup = { ...unknown, cgroupMemory: { swapBytes: 300 * MIB } }
  expect(verdictOf(RULE, cgroup).confidence).toBe('strong')
  expect(answerOf(RULE, unknown)).toBe('not-judged')
})

test('each version of cgroups has its own files', () => {
  const advised = (machineCgroups: 'v1' | 'v2' | 'hybrid') => {
    const { swapBytes: _, ...cgroup } = {
      ...swapped,
      machineCgroups,
      cgroupMemory: { swapBytes: 300 * MIB },
    }
    const { fix, fixValues, evidence } = verdictOf(RULE, cgroup)
    return [fix.split(';')[0], fixValues, evidence[0]!.source]
  }
  const v1 = ['set memory.swappiness=0 for /c', { swappiness: 0 }, 'memory.stat total_swap']
  expect(advised('v1')).toEqual(v1)
  expect(advised('hybrid')).toEqual(v1)
  expect(advised('v2')).toEqual([
    'set memory.swap.max=0 for /c, or vm.swappiness=1 on the machine',
    { swapLimitBytes: 0 },
    'memory.swap.current',
  ])
})

test('too little is known', () => {
  f(seen({ safepointSeconds: 120 }), 'not-judged')
  f(seen({ majorFaults: 30_000, seconds: 60 }), 'not-judged')
})
