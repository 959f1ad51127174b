import { expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, recorded, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.xms-above-request'

/** 1 GiB from the start, touched, and 1 GiB requested. */
const greedy: RuntimeProfile = {
  ...well,
  flags: ['-Xms1g', '-Xmx1g', '-XX:+AlwaysPreTouch'],
  memoryRequestBytes: GIB,
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...greedy, ...change })).toBe(want)

test('what it says', () => {
  const found = verdictOf(RULE, greedy)
  expect(found).toMatchObject({
    severity: 'warning',
    summary: expect.stringMatching(
      /^The JVM starts with 1024 MiB of heap, all of it touched, and needs 1\d{3} MiB with what is beside it; 1024 MiB were requested\.$/,
    ) as string,
    fix: expect.stringMatching(
      /^request 1\d{3} MiB or more, or start with a smaller heap$/,
    ) as string,
  })
  const wanted = found.fixValues['memoryRequestBytes']!
  expect(wanted % MIB).toBe(0)
  f({ memoryRequestBytes: wanted }, 'fine')
  f({ memoryRequestBytes: wanted - MIB }, 'warning')
})

test('the file that tells of the request', () => {
  const file = (machineCgroups: 'v1' | 'v2') =>
    verdictOf(RULE, { ...greedy, machineCgroups }).enforced!.source
  expect(file('v1')).toBe('/c memory.soft_limit_in_bytes')
  expect(file('v2')).toBe('/c memory.low')
})

test('untouched it is address space', () => {
  f({ flags: ['-Xms1g', '-Xmx1g'] }, 'info')
  const AlwaysPreTouch = { value: 'true', origin: 'command-line' }
  f({ flags: ['-Xms1g'], finalFlags: { AlwaysPreTouch } }, 'warning')
})

test('a small start, none, or no request that is known', () => {
  f({ flags: ['-Xms512m', '-Xmx1g'] }, 'fine')
  f({ flags: ['-Xmx1g'] }, 'fine')
  f({ memoryRequestBytes: 0 }, 'fine')
  expect(answerOf(RULE, without(greedy, 'memoryRequestBytes'))).toBe('fine')
  expect(answerOf(RULE, without(greedy, 'flags'))).toBe('not-judged')
})

test('two JVMs in one request', () => {
  f({ memoryRequestBytes: 2 * GIB }, 'fine')
  f({ memoryRequestBytes: 2 * GIB, jvmsInCgroup: 2 }, 'warning')
})

test('recorded: -Xms1g in a request of 1 GiB', () => {
  const jvm = recorded('jdk25-g1-xms-eq-xmx', { osThreads: 25 })
  expect(answerOf(RULE, { ...jvm, memoryRequestBytes: GIB })).toBe('warning')
  expect(answerOf(RULE, { ...jvm, memoryRequestBytes: GIB + 300 * MIB })).toBe('fine')
})
