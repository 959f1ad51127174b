import { expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, seen, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.oversized-heap'

/** 36 MiB live in 1.2 GiB, for a day. */
const vast: RuntimeProfile = {
  ...well,
  heapMaxBytes: 1600 * MIB,
  heapCommittedBytes: 1200 * MIB,
  flags: ['-XX:MaxRAMPercentage=80.0', '-XX:+UseG1GC'],
  longRun: { seconds: 86_390, heapLiveP99Bytes: 36 * MIB },
  ...seen({ cpuSeconds: 300, gcCpuSeconds: 1 }),
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...vast, ...change })).toBe(want)

test('what it says, by collector', () => {
  const fix = (collector: string) => verdictOf(RULE, { ...vast, collector }).fix
  expect(verdictOf(RULE, vast)).toMatchObject({
    severity: 'info',
    summary: 'The JVM holds 1200 MiB of heap, of which 36 MiB live.',
    fixValues: { xmxBytes: 128 * MIB },
  })
  expect(fix('G1')).toBe(
    'replace -XX:MaxRAMPercentage=80.0 by -Xmx128m, or add -XX:G1PeriodicGCInterval=300000 so that it gives back what it does not need',
  )
  expect(fix('ZGC')).toMatch(/or add -XX:SoftMaxHeapSize=128m$/)
  expect(fix('Parallel')).toBe('replace -XX:MaxRAMPercentage=80.0 by -Xmx128m')
})

test('it would not start with more than its maximum', () => {
  const flags = ['-Xms1400m', '-Xmx1600m']
  expect(verdictOf(RULE, { ...vast, collector: 'Parallel', flags }).fix).toBe(
    'replace -Xmx1600m by -Xmx128m, with -Xms128m instead of -Xms1400m',
  )
})

test('what lives needs it, or it is small, or it collects', () => {
  f({ longRun: { seconds: 86_400, heapLiveP99Bytes: 300 * MIB } }, 'fine')
  f({ longRun: { seconds: 86_400, heapLiveP99Bytes: 299 * MIB } }, 'info')
  f({ heapCommittedBytes: GIB }, 'fine')
  f(seen({ cpuSeconds: 300, gcCpuSeconds: 3 }), 'fine')
})

test('it was asked for', () => {
  f({ flags: ['-Xms1500m', '-Xmx1600m'] }, 'fine')
  f({ flags: ['-Xms1400m', '-Xmx1600m'] }, 'info')
  const InitialHeapSize = { value: String(1600 * MIB), origin: 'command-line' }
  f({ finalFlags: { InitialHeapSize } }, 'fine')
  f({ finalFlags: { InitialHeapSize: { ...InitialHeapSize, origin: 'ergonomic' } } }, 'info')
})

test('too little is known', () => {
  f({ longRun: { seconds: 40_000, heapLiveP99Bytes: 36 * MIB } }, 'not-judged')
  f({ longRun: { seconds: 86_400 } }, 'not-judged')
  expect(answerOf(RULE, without(vast, 'heapCommittedBytes'))).toBe('not-judged')
  expect(answerOf(RULE, without(vast, 'recent'))).toBe('not-judged')
})
