import { describe, expect, test } from 'vitest'
import type { FinalFlags } from '../../../../agent/runtime/jvm/deep.ts'
import { asAttribute, collectorIn, heapMaxIn } from '../../../../agent/runtime/jvm/final-flags.ts'
import { CUT } from '../../../../catalog/entity.ts'
import { jvmFlags } from '../../../../catalog/jvm-flag.ts'
import { limits } from '../../../../catalog/limit.ts'

const flags = (values: Readonly<Record<string, string>>): FinalFlags =>
  new Map(
    jvmFlags
      .filter((name) => name in values)
      .map((name) => [name, { value: values[name]!, origin: 'default' }]),
  )

test.each([
  ['Serial', { UseSerialGC: 'true', UseG1GC: 'false' }],
  ['ZGC', { UseZGC: 'true', ZGenerational: 'true' }],
  [undefined, { UseG1GC: 'false' }],
  [undefined, {}],
])('%s', (collector, values) => {
  expect(collectorIn(flags(values))).toBe(collector)
})

test.each([
  ['1073741824', 1 << 30],
  ['0', undefined],
  ['many', undefined],
])('a heap of %s', (value, expected) => {
  expect(heapMaxIn(flags({ MaxHeapSize: value }))).toBe(expected)
  expect(heapMaxIn(flags({}))).toBeUndefined()
})

describe('as one attribute', () => {
  test('a line a flag', () => {
    expect(asAttribute(flags({ UseG1GC: 'true', MaxHeapSize: '64' }))).toBe(
      'MaxHeapSize=64 default\nUseG1GC=true default',
    )
  })
  test('all flags of a real size are within the limit', () => {
    const all = flags(Object.fromEntries(jvmFlags.map((name) => [name, '1'.repeat(20)])))
    expect(asAttribute(all).split('\n')).toHaveLength(jvmFlags.length)
  })
  test('what is longer is cut between two flags, and says so', () => {
    const all = flags(Object.fromEntries(jvmFlags.map((name) => [name, '1'.repeat(200)])))
    const text = asAttribute(all)
    expect(text).toMatch(new RegExp(`default\\n${CUT}$`))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.finalFlagsBytes.value)
  })
})
