import { expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.thread-stacks'
const many = (osThreads: number, change: Partial<RuntimeProfile> = {}): RuntimeProfile => ({
  ...well,
  osThreads,
  ...change,
})
const f = (jvm: RuntimeProfile, want: string) => expect(answerOf(RULE, jvm)).toBe(want)

test('what may be taken, and what is expected to be taken', () => {
  f(many(614), 'fine')
  f(many(615), 'info')
  f(many(1638), 'info')
  f(many(1639), 'warning')
  // A thousand threads are many only above a thousand.
  f(many(1000, { memoryLimitBytes: 1200 * MIB }), 'info')
  f(many(1001, { memoryLimitBytes: 1200 * MIB }), 'warning')
  f(many(1639, { memoryLimitBytes: 64 * GIB }), 'fine')
  expect(verdictOf(RULE, many(2048))).toMatchObject({
    summary: '2048 threads are expected to take 256 MiB for their stacks, 12.5 % of the limit.',
    fix: 'bound the pools of the program, or add -Xss512k',
    fixValues: { stackBytes: 512 * 1024 },
  })
})

test('stacks that are small already', () => {
  f(many(615, { flags: ['-Xss512k'] }), 'fine')
  expect(verdictOf(RULE, many(2048, { flags: ['-Xss512k'] })).fix).toBe(
    'bound the pools of the program',
  )
  expect(verdictOf(RULE, many(400, { flags: ['-Xss4m'] })).fix).toContain(
    'replace -Xss4m by -Xss512k',
  )
})

test('the cgroup may have no more', () => {
  const pids = (threadsInCgroup: number) => many(100, { threadsInCgroup, threadsLimit: 1000 })
  f(pids(900), 'fine')
  f(pids(901), 'high')
  expect(verdictOf(RULE, pids(950))).toMatchObject({
    confidence: 'exact',
    fix: 'bound the pools of the program, or raise pids.max of /c to 1900',
  })
  f(many(100, { threadsInCgroup: 950 }), 'fine')
})

test('no limit, or not counted', () => {
  f(without(many(5000), 'memoryLimitBytes'), 'fine')
  f(without(many(5000), 'osThreads'), 'not-judged')
  f(many(20, { memoryLimitBytes: 200 * MIB }), 'fine')
})
