import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import {
  answerOf,
  believes,
  GIB,
  judgementOf,
  MIB,
  quota,
  recorded,
  verdictOf,
  well,
} from './cpu-profiles.ts'

const RULE = 'jvm.serial-by-accident'
const serial: RuntimeProfile = { ...well, collector: 'Serial', flags: ['-Xmx1g'] }
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...serial, ...change })).toBe(want)

test('8 by shares, with two CPUs at hand', () => {
  const jvm = recorded('jdk8-default-serial-shares102', {
    memoryLimitBytes: 4 * GIB,
    cpuShares: 102,
    ...believes(1),
  })
  expect(verdictOf(RULE, jvm)).toMatchObject({
    severity: 'high',
    confidence: 'exact',
    summary:
      'The JVM took Serial by itself: one thread collects up to 1024 MiB of heap, with 2 cores at hand.',
    enforced: { name: 'CPUs that it may run on', value: 2 },
    fix: 'add -XX:+UseG1GC',
  })
})

test('two CPUs, too little memory to be a server', () => {
  f({ heapMaxBytes: 512 * MIB, memoryLimitBytes: 1700 * MIB }, 'high')
})

describe('no finding', () => {
  test('17 with a quota of 0.5: right', () => {
    const jvm = recorded('jdk17-default-serial-4g-quota0.5', quota(0.5))
    expect(answerOf(RULE, jvm)).toBe('fine')
  })
  test('a quota below two', () => f(quota(1.9), 'fine'))
  test('a small heap', () => f({ heapMaxBytes: 511 * MIB }, 'fine'))
  test('chosen by a flag', () => {
    f({ flags: ['-Xmx1g', '-XX:+UseSerialGC'] }, 'fine')
    f({ finalFlags: { UseSerialGC: { value: 'true', origin: 'command-line' } } }, 'fine')
  })
  test('another collector', () => f({ collector: 'G1', flags: [] }, 'fine'))
  test('27 does not do that', () => f({ version: '27.0.1' }, 'fine'))
})

describe('not judged', () => {
  const why = (jvm: RuntimeProfile) => judgementOf(RULE, jvm)
  const hidden = {
    kind: 'not-judged',
    reason: 'whether its collector was chosen by a flag is not known',
  }
  test('flags that could not be read, or not all of them', () => {
    expect(why(without(serial, 'flags'))).toEqual(hidden)
    expect(why({ ...serial, flags: ['-Xmx1g', CUT] })).toEqual(hidden)
  })
  test('its own table tells even then', () => {
    const finalFlags = { UseSerialGC: { value: 'true', origin: 'ergonomic' } }
    expect(answerOf(RULE, { ...without(serial, 'flags'), finalFlags })).toBe('high')
  })
  test('unknown collector, heap or CPUs', () => {
    expect(why(without(serial, 'collector')).kind).toBe('not-judged')
    expect(why(without(serial, 'heapMaxBytes')).kind).toBe('not-judged')
    const nowhere = without(
      without(without(serial, 'affinityCpus'), 'machineCpus'),
      'cpuLimitCores',
    )
    expect(why(nowhere).kind).toBe('not-judged')
  })
})
