import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CUT } from '../../catalog/entity.ts'
import {
  believedOf,
  cgroupModeOf,
  finalFlagsOf,
  firstOf,
  kindOf,
  listOf,
  settingsOf,
} from '../../judge/runtime-attributes.ts'

test('kinds and modes are those that are known', () => {
  expect(kindOf('go')).toBe('go')
  expect(kindOf('OpenJDK Runtime Environment')).toBeUndefined()
  expect(kindOf('constructor')).toBeUndefined()
  expect(kindOf(undefined)).toBeUndefined()
  expect(cgroupModeOf('hybrid')).toBe('hybrid')
  expect(cgroupModeOf('toString')).toBeUndefined()
})

test('lists: absent, empty and full are three things', () => {
  expect(listOf(undefined, '\n')).toBeUndefined()
  expect(listOf('', '\n')).toEqual([])
  expect(listOf('a\n\nb c', '\n')).toEqual(['a', 'b c'])
})

describe('settings', () => {
  const f = (text: string | undefined, want: Record<string, string> | undefined) =>
    expect(settingsOf(text)).toEqual(want)
  test('absent', () => f(undefined, undefined))
  test('none', () => f('', {}))
  test('one a line', () => f('GOGC=off\nGOMAXPROCS=2', { GOGC: 'off', GOMAXPROCS: '2' }))
  test('a value may be empty or hold =', () => f('A=\nB=c=d', { A: '', B: 'c=d' }))
  test('the first counts', () => f('A=1\nA=2', { A: '1' }))
  test('what has no name is left out', () => f('=1\nA\nB=2', { B: '2' }))
  test('a list that was cut says so', () => f(`A=1\n${CUT}`, { A: '1', [CUT]: '' }))
  test('a name is no more than a name', () => {
    const found = settingsOf('__proto__=x\nconstructor=y')!
    expect(Object.entries(found)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype)
  })
})

describe('final flags', () => {
  const f = (
    text: string | undefined,
    want: Record<string, readonly [string, string]> | undefined,
  ) =>
    expect(finalFlagsOf(text)).toEqual(
      want &&
        Object.fromEntries(
          Object.entries(want).map(([name, [value, origin]]) => [name, { value, origin }]),
        ),
    )
  test('absent', () => f(undefined, undefined))
  test('none', () => f('', {}))
  test('value and origin', () =>
    f('UseG1GC=true ergonomic\nMaxHeapSize=268435456 command-line', {
      UseG1GC: ['true', 'ergonomic'],
      MaxHeapSize: ['268435456', 'command-line'],
    }))
  test('an empty value', () => f('Flags= default', { Flags: ['', 'default'] }))
  test('a value of words', () => f('OnError=a b c default', { OnError: ['a b c', 'default'] }))
  test('without an origin it is left out', () => f('A=true\nB=1 \nC', {}))
})

describe('believed', () => {
  const f = (value: number | null, text: string | undefined, want: object | undefined) =>
    expect(believedOf(value, text)).toEqual(want)
  const source = '-XX:ActiveProcessorCount'
  test('figure, confidence, source', () =>
    f(4, `exact ${source}`, { value: 4, confidence: 'exact', source }))
  test('no figure', () => f(null, `exact ${source}`, undefined))
  test('a figure of which nobody says where it comes from', () => f(4, undefined, undefined))
  test('nor how sure it is', () => f(4, source, undefined))
  test('nothing but a confidence', () => f(4, 'exact ', undefined))
})

describe('limits when it was first seen', () => {
  const f = (memory: string | undefined, cpu: string | undefined, seen: string | undefined) =>
    firstOf({
      ...(memory !== undefined && { 'candor.runtime.first.memory.limit': memory }),
      ...(cpu !== undefined && { 'candor.runtime.first.cpu.limit': cpu }),
      ...(seen !== undefined && { 'candor.runtime.first.seen': seen }),
    })
  test('both', () =>
    expect(f('1024', '0.5', 'start')).toEqual({
      memoryLimitBytes: 1024,
      cpuLimitCores: 0.5,
      fromStart: true,
    }))
  test('none', () => expect(f('none', 'none', 'later')).toEqual({ fromStart: false }))
  test('what is not known is not none', () => {
    expect(f('1024', undefined, 'start')).toBeUndefined()
    expect(f('1024', 'none', undefined)).toBeUndefined()
    expect(f('-1', 'none', 'start')).toBeUndefined()
    expect(f('1e999', 'none', 'start')).toBeUndefined()
  })
})

test('whatever the text, there is a record of texts or nothing', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('__proto__', '=', ' ', '\n', CUT, 'exact', 'A', '\u0000', 'none'))
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      for (const value of Object.values(settingsOf(text)!)) expect(value).toBeTypeOf('string')
      for (const { value, origin } of Object.values(finalFlagsOf(text)!)) {
        expect(value).toBeTypeOf('string')
        expect(origin).not.toBe('')
      }
      const believed = believedOf(1, text)
      expect(believed?.source).not.toBe('')
      const first = firstOf({
        'candor.runtime.first.memory.limit': text,
        'candor.runtime.first.cpu.limit': text,
        'candor.runtime.first.seen': 'start',
      })
      expect(first?.memoryLimitBytes ?? 0).toBeGreaterThanOrEqual(0)
    }),
  )
})
