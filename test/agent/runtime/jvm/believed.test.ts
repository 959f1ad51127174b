import { describe, expect, test } from 'vitest'
import { believedCpus, believedMemory } from '../../../../agent/runtime/jvm/believed.ts'
import type { FinalFlags, Origin } from '../../../../agent/runtime/jvm/deep.ts'
import type { Collector } from '../../../../agent/runtime/jvm/jvm.ts'
import { CUT } from '../../../../catalog/entity.ts'
import type { JvmFlag } from '../../../../catalog/jvm-flag.ts'

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

describe('CPUs by final flags', () => {
  type Flags = Readonly<Record<string, string>>
  /** `8 ergonomic`, as the attribute has it. */
  const flagsOf = (flags: Flags): FinalFlags =>
    new Map(
      Object.entries(flags).map(([name, text]) => {
        const [value = '', origin = ''] = text.split(' ')
        return [name as JvmFlag, { value, origin: origin as Origin }]
      }),
    )
  const f = (flags: Flags, collector: Collector | undefined, expected: string | undefined) => {
    const believed = believedCpus(['-XX:ActiveProcessorCount=99'], flagsOf(flags), collector)
    const source = believed?.facts['candor.runtime.believed.cpus.source']?.split(' ')[0]
    const found = believed && `${believed.figures['believed_cpus']} ${source}`
    expect(found).toBe(expected)
  }
  const set = { ActiveProcessorCount: '4 command-line', ParallelGCThreads: '2 ergonomic' }
  const unset = { ActiveProcessorCount: '-1 default' }
  test.each([
    ['set, whatever the arguments said', set, 'G1', '4 exact'],
    ['workers that it chose', { ...unset, ParallelGCThreads: '8 default' }, 'G1', '8 strong'],
    ['the same', { ...unset, ParallelGCThreads: '2 ergonomic' }, 'Parallel', '2 strong'],
    [
      'several numbers of CPUs make nine',
      { ...unset, ParallelGCThreads: '9 default' },
      'G1',
      undefined,
    ],
    ['workers that were set', { ...unset, ParallelGCThreads: '3 command-line' }, 'G1', undefined],
    [
      'a collector with another rule',
      { ...unset, ParallelGCThreads: '2 default' },
      'ZGC',
      undefined,
    ],
    ['one without workers', { ...unset, ParallelGCThreads: '0 default' }, 'Serial', undefined],
    ['nothing is known', {}, undefined, undefined],
  ] as const)('%s', (_, flags, collector, expected) => f(flags, collector, expected))
})
