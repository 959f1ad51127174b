import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, quota, verdictOf } from './cpu-profiles.ts'
import { nodejs } from './other-profiles.ts'

const RULE = 'node.uv-threadpool'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...nodejs, ...change })).toBe(want)

const pool = (size: string): Partial<RuntimeProfile> => ({
  environment: { UV_THREADPOOL_SIZE: size },
})

test('128 threads with two CPUs', () => {
  expect(verdictOf(RULE, { ...nodejs, ...pool('128') })).toMatchObject({
    severity: 'info',
    believed: { value: 128, source: 'UV_THREADPOOL_SIZE' },
    enforced: { value: 2 },
    fix: 'set UV_THREADPOOL_SIZE=4, unless its threads mostly wait for files',
  })
})

describe('table', () => {
  test.each([
    [pool('9'), 'info'],
    [pool('8'), 'fine'],
    [pool('4'), 'fine'],
    [pool('x'), 'fine'],
    [{}, 'fine'],
    [{ ...pool('64'), ...quota(16), affinityCpus: 64 }, 'fine'],
    // The default is nobody's fault, whatever the quota.
    [quota(0.5), 'fine'],
  ])('%j: %s', f)
})

test('no quota: fine; settings unknown: not judged', () => {
  expect(answerOf(RULE, without({ ...nodejs, ...pool('128') }, 'cpuLimitCores'))).toBe('fine')
  expect(answerOf(RULE, without(nodejs, 'environment'))).toBe('not-judged')
})
