import { expect, test } from 'vitest'
import { collectorOf } from '../../../judge/ergonomics/jvm-collector.ts'

const MIB = 1024 * 1024

test('by version, CPUs and memory', () => {
  const f = (version: string | undefined, cpus: number, memoryMib: number, want: string) =>
    expect(collectorOf([], version, cpus, memoryMib * MIB)).toBe(want)
  f('1.8.0_504', 2, 4096, 'Parallel')
  f('1.8.0_504', 1, 4096, 'Serial')
  f('1.8.0_504', 2, 1700, 'Serial')
  f('9.0.4', 2, 4096, 'G1')
  f('17.0.21', 2, 1800, 'G1')
  f('17.0.21', 2, 1792, 'G1')
  f('17.0.21', 2, 1791, 'Serial')
  f('17.0.21', 1, 64_000, 'Serial')
  f('25.0.3', 2, 1700, 'Serial')
  f('27', 1, 512, 'G1')
  f(undefined, 2, 4096, 'G1')
})

test('by flags', () => {
  const f = (flags: readonly string[], want: string) =>
    expect(collectorOf(flags, '17.0.21', 1, 512 * MIB)).toBe(want)
  f(['-XX:+UseParallelGC'], 'Parallel')
  f(['-XX:+UseZGC', '-XX:+ZGenerational'], 'ZGC')
  f(['-XX:+UseG1GC', '-XX:-UseG1GC'], 'Serial')
  f(['-XX:+AlwaysActAsServerClassMachine'], 'G1')
  f(['-XX:+UseConcMarkSweepGC'], 'CMS')
  expect(collectorOf(['-XX:+NeverActAsServerClassMachine'], '17', 8, 8192 * MIB)).toBe('Serial')
})
