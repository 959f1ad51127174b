import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, quota, verdictOf } from './cpu-profiles.ts'
import { envoy } from './other-profiles.ts'

const RULE = 'envoy.concurrency'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...envoy, ...change })).toBe(want)

const workers = (value: number): Partial<RuntimeProfile> => ({
  believedCpus: { value, confidence: 'strong', source: 'threads wrk:worker_N' },
})

test('a worker for each CPU of the machine', () => {
  expect(verdictOf(RULE, { ...envoy, ...workers(8) })).toMatchObject({
    severity: 'warning',
    confidence: 'strong',
    believed: { value: 8 },
    enforced: { value: 2, source: '/c' },
    fix: 'start it with --concurrency 2',
    fixValues: { concurrency: 2 },
  })
})

describe('table', () => {
  test.each([
    [workers(5), 'warning'],
    [workers(4), 'fine'],
    [workers(2), 'fine'],
    [{ ...workers(2), ...quota(0.5) }, 'fine'],
    // Its sidecar was started by the limit.
    [{ ...workers(1), ...quota(0.1) }, 'fine'],
  ])('%j: %s', f)
})

test('no quota: fine; workers unknown: not judged', () => {
  expect(answerOf(RULE, without({ ...envoy, ...workers(8) }, 'cpuLimitCores'))).toBe('fine')
  expect(answerOf(RULE, without(envoy, 'believedCpus'))).toBe('not-judged')
})
