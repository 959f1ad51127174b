import { describe, expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, quota, seen, stopped, verdictOf } from './cpu-profiles.ts'
import { beam } from './other-profiles.ts'

const RULE = 'beam.schedulers-exceed-quota'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...beam, ...change })).toBe(want)

const online = (value: number): Partial<RuntimeProfile> => ({
  believedCpus: { value, confidence: 'exact', source: '+S' },
})
const harmed = seen(stopped(0.3))

test('+S for the machine', () => {
  expect(verdictOf(RULE, { ...beam, ...online(8) })).toMatchObject({
    severity: 'high',
    confidence: 'exact',
    believed: { value: 8, source: '+S' },
    enforced: { value: 2, source: '/c' },
    fix: 'start it with +S 2:2 +SDcpu 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
    fixValues: { schedulers: 2 },
  })
})

describe('table', () => {
  test.each([
    [online(4), 'high'],
    [online(3), 'fine'],
    // It reads its quota.
    [{}, 'fine'],
    [{ ...quota(0.5), ...harmed }, 'fine'],
    // Too old to read one.
    [{ version: '22', description: 'erts 10.7.2' }, 'high'],
    [{ version: '23', description: 'erts 11.2.2' }, 'high'],
    [{ version: '23', description: 'erts 11.2.2', machineCgroups: 'v1' }, 'fine'],
    // Up to 26.2.4 it reads the root cgroup of v2: told only where harm was seen.
    [{ version: '26', description: 'erts 14.2.3' }, 'not-judged'],
    [{ version: '26', description: 'erts 14.2.3', ...harmed }, 'high'],
    [{ version: '26', description: 'erts 14.2.5', ...harmed }, 'fine'],
    // Threads of schedulers that are offline are no evidence.
    [{ pool: { name: 'erts_sched_', threads: 8 }, ...harmed }, 'fine'],
  ])('%j: %s', (change, want) => f(change as Partial<RuntimeProfile>, want))
})

test('no quota: fine; release unknown: not judged', () => {
  expect(answerOf(RULE, without({ ...beam, ...online(8) }, 'cpuLimitCores'))).toBe('fine')
  expect(answerOf(RULE, without(beam, 'version'))).toBe('not-judged')
  expect(answerOf(RULE, without(beam, 'arguments'))).toBe('not-judged')
})
