import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf } from './cpu-profiles.ts'
import { dotnet } from './other-profiles.ts'

const RULE = 'dotnet.heap-hard-limit'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...dotnet, ...change })).toBe(want)

const set = (name: string, value: string): Partial<RuntimeProfile> => ({
  environment: { [name]: value },
})
const neighbours = (count: number): Partial<RuntimeProfile> => ({
  neighbours: Array.from({ length: count }, (_, i) => ({
    pid: String(i),
    runtime: 'dotnet' as const,
    name: 'x',
  })),
})

test('a decimal number where a hexadecimal one is read: 75 is 117', () => {
  expect(
    verdictOf(RULE, { ...dotnet, ...set('DOTNET_GCHeapHardLimitPercent', '75') }),
  ).toMatchObject({
    severity: 'high',
    believed: { value: Math.round(1.17 * GIB), source: 'DOTNET_GCHeapHardLimitPercent=75' },
    enforced: { value: GIB, source: '/c' },
    fix: 'replace DOTNET_GCHeapHardLimitPercent=75 by DOTNET_GCHeapHardLimitPercent=0x3C, which is 60 %',
  })
})

describe('table', () => {
  test.each([
    [set('DOTNET_GCHeapHardLimitPercent', '4B'), 'fine'],
    [set('DOTNET_GCHeapHardLimitPercent', '0x3C'), 'fine'],
    [set('DOTNET_GCHeapHardLimitPercent', '0x5F'), 'warning'],
    [set('DOTNET_GCHeapHardLimit', '40000000'), 'high'],
    [set('DOTNET_GCHeapHardLimit', '20000000'), 'fine'],
    [set('COMPlus_GCHeapHardLimit', '3D000000'), 'warning'],
    // Of runtimeconfig.json, where numbers are decimal.
    [{ build: { 'System.GC.HeapHardLimitPercent': '75' } }, 'fine'],
    [{ build: { 'System.GC.HeapHardLimitPercent': '95' } }, 'warning'],
    [{ build: { 'System.GC.HeapHardLimit': '2147483648' } }, 'high'],
    // A variable wins.
    [
      {
        ...set('DOTNET_GCHeapHardLimitPercent', '0x3C'),
        build: { 'System.GC.HeapHardLimitPercent': '95' },
      },
      'fine',
    ],
    [{}, 'fine'],
    [neighbours(1), 'warning'],
    [{ ...neighbours(1), ...set('DOTNET_GCHeapHardLimitPercent', '0x1E') }, 'fine'],
    // What is used is not what may be used.
    [{ rssAnonBytes: 1_000 * MIB }, 'fine'],
  ])('%j: %s', f)
})

describe('the fix sets what decides, and clears the finding', () => {
  const bytes = { build: { 'System.GC.HeapHardLimit': '2147483648' } }
  test.each([
    [
      set('DOTNET_GCHeapHardLimit', '40000000'),
      'replace DOTNET_GCHeapHardLimit=40000000 by DOTNET_GCHeapHardLimit=0x26600000, which is 614 MiB',
    ],
    [
      {
        environment: { COMPlus_GCHeapHardLimit: '0x3E000000', DOTNET_GCHeapHardLimitPercent: '32' },
      },
      'replace COMPlus_GCHeapHardLimit=0x3E000000 by COMPlus_GCHeapHardLimit=0x26600000, which is 614 MiB',
    ],
    [
      { ...bytes, ...set('DOTNET_GCHeapHardLimitPercent', '32') },
      'set DOTNET_GCHeapHardLimit=0x26600000, which is 614 MiB',
    ],
    [{ ...bytes, ...neighbours(1) }, 'set DOTNET_GCHeapHardLimit=0x13300000, which is 307 MiB'],
    [
      set('COMPlus_GCHeapHardLimitPercent', '5F'),
      'replace COMPlus_GCHeapHardLimitPercent=5F by COMPlus_GCHeapHardLimitPercent=0x3C, which is 60 %',
    ],
    [
      { build: { 'System.GC.HeapHardLimitPercent': '95' } },
      'set DOTNET_GCHeapHardLimitPercent=0x3C, which is 60 %',
    ],
  ])('%j', (change, want) => {
    const before = { ...dotnet, ...change } as RuntimeProfile
    const { fix } = verdictOf(RULE, before)
    expect(fix).toBe(want)
    const [, name, value] = /(\w+)=(0x\w+), which/.exec(fix)!
    const environment = { ...before.environment, [name!]: value! }
    expect(answerOf(RULE, { ...before, environment })).toBe('fine')
  })
})

test('several that each take three quarters: the share of each', () =>
  expect(verdictOf(RULE, { ...dotnet, ...neighbours(2) }).fix).toBe(
    'set DOTNET_GCHeapHardLimitPercent=0x14, which is 20 %',
  ))
test('a neighbour whose heap was set takes that', () => {
  const small = {
    pid: '50',
    runtime: 'dotnet',
    name: 'small',
    believedMemoryBytes: GIB / 4,
  } as const
  expect(answerOf(RULE, { ...dotnet, neighbours: [small] })).toBe('fine')
  const large = { ...small, believedMemoryBytes: GIB / 2 }
  expect(verdictOf(RULE, { ...dotnet, neighbours: [large] }).summary).toBe(
    '2 processes of .NET may take 1280 MiB for their heaps, this one three quarters of the 1024 MiB that the kernel grants to /c.',
  )
  expect(answerOf(RULE, { ...dotnet, neighbours: [large], environment: { [CUT]: '' } })).toBe(
    'not-judged',
  )
})
test('no limit: fine; settings unknown: not judged', () => {
  expect(answerOf(RULE, without({ ...dotnet, ...neighbours(3) }, 'memoryLimitBytes'))).toBe('fine')
  expect(answerOf(RULE, without(dotnet, 'environment'))).toBe('not-judged')
})
