import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, judgementOf, quota, seen, stopped, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'generic.host-sized-pool'
const pool = (threads: number) => ({ pool: { name: 'encoder-', threads } })
/** Something of one's own on 32 CPUs, in a quota of 4. */
const profile: RuntimeProfile = {
  ...well,
  runtime: 'python',
  machineCpus: 32,
  affinityCpus: 32,
  ...quota(4),
  ...pool(32),
  ...seen(stopped(0.3)),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...profile, ...change })).toBe(want)

test('as many threads as the machine has CPUs', () => {
  expect(verdictOf(RULE, profile)).toMatchObject({
    severity: 'info',
    confidence: 'inferred',
    summary:
      '32 threads "encoder-" look sized by the 32 CPUs of the machine; the quota of 4 cores stopped them in 30 % of the periods.',
    believed: { value: 32, unit: '{thread}' },
    enforced: { value: 4 },
    fix: 'find what sets the size of threads "encoder-", and set it to 4',
    fixValues: { size: 4 },
  })
})

describe('sizes that are made of the CPUs of 32', () => {
  test.each([
    [30, 'fine'],
    [31, 'info'],
    [32, 'info'],
    [33, 'fine'],
    [64, 'info'],
    [65, 'info'],
    [200, 'fine'],
  ])('%i: %s', (threads, want) => f(pool(threads), want))
  test('workers, their master left out', () => {
    f({ ...pool(7), workers: 33 }, 'info')
    f({ ...pool(7), workers: 32 }, 'info')
    f({ ...pool(7), workers: 31 }, 'fine')
    expect(verdictOf(RULE, { ...without(profile, 'pool'), workers: 65 }).fix).toBe(
      'find what sets the size of worker processes, and set it to 4',
    )
  })
})

describe('no finding', () => {
  test('more than a quarter of the machine', () => f(quota(8.5), 'fine'))
  test('no quota', () => {
    expect(answerOf(RULE, without(profile, 'cpuLimitCores'))).toBe('fine')
  })
  test('hardly ever stopped', () => f(seen(stopped(0.1)), 'fine'))
  test('three of a kind on a machine of four', () => {
    const small = { machineCpus: 4, affinityCpus: 4, ...quota(1) }
    f({ ...small, ...pool(3) }, 'fine')
    f({ ...small, ...pool(4) }, 'info')
  })
})

describe('not judged', () => {
  const why = (change: RuntimeProfile) => judgementOf(RULE, change).kind
  test('too short, or not measured', () => {
    f(seen({ ...stopped(0.3), seconds: 200 }), 'not-judged')
    f({ recent: { seconds: 600 } }, 'not-judged')
  })
  test('neither threads nor workers were read, or the machine is not known', () => {
    expect(why(without(profile, 'pool'))).toBe('not-judged')
    expect(why(without(profile, 'machineCpus'))).toBe('not-judged')
  })
})
