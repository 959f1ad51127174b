import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import { goCpus, goMinor, isQuotaAware } from '../../../judge/ergonomics/go.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { answerOf, judgementOf, MIB } from '../rules/cpu-profiles.ts'
import { go } from '../rules/other-profiles.ts'
import { without } from '../without.ts'

test('versions', () => {
  const f = (version: string | undefined, want: number | undefined) =>
    expect(goMinor(version)).toBe(want)
  f('1.26.4', 26)
  f('1.9', 9)
  f('1.26.4-X:nodwarf5', 26)
  f('devel +12ab', undefined)
  f(undefined, undefined)
})

/** GOMAXPROCS on 8 CPUs, by the quota of the cgroup; 0 is none. */
describe.each([
  ['1.25 and later', {}, [8, 2, 2, 2, 3, 8, 8]],
  ['before', { version: '1.24.9' }, [8, 8, 8, 8, 8, 8, 8]],
  [
    'with automaxprocs',
    { build: { mod: 'm', 'go.uber.org/automaxprocs': 'v1.6.0' } },
    [8, 1, 1, 2, 2, 8, 12],
  ],
  ['as set', { environment: { GOMAXPROCS: '5' } }, [5, 5, 5, 5, 5, 5, 5]],
] as const)('%s', (_, change, want) => {
  test.each([0, 0.5, 1, 2, 2.5, 8, 12].map((quota, i) => [quota, want[i]!]))(
    'quota %f: %i',
    (quota, value) => {
      const profile: RuntimeProfile = { ...go, ...change, ownCpuLimitCores: quota }
      const limited = quota === 0 ? without(profile, 'ownCpuLimitCores') : profile
      expect(goCpus(limited)?.value).toBe(value)
    },
  )
})

describe('whether the runtime follows the quota', () => {
  test.each([
    [{}, true],
    [{ version: '1.24.9' }, false],
    [{ build: { DefaultGODEBUG: 'a=1,containermaxprocs=0' } }, false],
    [{ build: { DefaultGODEBUG: 'containermaxprocs=1' } }, true],
    [{ environment: { GODEBUG: 'containermaxprocs=0,x=1' } }, false],
    [{ environment: { GODEBUG: 'containermaxprocs=0,containermaxprocs=1' } }, true],
    // The variable wins over what was built in.
    [
      {
        build: { mod: 'm', DefaultGODEBUG: 'containermaxprocs=0' },
        environment: { GODEBUG: 'gctrace=1,containermaxprocs=1' },
      },
      true,
    ],
    [
      {
        build: { mod: 'm', DefaultGODEBUG: 'containermaxprocs=1' },
        environment: { GODEBUG: 'containermaxprocs=0' },
      },
      false,
    ],
    [{ environment: { GODEBUG: 'xcontainermaxprocs=0' } }, true],
    [{ version: 'devel' }, undefined],
  ])('%j: %s', (change, want) => expect(isQuotaAware({ ...go, ...change })).toBe(want))
  test('unknown settings', () => {
    expect(isQuotaAware(without(go, 'build'))).toBeUndefined()
    expect(isQuotaAware(without(go, 'environment'))).toBeUndefined()
  })
})

test('of an environment that was cut off no variable is known to be unset', () => {
  const cut = { [CUT]: '' }
  expect(goCpus({ ...go, environment: cut })).toBeUndefined()
  expect(goCpus({ ...go, environment: { ...cut, GOMAXPROCS: '3' } })?.value).toBe(3)
  expect(judgementOf('go.gomaxprocs-exceeds-quota', { ...go, environment: cut })).toEqual({
    kind: 'not-judged',
    reason: 'not all of its environment could be read',
  })
  const large = { ...go, longRun: { seconds: 7200, rssAnonP99Bytes: 800 * MIB } }
  expect(answerOf('go.gomemlimit', large)).toBe('warning')
  expect(answerOf('go.gomemlimit', { ...large, environment: cut })).toBe('not-judged')
})
