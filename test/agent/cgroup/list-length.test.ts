import { describe, expect, test } from 'vitest'
import { listLength } from '../../../agent/cgroup/list-length.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

const read = (text: string) => listLength(Buffer.from(text), Buffer.byteLength(text))

describe('how many', () => {
  const f = (text: string, want: number) => expect(read(text)).toBe(want)
  test('one', () => f('3\n', 1))
  test('a range', () => f('0-3\n', 4))
  test('both', () => f('0-3,8,10-11\n', 7))
  test('none', () => f('\n', 0))
  test('no line end', () => f('0-1', 2))
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('words', () => f('all\n'))
  test('backwards', () => f('3-0\n'))
  test('an open range', () => f('0-\n'))
  test('blanks', () => f('0 1\n'))
})

test('any bytes are a number or malformed', () => {
  recordOrMalformed(['0-3', ',', '8'], (bytes) => [listLength(bytes, bytes.length)])
})
