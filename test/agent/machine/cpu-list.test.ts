import { describe, expect, test } from 'vitest'
import { parseCpuList } from '../../../agent/machine/cpu-list.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

describe('a list of CPUs', () => {
  const f = (text: string, want: readonly number[]) => expect(parseCpuList(text)).toEqual(want)
  test('none', () => f('\n', []))
  test('one', () => f('3\n', [3]))
  test('ranges', () => f('0-2,8,10-11\n', [0, 1, 2, 8, 10, 11]))
  test('twice', () => f('1,1-2\n', [1, 2]))
})

describe('malformed', () => {
  const f = (text: string) => expect(() => parseCpuList(text)).toThrow(MalformedFile)
  test('words', () => f('all'))
  test('backwards', () => f('3-1'))
  test('more than there can be', () => f('0-99999'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['0-3', ',', '8'], (bytes) => parseCpuList(bytes.toString('latin1')))
})
