import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf } from './cpu-profiles.ts'
import { postgresql } from './other-profiles.ts'

const RULE = 'postgres.shared-buffers'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...postgresql, ...change })).toBe(want)

const shmem = (mebi: number): Partial<RuntimeProfile> => ({
  cgroupMemory: { shmemBytes: mebi * MIB },
})

test('shared memory takes most of the limit', () => {
  expect(verdictOf(RULE, { ...postgresql, ...shmem(700) })).toMatchObject({
    severity: 'high',
    confidence: 'strong',
    believed: { value: 700 * MIB, source: 'memory.stat shmem' },
    enforced: { value: GIB, source: '/c' },
    fix: 'set shared_buffers = 256MB',
    fixValues: { sharedBuffersMib: 256 },
  })
})

describe('table', () => {
  test.each([
    [shmem(513), 'high'],
    [shmem(512), 'fine'],
    [{ ...shmem(400), workers: 12 }, 'warning'],
    [{ ...shmem(400), workers: 9 }, 'fine'],
    [{}, 'fine'],
    // Huge pages are not charged to the limit.
    [shmem(8), 'fine'],
    // Cache that is not shared memory can be dropped.
    [{ cgroupMemory: { shmemBytes: 200 * MIB, cacheBytes: 900 * MIB } }, 'fine'],
  ])('%j: %s', f)
})

test('no limit: fine; shared memory or backends unknown: not judged', () => {
  expect(answerOf(RULE, without({ ...postgresql, ...shmem(700) }, 'memoryLimitBytes'))).toBe('fine')
  expect(answerOf(RULE, without(postgresql, 'cgroupMemory'))).toBe('not-judged')
  expect(answerOf(RULE, without(postgresql, 'workers'))).toBe('not-judged')
  expect(answerOf(RULE, without({ ...postgresql, ...shmem(700) }, 'workers'))).toBe('high')
})
