import { describe, expect, test } from 'vitest'
import { believedCpusOf } from '../../../judge/ergonomics/jvm-machine.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, judgementOf, recorded, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.cpu-count-from-shares'
const one = { value: 1, confidence: 'strong', source: 'sun.ci.threads' } as const
/** 8 on eight CPUs, with the shares of a tenth of one. */
const jvm: RuntimeProfile = {
  ...without(without(well, 'cpuLimitCores'), 'ownCpuLimitCores'),
  version: '1.8.0_504',
  flags: [],
  machineCgroups: 'v1',
  cpuShares: 102,
  believedCpus: one,
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...jvm, ...change })).toBe(want)

test('the recorded one, with what is known of it alone', () => {
  const seen = recorded('jdk8-default-serial-shares102', {
    memoryLimitBytes: 4 * GIB,
    cpuShares: 102,
    compilerThreads: 2,
  })
  const believedCpus = believedCpusOf(seen)
  expect(believedCpus).toMatchObject({ value: 1 })
  expect(verdictOf(RULE, { ...seen, believedCpus: believedCpus! })).toMatchObject({
    severity: 'high',
    summary: 'The JVM takes its CPU shares for 1 core, though no quota keeps it from using 2.',
    evidence: [{ value: 1 }, { value: 2 }, { value: 102, source: '/c cpu.shares' }],
    fix: 'add -XX:ActiveProcessorCount=2, or upgrade to 11.0.17 or later',
    fixValues: { activeProcessorCount: 2 },
  })
})

test('twice its share, and no more than there are', () => {
  const values = (change: Partial<RuntimeProfile>) =>
    verdictOf(RULE, { ...jvm, ...change }).fixValues
  expect(values({ cpuShares: 3000, believedCpus: { ...one, value: 3 } })).toEqual({
    activeProcessorCount: 6,
  })
  const four = { cpuShares: 4000, believedCpus: { ...one, value: 4 } }
  expect(values({ ...four, affinityCpus: 8 })).toEqual({ activeProcessorCount: 8 })
})

test('by a weight of cgroup v2', () => {
  const v2 = { machineCgroups: 'v2', version: '17.0.4', cpuWeight: 4 } as const
  expect(verdictOf(RULE, { ...without(jvm, 'cpuShares'), ...v2 })).toMatchObject({
    evidence: [{}, {}, { value: 4, source: '/c cpu.weight' }],
    fix: 'add -XX:ActiveProcessorCount=2, or upgrade to 17.0.5 or later',
  })
})

test('a version that only does it when it is told to', () => {
  const flags = ['-XX:+UseContainerCpuShares']
  f({ version: '17.0.21' }, 'fine')
  expect(verdictOf(RULE, { ...jvm, version: '17.0.21', flags }).fix).toBe(
    'add -XX:ActiveProcessorCount=2, or take out -XX:+UseContainerCpuShares',
  )
})

describe('no finding', () => {
  test('1024, or a weight of 100, is not set', () => {
    f({ cpuShares: 1024 }, 'fine')
    const v2 = { machineCgroups: 'v2', cpuWeight: 100 } as const
    expect(answerOf(RULE, { ...without(jvm, 'cpuShares'), ...v2 })).toBe('fine')
  })
  test('a quota is what bounds it', () => f({ cpuLimitCores: 2, ownCpuLimitCores: 2 }, 'fine'))
  test('most of what it may run on', () => {
    f({ cpuShares: 5000, believedCpus: { ...one, value: 5 } }, 'fine')
  })
  test('its threads tell otherwise', () => f({ believedCpus: { ...one, value: 8 } }, 'fine'))
  test('a count that someone has set', () => f({ flags: ['-XX:ActiveProcessorCount=1'] }, 'fine'))
  test('it does not look at its cgroup', () => {
    f({ flags: ['-XX:-UseContainerSupport'] }, 'fine')
    f({ version: '1.8.0_181' }, 'fine')
  })
  test.each(['11.0.33', '17.0.5', '21.0.1', '25.0.3'])('%s', (version) => {
    f({ version }, 'fine')
  })
})

describe('not judged', () => {
  test.each(['cpuShares', 'believedCpus', 'version'] as const)('without %s', (key) => {
    expect(judgementOf(RULE, without(jvm, key)).kind).toBe('not-judged')
  })
})
