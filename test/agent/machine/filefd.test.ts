import { describe, expect, test } from 'vitest'
import { filefd, parseFileNr } from '../../../agent/machine/filefd.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { fixture, folder } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

function parse(text: string): number[] {
  const values = new Float64Array(2)
  parseFileNr(Buffer.from(text, 'latin1'), text.length, values)
  return [...values]
}

test('the first and the third number', () => {
  expect(shown(readRows(filefd, fixture('hardware-made')))).toEqual({
    '': { allocated: 4736, maximum: 2 ** 63 },
  })
})

test('off without the file', () => expect(isOff(openReader(filefd, folder())(0))).toBe(true))

describe('malformed', () => {
  const f = (text: string) => expect(() => parse(text)).toThrow(MalformedFile)
  test('two numbers', () => f('1 2\n'))
  test('none', () => f(''))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['592\t0\t2466170\n'], (bytes) => parse(bytes.toString('latin1')))
})
