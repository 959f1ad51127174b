import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, quota, seen, stopped, verdictOf } from './cpu-profiles.ts'
import { ruby } from './other-profiles.ts'

const RULE = 'ruby.workers-exceed-quota'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...ruby, ...change })).toBe(want)

test('a worker for each CPU of the machine', () => {
  expect(verdictOf(RULE, { ...ruby, workers: 9, ...seen(stopped(0.3)) })).toMatchObject({
    severity: 'info',
    believed: { value: 8 },
    fix: 'set WEB_CONCURRENCY=2, or run --workers 2',
    fixValues: { workers: 2 },
  })
})

describe('table', () => {
  test.each([
    [{ workers: 9 }, 'info'],
    [{ workers: 7 }, 'fine'],
    [{ workers: 3 }, 'fine'],
    [{ workers: 1 }, 'fine'],
    [{ workers: 9, ...quota(4) }, 'fine'],
  ])('%j: %s', f)
})

test('no quota, or a worker, which is judged with its master: fine', () => {
  expect(answerOf(RULE, without({ ...ruby, workers: 9 }, 'cpuLimitCores'))).toBe('fine')
  expect(answerOf(RULE, without(ruby, 'workers'))).toBe('fine')
  expect(answerOf(RULE, without({ ...ruby, workers: 9 }, 'machineCpus'))).toBe('not-judged')
})
