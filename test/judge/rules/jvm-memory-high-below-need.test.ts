import { expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, seen, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.memory-high-below-need'

/** A heap of 1 GiB in 2 GiB, slowed down from 1 GiB on. */
const slowed: RuntimeProfile = {
  ...well,
  classes: 800,
  osThreads: 25,
  memoryHighBytes: GIB,
}
const over = { memoryHighEvents: 400, memoryFullSeconds: 60 }
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...slowed, ...change })).toBe(want)

test('what is set says it at once', () => {
  const { recent: _, ...young } = slowed
  const found = verdictOf(RULE, young)
  expect(found).toMatchObject({
    severity: 'high',
    confidence: 'strong',
    summary: expect.stringMatching(
      /^The JVM may come to 12\d\d MiB, the kernel slows it down from 1024 MiB on\.$/,
    ) as string,
    fix: expect.stringMatching(/^raise memory\.high of \/c to 13\d\d MiB or more$/) as string,
  })
  const raised = { memoryHighBytes: found.fixValues['memoryHighBytes']! }
  expect(answerOf(RULE, { ...young, ...raised })).toBe('fine')
})

test('no room below the limit: the heap has to come down', () => {
  expect(verdictOf(RULE, { ...slowed, memoryLimitBytes: 1200 * MIB }).fix).toMatch(
    /^lower the heap: replace -Xmx1g by -Xmx7\d\dm; or raise both/,
  )
  const tight = { memoryLimitBytes: 300 * MIB, memoryHighBytes: 64 * MIB }
  expect(verdictOf(RULE, { ...slowed, ...tight, heapMaxBytes: 128 * MIB }).fix).toMatch(
    /^raise memory\.high and the limit to \d+ MiB$/,
  )
})

test('it stands still above it, though it should fit', () => {
  const fits = { memoryHighBytes: 1536 * MIB }
  const own = { cgroupMemory: { anonBytes: 1500 * MIB } }
  f({ ...fits, ...own }, 'fine')
  f({ ...fits, ...own, ...seen(over) }, 'high')
  expect(verdictOf(RULE, { ...slowed, ...fits, ...own, ...seen(over) }).summary).toContain(
    'all of it stood still for 10 % of the time',
  )
  f({ ...fits, ...own, ...seen({ ...over, memoryFullSeconds: 20 }) }, 'fine')
  f({ ...fits, ...own, ...seen({ ...over, memoryHighEvents: 0 }) }, 'fine')
  f({ ...fits, ...own, ...seen({ ...over, seconds: 299 }) }, 'fine')
  f({ ...fits, ...own, ...seen({ ...over, seconds: 300 }) }, 'high')
})

test('files alone are over it: not this rule', () => {
  const fits = { memoryHighBytes: 1536 * MIB, cgroupMemory: { anonBytes: 500 * MIB } }
  f({ ...fits, ...seen(over) }, 'fine')
})

test('none is set, or above the limit; too little is known', () => {
  expect(answerOf(RULE, without(slowed, 'memoryHighBytes'))).toBe('fine')
  f({ memoryHighBytes: 2 * GIB }, 'fine')
  expect(answerOf(RULE, without(slowed, 'heapMaxBytes'))).toBe('not-judged')
  f({ jvmsInCgroup: 2 }, 'not-judged')
})

test('it sits on a cgroup above: that is named, and raised', () => {
  const found = verdictOf(RULE, { ...slowed, memoryHighCgroup: '/pod' })
  expect(found.enforced?.source).toBe('/pod')
  expect(found.fix).toMatch(/^raise memory\.high of \/pod to /)
})
