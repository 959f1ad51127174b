import { expect, test } from 'vitest'
import { referenceCliff } from '../../../judge/ergonomics/jvm-heap.ts'

const MIB = 1024 * 1024

test('the cliff where references become long', () => {
  const f = (collector: string, wantMib: number, flags: readonly string[] = []) =>
    expect(referenceCliff(collector, flags)).toBe(wantMib * MIB)
  f('Serial', 32_766)
  f('Parallel', 32_766)
  f('G1', 32_736)
  f('Shenandoah', 32_736)
  f('Parallel', 65_534, ['-XX:ObjectAlignmentInBytes=16'])
})
