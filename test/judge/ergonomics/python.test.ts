import { expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import { advisedWorkers, pythonCpus } from '../../../judge/ergonomics/python.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { python } from '../rules/other-profiles.ts'
import { without } from '../without.ts'

test('the CPUs of the machine, whatever the quota, unless PYTHON_CPU_COUNT says otherwise', () => {
  const f = (profile: RuntimeProfile, want: number | undefined) =>
    expect(pythonCpus(profile)?.value).toBe(want)
  f(python, 8)
  f({ ...python, cpuLimitCores: 0.5, affinityCpus: 4 }, 8)
  f({ ...python, environment: { PYTHON_CPU_COUNT: '3' } }, 3)
  f({ ...python, environment: { PYTHON_CPU_COUNT: 'default' } }, 8)
  f(without(python, 'environment'), undefined)
  f({ ...python, environment: { [CUT]: '' } }, undefined)
})

test('workers that the manual of gunicorn advises', () => {
  expect([1, 2, 8].map(advisedWorkers)).toEqual([3, 5, 17])
})
