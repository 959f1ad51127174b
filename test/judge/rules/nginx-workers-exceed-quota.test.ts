import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, quota, seen, stopped, verdictOf } from './cpu-profiles.ts'
import { nginx } from './other-profiles.ts'

const RULE = 'nginx.workers-exceed-quota'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...nginx, ...change })).toBe(want)

test('a worker for each CPU of the machine', () => {
  expect(verdictOf(RULE, { ...nginx, workers: 9, ...seen(stopped(0.3)) })).toMatchObject({
    severity: 'warning',
    believed: { value: 8 },
    enforced: { value: 2, source: '/c' },
    fix: 'set worker_processes 2; in the official image NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE=1 does so',
  })
})

describe('table', () => {
  test.each([
    // Workers that rest cost memory alone.
    [{ workers: 9 }, 'info'],
    [{ workers: 5, affinityCpus: 4, ...quota(0.5) }, 'info'],
    [{ workers: 7 }, 'fine'],
    [{ workers: 3 }, 'fine'],
    [{ workers: 3, affinityCpus: 2, ...quota(0.5) }, 'fine'],
    [{ workers: 9, ...quota(4) }, 'fine'],
    // One process, without a master.
    [{ workers: 1 }, 'fine'],
  ])('%j: %s', f)
})

test('no quota, or a worker, which is judged with its master: fine', () => {
  expect(answerOf(RULE, without({ ...nginx, workers: 9 }, 'cpuLimitCores'))).toBe('fine')
  expect(answerOf(RULE, without(nginx, 'workers'))).toBe('fine')
  expect(answerOf(RULE, without({ ...nginx, workers: 9 }, 'machineCpus'))).toBe('not-judged')
})
