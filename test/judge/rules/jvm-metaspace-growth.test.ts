import { expect, test } from 'vitest'
import type { LongRun, RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.metaspace-growth'
const longRun: LongRun = {
  seconds: 86_400,
  slopeSeconds: 21_590,
  metaspaceBytesPerHour: 20 * MIB,
  classesPerHour: 2000,
}

/** 300 MiB of metaspace, and 20 MiB more each hour. */
const leaky: RuntimeProfile = {
  ...well,
  metaspaceCommittedBytes: 300 * MIB,
  longRun,
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...leaky, ...change })).toBe(want)
const grows = (change: Partial<LongRun>) => ({ longRun: { ...longRun, ...change } })

test('what it says', () => {
  expect(verdictOf(RULE, leaky)).toMatchObject({
    severity: 'warning',
    summary:
      'Metaspace has come to 300 MiB and grows by 20 MiB an hour, with 2000 more classes each.',
    fix: expect.stringMatching(/^add -XX:MaxMetaspaceSize=450m, so that a leak/) as string,
    fixValues: { maxMetaspaceBytes: 450 * MIB },
  })
})

test('it stands, or its classes do not grow', () => {
  f(grows({ metaspaceBytesPerHour: 10 * MIB }), 'fine')
  f(grows({ metaspaceBytesPerHour: -20 * MIB }), 'fine')
  f(grows({ classesPerHour: 9 }), 'fine')
  f(grows({ classesPerHour: 10 }), 'warning')
})

test('it is bounded', () => {
  f({ flags: ['-XX:MaxMetaspaceSize=512m'] }, 'fine')
})

test('it is warming up', () => {
  f({ ageSeconds: 25_189 }, 'not-judged')
  f({ ageSeconds: 25_190 }, 'warning')
  expect(answerOf(RULE, without(leaky, 'ageSeconds'))).toBe('not-judged')
})

test('too little is known', () => {
  f(grows({ slopeSeconds: 7200 }), 'not-judged')
  f({ longRun: { seconds: 86_400, slopeSeconds: 21_600 } }, 'not-judged')
  expect(answerOf(RULE, without(leaky, 'longRun'))).toBe('not-judged')
  expect(answerOf(RULE, without(leaky, 'flags'))).toBe('not-judged')
  expect(answerOf(RULE, without(leaky, 'metaspaceCommittedBytes'))).toBe('not-judged')
})
