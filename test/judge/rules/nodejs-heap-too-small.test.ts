import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf } from './cpu-profiles.ts'
import { nodejs } from './other-profiles.ts'

const RULE = 'node.heap-too-small'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...nodejs, ...change })).toBe(want)

const large: Partial<RuntimeProfile> = {
  memoryLimitBytes: 8 * GIB,
  ownMemoryLimitBytes: 8 * GIB,
  rssAnonBytes: 2_100 * MIB,
}

test('it stands at its default, and most of the limit lies idle', () => {
  expect(verdictOf(RULE, { ...nodejs, ...large })).toMatchObject({
    severity: 'info',
    confidence: 'inferred',
    believed: { value: 2240 * MIB, source: 'default of Node.js 24' },
    enforced: { value: 8 * GIB },
    fix: 'set NODE_OPTIONS=--max-old-space-size=6144',
  })
})

describe('must not fire', () => {
  test.each([
    [{ ...large, rssAnonBytes: 400 * MIB }, 'fine'],
    [{ ...large, arguments: ['--max-old-space-size=2048'] }, 'fine'],
    [{ ...large, environment: { NODE_OPTIONS: '--max-old-space-size-percentage=30' } }, 'fine'],
    // Nothing lies idle: what is not heap is buffers.
    [{ rssAnonBytes: 1_000 * MIB }, 'fine'],
    [{ rssAnonBytes: 560 * MIB }, 'info'],
    // Four of them share the limit.
    [
      {
        ...large,
        neighbours: ['1', '2', '3'].map((pid) => ({ pid, runtime: 'nodejs', name: 'x' })),
      },
      'fine',
    ],
  ])('%j: %s', (change, want) => f(change as Partial<RuntimeProfile>, want))
  test('no limit', () =>
    expect(answerOf(RULE, without({ ...nodejs, ...large }, 'memoryLimitBytes'))).toBe('fine'))
})

test('unknown: not judged', () => {
  expect(answerOf(RULE, without(nodejs, 'rssAnonBytes'))).toBe('not-judged')
  expect(answerOf(RULE, without(nodejs, 'version'))).toBe('not-judged')
})
