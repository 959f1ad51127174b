import { expect, test } from 'vitest'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, GIB, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.limit-with-swap-hides-oom'
const HEAP = 'jvm.heap-exceeds-limit'

/** 3 GiB of heap in 2 GiB, on a machine with swap. */
const large: RuntimeProfile = {
  ...well,
  heapMaxBytes: 3 * GIB,
  flags: ['-Xmx3g'],
  classes: 800,
  osThreads: 20,
  machineSwapBytes: 8 * GIB,
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...large, ...change })).toBe(want)

test('it is told, and the heap that is too large is no longer critical', () => {
  expect(verdictOf(RULE, large)).toMatchObject({
    severity: 'info',
    summary: expect.stringMatching(/^The JVM may come to 3\d{3} MiB in 2048 MiB; /) as string,
    fix: expect.stringMatching(
      /^replace -Xmx3g by -XX:MaxRAMPercentage=\d\d\.0 .*; then memory\.swap\.max=0 for \/c$/,
    ) as string,
  })
  expect(answerOf(HEAP, large)).toBe('high')
  expect(verdictOf(HEAP, large).summary).toContain('swaps before it kills')
})

test('on v1 memory and swap have a limit together', () => {
  const v1 = { ...large, machineCgroups: 'v1', swapLimitBytes: GIB } as const
  expect(verdictOf(RULE, v1)).toMatchObject({
    fix: expect.stringMatching(
      /; then memory\.memsw\.limit_in_bytes=2147483648 for \/c \(memory\.swappiness=0 /,
    ) as string,
    fixValues: { memoryAndSwapLimitBytes: 2 * GIB },
    evidence: [{}, {}, { source: 'memory.memsw.limit_in_bytes less memory.limit_in_bytes' }],
  })
  expect(answerOf(RULE, { ...v1, swapLimitBytes: 0 })).toBe('fine')
})

test('no swap: nothing hides, and the heap that is too large is critical', () => {
  f({ machineSwapBytes: 0 }, 'fine')
  f({ swapLimitBytes: 0 }, 'fine')
  expect(answerOf(HEAP, { ...large, swapLimitBytes: 0 })).toBe('critical')
})

test('whether it swaps is not known, unless some of it is swapped', () => {
  const unknown = without(large, 'machineSwapBytes')
  expect(answerOf(RULE, unknown)).toBe('not-judged')
  expect(answerOf(HEAP, unknown)).toBe('critical')
  expect(answerOf(RULE, { ...unknown, swapLimitBytes: GIB })).toBe('not-judged')
  expect(answerOf(RULE, { ...unknown, swapBytes: MIB })).toBe('info')
  expect(answerOf(RULE, { ...unknown, cgroupMemory: { swapBytes: MIB } })).toBe('info')
})

test('what fits needs no swap; no limit; no heap', () => {
  f({ heapMaxBytes: GIB }, 'fine')
  expect(answerOf(RULE, without(large, 'memoryLimitBytes'))).toBe('fine')
  expect(answerOf(RULE, without(large, 'heapMaxBytes'))).toBe('not-judged')
  f({ jvmsInCgroup: 2 }, 'not-judged')
})
