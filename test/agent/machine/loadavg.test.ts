import { expect, test } from 'vitest'
import { parseLoadavg } from '../../../agent/machine/loadavg.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

const read = (text: string) => {
  const row = emptyRow(machine, { kind: 'machine', attributes: {} })
  const bytes = Buffer.from(text, 'latin1')
  parseLoadavg(bytes, bytes.length, row.values)
  return present(row)
}

test('three averages', () => {
  expect(read('0.29 1.10 12.00 2/98 7906\n')).toEqual({ load1: 0.29, load5: 1.1, load15: 12 })
})

test('fewer are malformed', () => {
  expect(() => read('0.29 1.10\n')).toThrow(MalformedFile)
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['0.1 ', '1/2'], (bytes) => Object.values(read(bytes.toString('latin1'))))
})
