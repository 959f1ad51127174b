import { expect, test } from 'vitest'
import { oldMaxBytes } from '../../../judge/ergonomics/jvm-generations.ts'

const MIB = 1024 ** 2

test.each([
  // As jdk8-default-serial-shares102 tells them: 1 GiB, of it 699,072 KiB old.
  ['Serial', 1024, [], 682.67],
  ['Parallel', 6040, [], 4026.67],
  ['CMS', 900, [], 600],
  ['Parallel', 1024, ['-Xmn256m'], 768],
  ['Parallel', 1024, ['-Xmn256m', '-Xmn512m'], 512],
  ['Parallel', 1024, ['-XX:MaxNewSize=128m'], 896],
  ['Serial', 1024, ['-XX:NewRatio=1'], 512],
  ['Serial', 1024, ['-Xmn2g'], 682.67],
  ['Serial', 1024, ['-Xmnx'], 682.67],
  ['G1', 1024, ['-XX:NewRatio=1'], 1024],
  ['ZGC', 1024, [], 1024],
  [undefined, 1024, [], 1024],
])('%s, %i MiB, %j: %d MiB old', (collector, heapMib, flags, want) => {
  expect(oldMaxBytes(collector, heapMib * MIB, flags) / MIB).toBeCloseTo(want, 1)
})
