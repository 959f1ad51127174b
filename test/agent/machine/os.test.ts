import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { os, parseOsRelease, versionNumber } from '../../../agent/machine/os.ts'
import { fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, readRows } from './open.ts'

const said = (root: string) =>
  readRows(os, root).map(({ table, keys, values }) => [table.name, ...keys, values[0]])

test('info, version and end of support', () => {
  expect(said(fixture('hardware-made'))).toEqual([
    [
      'machine_os',
      '20240530.0',
      'fedora',
      'rhel centos',
      'metal',
      '7',
      'Fedora Linux',
      'Fedora Linux 40 (Server Edition)',
      'Server "Edition"',
      'server',
      '40 (Server Edition)',
      '',
      '40',
      1,
    ],
    ['machine_os_version', 'fedora', 'rhel centos', 'Fedora Linux', 40],
    ['machine_os_support', Date.UTC(2025, 4, 13) / 1000],
  ])
})

test('the file of /usr/lib stands in', () => {
  const root = folder()
  write(root, { 'usr/lib/os-release': 'ID=arch\n' })
  expect(said(root)).toHaveLength(1)
})

test('off without either', () => expect(isOff(openReader(os, folder())(0))).toBe(true))

describe('a value', () => {
  const f = (line: string, want: string | undefined) =>
    expect(parseOsRelease(`${line}\n`).get('A')).toBe(want)
  test('plain', () => f('A=b', 'b'))
  test('in double quotes', () => f('A="b c"', 'b c'))
  test('in single quotes', () => f("A='b \\c'", 'b \\c'))
  test('escaped', () => f('A="\\"b\\" \\$c"', '"b" $c'))
  test('a quote that does not end', () => f('A="b', 'b'))
  test('empty', () => f('A=""', ''))
  test('a comment', () => f('# A=b', undefined))
})

describe('the version as a number', () => {
  const f = (text: string, want: number) => expect(versionNumber(text)).toBe(want)
  test('major', () => f('12', 12))
  test('major and minor', () => f('22.04', 22.04))
  test('more', () => f('3.18.4', 3.18))
  test('a dot at the end', () => f('7.x', 7))
  test('none', () => f('rolling', Number.NaN))
})

test('any text is a map', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseOsRelease(text)).toBeInstanceOf(Map)
    }),
  )
})
