import { describe, expect, test } from 'vitest'
import { parseMmStat, zram } from '../../../agent/machine/zram.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { fixture, folder, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

test('the figures of a device that is set up', () => {
  const root = folder()
  write(root, {
    'sys/block/zram0/disksize': '4294967296\n',
    'sys/block/zram0/mm_stat': '  8192 100 12288 0 16384 3 4 5 6\n',
    'sys/block/zram1/disksize': '0\n',
    'sys/block/zram1/mm_stat': '0 0 0 0 0 0 0 0 0\n',
  })
  expect(shown(readRows(zram, root))).toEqual({
    zram0: {
      size: 4294967296,
      data: 8192,
      compressed: 100,
      used: 12288,
      used_max: 16384,
      same: 3,
      compacted: 4,
      huge: 5,
    },
  })
})

test('a limit that is set', () => {
  const root = folder()
  write(root, {
    'sys/block/zram0/disksize': '1\n',
    'sys/block/zram0/mm_stat': '1 1 1 77 1 1 1\n',
  })
  expect(shown(readRows(zram, root))['zram0']).toMatchObject({ limit: 77 })
})

test('a device that is not set up says nothing, so the reader is off', () => {
  expect(isOff(openReader(zram, fixture('hybrid-firecracker-6.18'))(0))).toBe(true)
})

describe('malformed', () => {
  const f = (text: string) => expect(() => parseMmStat(text)).toThrow(MalformedFile)
  test('empty', () => f(''))
  test('too few numbers', () => f('1 2 3 4 5 6'))
  test('no numbers', () => f('1 2 3 x 5 6 7'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['1 2 3 4 5 6 7 8 9'], (bytes) => parseMmStat(bytes.toString('latin1')))
})
