import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { entropy } from '../../../agent/machine/entropy.ts'
import { kernelHung } from '../../../agent/machine/kernel-hung.ts'
import { numberInto } from '../../../agent/machine/one-row.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { copy, fixture, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, openReader, readRows, rowsOf, shown } from './open.ts'

const parse = (text: string) => {
  const values = new Float64Array(1)
  numberInto('entropy', 0)(Buffer.from(text, 'latin1'), text.length, values)
  return values
}

test('entropy', () => {
  expect(shown(readRows(entropy, fixture('v1-centos7-3.10')))).toEqual({
    '': { available: 3461, pool_size: 4096 },
  })
})

test('one of two files may be missing, and comes and goes', () => {
  const root = copy('hardware-made')
  rmSync(`${root}/proc/sys/kernel/random/poolsize`)
  const read = openReader(entropy, root)
  expect(shown(rowsOf(read(0)))).toEqual({ '': { available: 256 } })
  write(root, { 'proc/sys/kernel/random/entropy_avail': '7\n' })
  expect(shown(rowsOf(read(10_000)))).toEqual({ '': { available: 7 } })
})

describe('hung tasks', () => {
  test('are counted', () =>
    expect(shown(readRows(kernelHung, fixture('hardware-made')))).toEqual({
      '': { hung_tasks: 3 },
    }))
  test('or not, by old kernels', () => {
    const reading = openReader(kernelHung, fixture('v1-centos7-3.10'))(0)
    expect(isOff(reading) && reading.cure).toMatch(/6\.13/)
  })
})

test('no number', () => expect(() => parse('many\n')).toThrow(MalformedFile))

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['256\n'], (bytes) => parse(bytes.toString('latin1')))
})
