import { describe, expect, test } from 'vitest'
import { beamCpus } from '../../../judge/ergonomics/beam.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { beam } from '../rules/other-profiles.ts'

/** Schedulers online on 8 CPUs, by the quota. */
describe.each([
  ['27 on v2', {}, [1, 1, 2, 2]],
  ['26.2.3 on v2', { version: '26', description: 'erts 14.2.3' }, [8, 8, 8, 8]],
  ['26.2.4 on v2', { version: '26', description: 'erts 14.2.4' }, [1, 1, 2, 2]],
  ['25 on v1', { version: '25', description: 'erts 13.1.5', machineCgroups: 'v1' }, [1, 1, 2, 2]],
  ['22', { version: '22', description: 'erts 10.7' }, [8, 8, 8, 8]],
] as const)('%s', (_, change, want) => {
  test.each([0.5, 1, 2, 2.9].map((quota, i) => [quota, want[i]!]))(
    'quota %f: %i',
    (quota, value) => {
      const profile: RuntimeProfile = { ...beam, ...change, ownCpuLimitCores: quota }
      expect(beamCpus(profile)?.value).toBe(value)
    },
  )
})

test('a release whose emulator is not known is not guessed at', () => {
  expect(beamCpus({ ...beam, description: 'erts' })).toBeUndefined()
  expect(beamCpus({ ...beam, version: 'x' })).toBeUndefined()
})
