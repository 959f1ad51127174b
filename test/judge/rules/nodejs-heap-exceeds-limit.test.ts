import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf } from './cpu-profiles.ts'
import { nodejs } from './other-profiles.ts'

const RULE = 'node.heap-exceeds-limit'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...nodejs, ...change })).toBe(want)

const limit = (mebi: number): Partial<RuntimeProfile> => ({
  memoryLimitBytes: mebi * MIB,
  ownMemoryLimitBytes: mebi * MIB,
})
const heap = (mebi: number): Partial<RuntimeProfile> => ({
  arguments: [`--max-old-space-size=${mebi}`],
})

test('256 MiB: even the default is above the limit', () => {
  const found = verdictOf(RULE, { ...nodejs, ...limit(256) })
  expect(found).toMatchObject({
    severity: 'high',
    confidence: 'strong',
    summary: 'Node.js may grow its heap to 259 MiB, the kernel stops /c at 256 MiB.',
    fix: 'set NODE_OPTIONS=--max-old-space-size=176',
    fixValues: { maxOldSpaceMib: 176 },
  })
  f({ ...limit(256), environment: { NODE_OPTIONS: '--max-old-space-size=176' } }, 'fine')
})

describe('fires', () => {
  test.each([
    [{ ...limit(256), rssAnonBytes: 200 * MIB }, 'critical'],
    [heap(2048), 'high'],
    [{ ...heap(2048), rssAnonBytes: 800 * MIB }, 'critical'],
    [heap(900), 'high'],
    [{ ...limit(512), version: '18.20.1' }, 'high'],
    // A guess alone is never critical.
    [{ ...limit(512), version: '18.20.1', rssAnonBytes: 500 * MIB }, 'high'],
    // A limit above its cgroup is not seen.
    [{ ownMemoryLimitBytes: 64 * GIB }, 'high'],
  ])('%j: %s', f)
})

describe('must not fire', () => {
  test.each([
    [{}, 'fine'],
    [limit(512), 'fine'],
    [{ ...limit(512), version: '20.20.2' }, 'fine'],
    [heap(768), 'fine'],
    [{ arguments: ['--max-old-space-size-percentage=75'] }, 'fine'],
    // Memory of its own is not what it may become.
    [{ rssAnonBytes: 1_000 * MIB }, 'fine'],
  ])('%j: %s', f)
  test('of words that were cut off none is known not to be there: not judged', () => {
    expect(answerOf(RULE, { ...nodejs, ...limit(256), environment: { [CUT]: '' } })).toBe(
      'not-judged',
    )
  })

  test('no limit', () =>
    expect(answerOf(RULE, without({ ...nodejs, ...heap(90_000) }, 'memoryLimitBytes'))).toBe(
      'fine',
    ))
})

test('several share the limit: the fix is the share of each', () => {
  const neighbours = [
    { pid: '43', runtime: 'nodejs', name: 'a' },
    { pid: '44', runtime: 'python', name: 'b' },
  ] as const
  expect(verdictOf(RULE, { ...nodejs, ...heap(2048), neighbours }).fix).toBe(
    'replace --max-old-space-size=2048 by --max-old-space-size=374 on the command line (for each of the 2 processes of Node.js)',
  )
})

describe('the fix has an effect: what wins over it gives way', () => {
  const options = (text: string) => ({ environment: { NODE_OPTIONS: text } })
  test.each([
    [heap(4096), 'replace --max-old-space-size=4096 by NEW on the command line'],
    [
      { ...heap(4096), ...options('--max-old-space-size=900') },
      'replace --max-old-space-size=4096 by NEW on the command line',
    ],
    [
      { arguments: ['--max-old-space-size 4096', '--max_old_space_size=2048'] },
      'replace --max-old-space-size 4096 and --max_old_space_size=2048 by NEW on the command line',
    ],
    [
      { ...heap(512), ...options('--max-old-space-size-percentage=96') },
      'replace --max-old-space-size=512 by NEW on the command line, without --max-old-space-size-percentage=96 in NODE_OPTIONS',
    ],
    [
      options('--max-semi-space-size=8 --max-old-space-size=4096'),
      'replace --max-old-space-size=4096 by NEW in NODE_OPTIONS',
    ],
    [limit(256), 'set NODE_OPTIONS=NEW'],
    // What else is in it may not be told, and stays.
    [{ ...limit(256), ...options('') }, 'add NEW to NODE_OPTIONS'],
  ])('%j', (change, want) =>
    expect(
      verdictOf(RULE, { ...nodejs, ...change }).fix.replace(
        /(by|set NODE_OPTIONS=|add)( ?)--max-old-space-size=\d+/,
        '$1$2NEW',
      ),
    ).toBe(want),
  )
})

test('no room for any heap: the limit has to be raised', () => {
  expect(verdictOf(RULE, { ...nodejs, ...limit(96) }).fix).toMatch(/^raise the memory limit of \/c/)
})

test('unknown settings or version: not judged', () => {
  expect(answerOf(RULE, without(nodejs, 'environment'))).toBe('not-judged')
  expect(answerOf(RULE, without(nodejs, 'version'))).toBe('not-judged')
})
