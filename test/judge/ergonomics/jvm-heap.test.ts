import { expect, test } from 'vitest'
import { hasShortReferences, referenceCliff } from '../../../judge/ergonomics/jvm-heap.ts'

const MIB = 1024 * 1024

test('the cliff where references become long', () => {
  const f = (collector: string, wantMib: number, flags: readonly string[] = []) => {
    expect(referenceCliff(collector, flags)).toBe(wantMib * MIB)
    expect(hasShortReferences(collector, wantMib * MIB, flags)).toBe(true)
    expect(hasShortReferences(collector, wantMib * MIB + 1, flags)).toBe(false)
  }
  f('Serial', 32_766)
  f('Parallel', 32_766)
  f('G1', 32_736)
  f('Shenandoah', 32_736)
  f('Parallel', 65_534, ['-XX:ObjectAlignmentInBytes=16'])
})

test('ZGC never has short references, nor who switched them off', () => {
  expect(hasShortReferences('ZGC', 512 * MIB, [])).toBe(false)
  expect(hasShortReferences('G1', 512 * MIB, ['-XX:-UseCompressedOops'])).toBe(false)
})
