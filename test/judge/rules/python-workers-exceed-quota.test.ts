import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, quota, seen, stopped, verdictOf } from './cpu-profiles.ts'
import { python } from './other-profiles.ts'

const RULE = 'python.workers-exceed-quota'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...python, ...change })).toBe(want)

const pool = (threads: number, name = 'python3'): Partial<RuntimeProfile> => ({
  pool: { name, threads },
})

test('gunicorn with 2·CPUs+1 of the machine', () => {
  expect(verdictOf(RULE, { ...python, workers: 18, ...seen(stopped(0.3)) })).toMatchObject({
    severity: 'warning',
    believed: { value: 17 },
    enforced: { value: 2, source: '/c' },
    fix: 'run --workers 5; with Python 3.13 or later set PYTHON_CPU_COUNT=2 as well',
    fixValues: { workers: 5, pythonCpuCount: 2 },
  })
})

test('threads of a numeric library', () => {
  expect(verdictOf(RULE, { ...python, ...pool(8), ...seen(stopped(0.3)) })).toMatchObject({
    severity: 'warning',
    confidence: 'inferred',
    fix: 'set OMP_NUM_THREADS=2, which OpenBLAS and MKL follow too',
  })
})

describe('table', () => {
  test.each([
    [{ workers: 9 }, 'info'],
    [{ workers: 9, ...seen(stopped(0.3)) }, 'warning'],
    [pool(8), 'info'],
    [pool(7), 'info'],
    // By another measure than the CPUs of the machine.
    [{ workers: 13 }, 'fine'],
    [{ workers: 6 }, 'fine'],
    [{ workers: 1 }, 'fine'],
    [pool(40), 'fine'],
    [pool(8, 'grpc_queue'), 'fine'],
    [{ ...pool(8), environment: { OMP_NUM_THREADS: '8' } }, 'fine'],
    [{ ...pool(8), environment: { [CUT]: '' } }, 'not-judged'],
    [{ ...pool(4), environment: { [CUT]: '' } }, 'fine'],
    [{ ...pool(8), ...quota(6) }, 'fine'],
  ])('%j: %s', f)
})

test('a worker that its master started is judged by its threads alone', () => {
  expect(answerOf(RULE, without(python, 'workers'))).toBe('fine')
  expect(answerOf(RULE, without({ ...python, ...pool(8) }, 'workers'))).toBe('info')
})
test('no group of threads: there are too few, or their names were not read', () => {
  f({ osThreads: 6 }, 'fine')
  f({ osThreads: 7 }, 'not-judged')
  f({ osThreads: 7, workers: 9 }, 'info')
  expect(answerOf(RULE, without(python, 'osThreads'))).toBe('not-judged')
  expect(answerOf(RULE, without({ ...python, ...pool(8) }, 'osThreads'))).toBe('info')
})
test('no quota: fine; settings unknown: not judged', () => {
  expect(answerOf(RULE, without({ ...python, workers: 9 }, 'cpuLimitCores'))).toBe('fine')
  expect(answerOf(RULE, without(python, 'environment'))).toBe('not-judged')
})
