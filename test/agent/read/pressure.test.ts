import { describe, expect, test } from 'vitest'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { parsePressure } from '../../../agent/read/pressure.ts'
import { recordOrMalformed } from './malformed-or.ts'

function read(text: string, columns = { some: 0, full: 1 }): number[] {
  const values = new Float64Array(2).fill(Number.NaN)
  const bytes = Buffer.from(text, 'latin1')
  parsePressure(bytes, bytes.length, values, columns)
  return [...values]
}
const line = (name: string, total: string) =>
  `${name} avg10=0.12 avg60=0.43 avg300=0.32 total=${total}\n`

describe('totals in seconds', () => {
  test('both lines', () => {
    expect(read(line('some', '10897204') + line('full', '5'))).toEqual([10.897204, 0.000005])
  })
  test('cpu before 5.13 has no full line', () => {
    expect(read(line('some', '1'))).toEqual([0.000001, NaN])
  })
  test('irq has only a full line', () => {
    expect(read(line('full', '2000000'), { some: -1, full: 0 })).toEqual([2, NaN])
  })
  test('a line that is not wanted is not shown', () => {
    expect(read(line('some', '1') + line('full', '2'), { some: 0, full: -1 })).toEqual([1e-6, NaN])
  })
  test('a column more than we know, and a line', () => {
    const text = 'some avg10=0.12 total=7 new=3\nbest total=9\n'
    expect(read(text)).toEqual([7e-6, NaN])
  })
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('nothing', () => f(''))
  test('no total', () => f('some avg10=0.12\nfull total=1\n'))
  test('no number', () => f('some total=x\n'))
  test('other lines only', () => f('none total=1\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['some ', 'full ', 'total=', line('some', '1')], (bytes) =>
    read(bytes.toString('latin1')),
  )
})
