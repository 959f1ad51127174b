import { expect, test } from 'vitest'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { parseUptime } from '../../../agent/machine/uptime.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

const read = (text: string) => {
  const row = emptyRow(machine, { kind: 'machine', attributes: {} })
  const bytes = Buffer.from(text, 'latin1')
  parseUptime(bytes, bytes.length, row.values)
  return present(row)
}

test('the first number', () => {
  expect(read('350735.47 234388.90\n')).toEqual({ uptime_seconds: 350735.47 })
})

test('no number', () => {
  expect(() => read('up\n')).toThrow(MalformedFile)
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['1.5 '], (bytes) => Object.values(read(bytes.toString('latin1'))))
})
