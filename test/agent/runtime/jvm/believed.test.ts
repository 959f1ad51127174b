import { describe, expect, test } from 'vitest'
import { believedCpus, believedMemory } from '../../../../agent/runtime/jvm/believed.ts'
import { CUT } from '../../../../catalog/entity.ts'

describe('CPUs', () => {
  const f = (flags: readonly string[] | undefined, expected: number | undefined) =>
    expect(believedCpus(flags)?.figures['believed_cpus']).toBe(expected)
  test.each([
    ['the flag', ['-Xmx1g', '-XX:ActiveProcessorCount=8'], 8],
    ['of two the later one', ['-XX:ActiveProcessorCount=8', '-XX:ActiveProcessorCount=2'], 2],
    ['no flag', ['-Xmx1g'], undefined],
    ['flags are not known', undefined, undefined],
    ['the default', ['-XX:ActiveProcessorCount=-1'], undefined],
    ['no number', ['-XX:ActiveProcessorCount=many'], undefined],
    ['nothing', ['-XX:ActiveProcessorCount='], undefined],
    [
      'a list that was cut may lack the flag that wins',
      ['-XX:ActiveProcessorCount=8', CUT],
      undefined,
    ],
  ] as const)('%s', (_, flags, expected) => f(flags, expected))
  test('say where they are from', () => {
    expect(believedCpus(['-XX:ActiveProcessorCount=8'])?.facts).toEqual({
      'candor.runtime.believed.cpus.source': 'exact -XX:ActiveProcessorCount',
    })
  })
})

test('memory is the maximum of the heap, and absent without it', () => {
  expect(believedMemory(1024, 'somewhere')).toEqual({
    facts: { 'candor.runtime.believed.memory.source': 'exact somewhere' },
    figures: { believed_memory_bytes: 1024 },
  })
  expect(believedMemory(undefined, 'somewhere')).toBeUndefined()
})
