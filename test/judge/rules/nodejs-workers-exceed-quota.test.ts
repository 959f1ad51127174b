import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, quota, seen, stopped, verdictOf } from './cpu-profiles.ts'
import { nodejs } from './other-profiles.ts'

const RULE = 'node.workers-exceed-quota'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...nodejs, ...change })).toBe(want)

test('a worker for each CPU of the machine', () => {
  expect(verdictOf(RULE, { ...nodejs, workers: 9, ...seen(stopped(0.3)) })).toMatchObject({
    severity: 'warning',
    summary: '8 workers share what the kernel grants to /c: 2 cores. The machine has 8 cores.',
    believed: { value: 8 },
    enforced: { value: 2, source: '/c' },
    fix: 'run 2 workers: set WEB_CONCURRENCY=2 where the program reads it, or start pm2 with -i 2',
    fixValues: { workers: 2 },
  })
})

describe('table', () => {
  test.each([
    [{ workers: 9 }, 'info'],
    [{ workers: 9, ...seen(stopped(0.3)) }, 'warning'],
    [{ workers: 7, ...seen(stopped(0.3)) }, 'warning'],
    // Made on purpose: as many as the quota is good for, or by another measure.
    [{ workers: 5 }, 'fine'],
    [{ workers: 6 }, 'fine'],
    [{ workers: 1 }, 'fine'],
    [{ workers: 9, ...quota(4) }, 'fine'],
  ])('%j: %s', f)
})

test('no quota, or a worker, which is judged with its master: fine', () => {
  expect(answerOf(RULE, without({ ...nodejs, workers: 9 }, 'cpuLimitCores'))).toBe('fine')
  expect(answerOf(RULE, without(nodejs, 'workers'))).toBe('fine')
  expect(answerOf(RULE, without({ ...nodejs, workers: 9 }, 'machineCpus'))).toBe('not-judged')
})
