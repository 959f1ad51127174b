import { expect, test } from 'vitest'
import { heapMaxOf } from '../../../judge/rules/heap-max.ts'
import { GIB, verdictOf, well } from './cpu-profiles.ts'

test('where the maximum of the heap was read', () => {
  const counters = 'hsperfdata sun.gc.generation.*.maxCapacity'
  const flag = { value: GIB, confidence: 'exact', source: 'flag MaxHeapSize' } as const
  expect(heapMaxOf({}, GIB)).toMatchObject({ value: GIB, unit: 'By', source: counters })
  expect(heapMaxOf({ believedMemory: flag }, GIB).source).toBe('flag MaxHeapSize')
  // Of the two, the one that has this figure.
  expect(heapMaxOf({ believedMemory: flag }, 2 * GIB).source).toBe(counters)
  const large = { ...well, heapMaxBytes: 4 * GIB, believedMemory: { ...flag, value: 4 * GIB } }
  expect(verdictOf('jvm.heap-exceeds-limit', large).believed?.source).toBe('flag MaxHeapSize')
})
