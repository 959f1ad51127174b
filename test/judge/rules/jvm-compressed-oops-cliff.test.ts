import { expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.compressed-oops-cliff'
const at = (mib: number, change: Partial<RuntimeProfile> = {}): RuntimeProfile => ({
  ...without(well, 'memoryLimitBytes'),
  heapMaxBytes: mib * MIB,
  flags: [`-Xmx${mib}m`],
  ...change,
})
const f = (jvm: RuntimeProfile, want: string) => expect(answerOf(RULE, jvm)).toBe(want)

test('what it says', () => {
  expect(verdictOf(RULE, at(32_768))).toMatchObject({
    severity: 'warning',
    summary:
      'With 32768 MiB of heap each reference takes 8 bytes: it holds less than 31744 MiB would.',
    fix: 'replace -Xmx32768m by -Xmx31744m, or give it 49152 MiB or more',
    fixValues: { xmxBytes: 31 * GIB },
  })
})

test('the cliff by collector, and where a heap is large enough again', () => {
  f(at(32_736), 'fine')
  f(at(32_738), 'warning')
  f(at(32_766, { collector: 'Parallel' }), 'fine')
  f(at(32_768, { collector: 'Parallel' }), 'warning')
  f(at(49_150), 'warning')
  f(at(49_152), 'fine')
  f(at(1024), 'fine')
})

test('objects aligned at 16 bytes move it', () => {
  const flags = ['-Xmx40g', '-XX:ObjectAlignmentInBytes=16']
  f(at(40_960, { flags }), 'fine')
  f(at(65_536, { flags }), 'warning')
  expect(verdictOf(RULE, at(65_536, { flags })).fix).toContain('-Xmx63488m')
})

test('ZGC has no short references to lose; its own tables know best', () => {
  f(at(40_960, { collector: 'ZGC' }), 'fine')
  const flag = (value: string) => ({
    finalFlags: { UseCompressedOops: { value, origin: 'ergonomic' } },
  })
  f(at(40_960, flag('true')), 'fine')
  expect(verdictOf(RULE, at(40_960, flag('false'))).confidence).toBe('exact')
})

test('who switched them off below the cliff did so on purpose', () => {
  f(at(16_384, { flags: ['-Xmx16g', '-XX:-UseCompressedOops'] }), 'fine')
})

test('too little is known', () => {
  f(without(at(40_960), 'collector'), 'not-judged')
  f(without(at(16_384), 'collector'), 'fine')
  f(without(at(40_960), 'heapMaxBytes'), 'not-judged')
})
