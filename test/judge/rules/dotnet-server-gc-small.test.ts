import { describe, expect, test } from 'vitest'
import { SERVER_GC_THREADS } from '../../../catalog/runtime-setting.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, MIB, quota, verdictOf } from './cpu-profiles.ts'
import { dotnet } from './other-profiles.ts'

const RULE = 'dotnet.server-gc-small'
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...dotnet, ...change })).toBe(want)

const heaps = (value: number): Partial<RuntimeProfile> => ({
  believedCpus: { value, confidence: 'strong', source: SERVER_GC_THREADS },
})
const server = { environment: { DOTNET_gcServer: '1' } }
const small = { memoryLimitBytes: 300 * MIB }

test('more heaps than CPUs', () => {
  expect(verdictOf(RULE, { ...dotnet, ...heaps(8) })).toMatchObject({
    severity: 'warning',
    believed: { value: 8, source: 'threads .NET Server GC' },
    enforced: { value: 2, source: '/c' },
    fix: 'set DOTNET_GCHeapCount=0x2, or DOTNET_gcServer=0',
    fixValues: { heapCount: 2 },
  })
})

describe('table', () => {
  test.each([
    [heaps(2), 'fine'],
    [heaps(3), 'warning'],
    [{ ...heaps(2), ...small }, 'warning'],
    [{ ...server, ...small }, 'warning'],
    [{ build: { 'System.GC.Server': 'true' }, ...small }, 'warning'],
    [{ ...server, build: { 'System.GC.Server': 'false' } }, 'fine'],
    [{ build: { 'System.GC.Server': 'false' }, ...small }, 'fine'],
    [{}, 'fine'],
    // On one CPU it does without by itself.
    [{ ...server, ...small, ...quota(0.5) }, 'fine'],
    [{ ...heaps(1), ...small }, 'fine'],
    // Heaps that adapt.
    [{ ...heaps(8), version: '9.0.1' }, 'fine'],
    [{ ...heaps(8), environment: { DOTNET_GCDynamicAdaptationMode: '1' } }, 'fine'],
    [
      { ...heaps(8), version: '9.0.1', environment: { DOTNET_GCDynamicAdaptationMode: '0' } },
      'warning',
    ],
    // CPUs that were set by hand are no heaps.
    [{ believedCpus: { value: 8, confidence: 'exact', source: 'DOTNET_PROCESSOR_COUNT' } }, 'fine'],
  ])('%j: %s', (change, want) => f(change as Partial<RuntimeProfile>, want))
})

test('not judged', () => {
  expect(answerOf(RULE, without(dotnet, 'build'))).toBe('not-judged')
  expect(answerOf(RULE, without({ ...dotnet, ...heaps(8) }, 'version'))).toBe('not-judged')
})
test('no quota and enough memory: fine', () =>
  expect(answerOf(RULE, without({ ...dotnet, ...heaps(8) }, 'cpuLimitCores'))).toBe('fine'))
