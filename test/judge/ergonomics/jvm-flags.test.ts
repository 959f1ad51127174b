import { expect, test } from 'vitest'
import type { FinalFlag } from '../../../agent/runtime/jvm/deep.ts'
import { asAttribute } from '../../../agent/runtime/jvm/final-flags.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import {
  allFlags,
  fixedHeapFlag,
  heapPercentage,
  heapShareFlag,
  majorVersion,
  numberOf,
  parseSize,
  sizeOf,
  stackBytes,
  switchOf,
  wasSet,
} from '../../../judge/ergonomics/jvm-flags.ts'
import { finalFlagsOf } from '../../../judge/runtime-attributes.ts'

test('sizes', () => {
  const f = (text: string, want: number | undefined) => expect(parseSize(text)).toBe(want)
  f('1024', 1024)
  f('512k', 512 * 1024)
  f('512M', 512 * 1024 ** 2)
  f('4g', 4 * 1024 ** 3)
  f('1T', 1024 ** 4)
  f('', undefined)
  f('1.5g', undefined)
  f('g', undefined)
  f('12mb', undefined)
})

test('the last flag wins', () => {
  expect(fixedHeapFlag(['-Xmx1g', '-Xms1g', '-XX:MaxHeapSize=2g'])).toBe('-XX:MaxHeapSize=2g')
  expect(fixedHeapFlag(['-XX:MaxHeapSize=2g', '-Xmx1g'])).toBe('-Xmx1g')
  expect(fixedHeapFlag(['-Xmixed', '-XX:MaxHeapFreeRatio=40'])).toBeUndefined()
  expect(heapShareFlag(['-XX:MaxRAMPercentage=50', '-XX:MaxRAMPercentage=60'])).toBe(
    '-XX:MaxRAMPercentage=60',
  )
  expect(switchOf(['-XX:+UseG1GC', '-XX:-UseG1GC'], 'UseG1GC')).toBe(false)
  expect(switchOf(['-XX:+UseG1GC'], 'UseG1')).toBeUndefined()
  expect(sizeOf(['-XX:MaxMetaspaceSize=64m', '-XX:MaxMetaspaceSize=1g'], 'MaxMetaspaceSize')).toBe(
    1024 ** 3,
  )
  expect(numberOf(['-XX:ParallelGCThreads=x'], 'ParallelGCThreads')).toBeUndefined()
})

test('share of the memory that the heap may take', () => {
  expect(heapPercentage([])).toBe(25)
  expect(heapPercentage(['-XX:MaxRAMPercentage=75.0'])).toBe(75)
  expect(heapPercentage(['-XX:MaxRAMFraction=2'])).toBe(50)
  expect(heapPercentage(['-XX:MaxRAMFraction=0'])).toBe(25)
})

test('stack of a thread', () => {
  expect(stackBytes([])).toBe(1 << 20)
  expect(stackBytes(['-Xss512k'])).toBe(512 << 10)
  expect(stackBytes(['-XX:ThreadStackSize=256'])).toBe(256 << 10)
  expect(stackBytes(['-XX:ThreadStackSize=0'])).toBe(1 << 20)
})

test('major versions', () => {
  const f = (version: string | undefined, want: number | undefined) =>
    expect(majorVersion(version)).toBe(want)
  f('1.8.0_504', 8)
  f('11.0.33-ea', 11)
  f('21.0.13.0.3', 21)
  f('9', 9)
  f('', undefined)
  f(undefined, undefined)
})

test('flags that somebody set are there wherever that was', () => {
  const finalFlags: RuntimeProfile['finalFlags'] = {
    MinRAMPercentage: { value: '20.000000', origin: 'config-file' },
    UseG1GC: { value: 'true', origin: 'ergonomic' },
    UseZGC: { value: 'false', origin: 'environment' },
    UseSerialGC: { value: 'true', origin: 'command-line' },
  }
  expect(allFlags({ flags: ['-Xmx1g'], finalFlags })).toEqual([
    '-Xmx1g',
    '-XX:MinRAMPercentage=20.000000',
    '-XX:-UseZGC',
    '-XX:+UseSerialGC',
  ])
  expect(allFlags({ flags: ['-Xmx1g'] })).toEqual(['-Xmx1g'])
  expect(allFlags({})).toEqual([])
})

test('who set a flag, in the words of who reads it', () => {
  const f = (origin: FinalFlag['origin'], want: boolean) => {
    const told = finalFlagsOf(asAttribute(new Map([['UseSerialGC', { value: 'true', origin }]])))!
    expect(wasSet(told['UseSerialGC']!), origin).toBe(want)
  }
  f('default', false)
  f('ergonomic', false)
  f('internal', false)
  f('command-line', true)
  f('environment', true)
  f('config-file', true)
  f('management', true)
  f('attach', true)
  f('jimage', true)
})
