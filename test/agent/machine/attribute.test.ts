import { mkdirSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  Attribute,
  number,
  numbered,
  onRoot,
  parseAttribute,
  word,
} from '../../../agent/machine/attribute.ts'
import { filesOf, folder, write } from '../fixture.ts'
import fc from 'fast-check'

describe('the number of an attribute', () => {
  const f = (text: string, want: number) =>
    expect(parseAttribute(Buffer.from(text), text.length)).toBe(want)
  test('whole', () => f('55000\n', 55_000))
  test('negative', () => f('-44000\n', -44_000))
  test('negative and 0', () => f('-0\n', 0))
  test('with a fraction', () => f('12.5\n', 12.5))
  test('without a line end', () => f(' 7 ', 7))
  test('a unit is none', () => f('95.0%\n', Number.NaN))
  test('a word is none', () => f('<unsupported>\n', Number.NaN))
  test('nothing is none', () => f('', Number.NaN))
})

test('any bytes are a number or absent', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(typeof parseAttribute(bytes, bytes.length)).toBe('number')
    }),
  )
})

test('read pass after pass, gone and back', () => {
  const root = folder()
  write(root, { 'sys/temp': '1\n' })
  const files = filesOf(root)
  const attribute = new Attribute(files, `${root}/sys/temp`)
  expect(attribute.read()).toBe(1)
  write(root, { 'sys/temp': '23\n' })
  expect(attribute.read()).toBe(23)
  expect(files.openFiles).toBe(1)
  attribute.close()
  expect(files.openFiles).toBe(0)
  rmSync(`${root}/sys/temp`)
  expect(attribute.read()).toBeNaN()
})

test('what cannot be read is absent', () => {
  const root = folder()
  mkdirSync(`${root}/sys/power`, { recursive: true })
  const files = filesOf(root)
  expect(new Attribute(files, `${root}/sys/power`).read()).toBeNaN()
  expect(number(files, `${root}/sys/power`)).toBeNaN()
  expect(word(files, `${root}/sys/power`)).toBeUndefined()
  expect(word(files, `${root}/sys/none`)).toBeUndefined()
})

test('directories by their numbers', () => {
  const root = folder()
  for (const name of ['cpu10', 'cpu2', 'cpufreq', 'cpu', 'cpuidle', 'cpu0']) {
    mkdirSync(`${root}/sys/${name}`, { recursive: true })
  }
  expect(numbered(filesOf(root), `${root}/sys`, 'cpu')).toEqual([
    ['cpu0', '0'],
    ['cpu2', '2'],
    ['cpu10', '10'],
  ])
})

test('below the root of the machine', () => {
  const root = folder()
  expect(onRoot(filesOf(root), '/etc/os-release')).toBe(`${root}/etc/os-release`)
})
