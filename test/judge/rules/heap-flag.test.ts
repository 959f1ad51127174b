import { expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import { loweredStart, withHeap } from '../../../judge/rules/heap-flag.ts'
import { GIB, MIB } from './cpu-profiles.ts'

test('every flag that decides about the maximum gives way', () => {
  const f = (flags: readonly string[] | undefined, want: string) =>
    expect(withHeap(flags === undefined ? {} : { flags }, '-Xmx512m', 512 * MIB)).toBe(want)
  f(undefined, 'set -Xmx512m')
  f([], 'add -Xmx512m')
  f(['-Xss1m', '-Xmixed'], 'add -Xmx512m')
  f([CUT], 'set -Xmx512m')
  f(['-Xmx4g', '-Xmx4g'], 'replace -Xmx4g by -Xmx512m')
  f(
    ['-Xmx4g', '-XX:MaxRAMPercentage=80.0', '-Xmx3g'],
    'replace -Xmx4g and -XX:MaxRAMPercentage=80.0 and -Xmx3g by -Xmx512m',
  )
})

test('a JVM does not start with more than its maximum', () => {
  const f = (flags: readonly string[], want: string) =>
    expect(loweredStart(flags, 1536 * MIB)).toBe(want)
  f(['-Xms1536m'], '')
  f(['-Xmx4g', '-Xmn4g'], '')
  f(['-Xms2g'], ', with -Xms1536m instead of -Xms2g')
  f(
    ['-XX:InitialHeapSize=2147483648'],
    ', with -XX:InitialHeapSize=1536m instead of -XX:InitialHeapSize=2147483648',
  )
  f(
    ['-Xms2g', '-XX:SoftMaxHeapSize=3g', '-Xms2g'],
    ', with -Xms1536m instead of -Xms2g and -XX:SoftMaxHeapSize=1536m instead of -XX:SoftMaxHeapSize=3g',
  )
  expect(loweredStart(undefined, GIB)).toBe('')
})
