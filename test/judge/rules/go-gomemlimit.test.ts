import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, seen, verdictOf } from './cpu-profiles.ts'
import { go } from './other-profiles.ts'

const RULE = 'go.gomemlimit'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...go, ...change })).toBe(want)

const goal = (mebi: number): Partial<RuntimeProfile> => ({
  believedMemory: { value: mebi * MIB, confidence: 'exact', source: 'GOMEMLIMIT' },
})
const lives = (mebi: number, seconds = 7_200): Partial<RuntimeProfile> => ({
  longRun: { seconds, rssAnonP99Bytes: mebi * MIB },
})

test('half of the limit lives and nothing says where it ends', () => {
  expect(verdictOf(RULE, { ...go, ...lives(600) })).toMatchObject({
    severity: 'warning',
    believed: { value: 600 * MIB },
    enforced: { value: GIB, source: '/c' },
    fix: 'set GOMEMLIMIT=921MiB',
    fixValues: { goMemLimitBytes: 921 * MIB },
  })
})

describe('a goal', () => {
  test.each([
    [goal(921), 'fine'],
    [goal(972), 'fine'],
    [goal(980), 'warning'],
    [goal(1024), 'high'],
    [goal(4096), 'high'],
    // Half of the limit lives, and the goal keeps it there.
    [{ ...goal(900), ...lives(800) }, 'fine'],
  ])('%j: %s', f)
})

describe('at its goal and busy', () => {
  const busy = (cpuSeconds: number, rssMib: number): Partial<RuntimeProfile> => ({
    ...goal(400),
    ...seen({ cpuSeconds }),
    rssAnonBytes: rssMib * MIB,
  })
  test('it may collect without end', () => {
    f(busy(1_100, 398), 'high')
    expect(verdictOf(RULE, { ...go, ...busy(1_100, 398) }).confidence).toBe('inferred')
  })
  test('busy, but below its goal', () => f(busy(1_100, 300), 'fine'))
  test('at its goal, but at rest', () => f(busy(100, 398), 'fine'))
  test('a goal that is all that the limit allows: the limit is too low', () => {
    const { fix } = verdictOf(RULE, { ...go, ...busy(1_100, 960), ...goal(960) })
    expect(fix).toBe('raise the memory limit of /c, and GOMEMLIMIT with it to 90 % of it')
  })
})

describe('must not fire', () => {
  test('little lives', () => f({}, 'fine'))
  test('a module sets it', () =>
    f(
      { ...lives(900), build: { mod: 'm', 'github.com/KimMachineGun/automemlimit': 'v0.7.0' } },
      'fine',
    ))
  test('no limit', () =>
    expect(answerOf(RULE, without({ ...go, ...lives(900) }, 'memoryLimitBytes'))).toBe('fine'))
})

describe('not judged', () => {
  describe('whether it stands at a goal, and is busy', () => {
    const at: RuntimeProfile = { ...go, ...goal(400), rssAnonBytes: 398 * MIB }
    const f = (profile: RuntimeProfile, want: string) => expect(answerOf(RULE, profile)).toBe(want)
    test('its memory is not known', () => f(without(at, 'rssAnonBytes'), 'not-judged'))
    test('its CPU time is not known', () => f({ ...at, recent: { seconds: 600 } }, 'not-judged'))
    test('too short a history', () => f({ ...at, ...seen({ seconds: 60 }) }, 'not-judged'))
    test('none', () => f(without(at, 'recent'), 'not-judged'))
    test('nor how many CPUs it may take', () =>
      f(
        without(without(without(at, 'cpuLimitCores'), 'affinityCpus'), 'machineCpus'),
        'not-judged',
      ))
    test('below its goal none of it matters', () =>
      f(without({ ...at, rssAnonBytes: 300 * MIB }, 'recent'), 'fine'))
  })
  test('built without modules: one may set it', () => f({ ...lives(900), build: {} }, 'not-judged'))
  test('too short a history', () => f(lives(900, 60), 'not-judged'))
  test('none', () => expect(answerOf(RULE, without(go, 'longRun'))).toBe('not-judged'))
  test('no environment', () =>
    expect(answerOf(RULE, without(go, 'environment'))).toBe('not-judged'))
})
