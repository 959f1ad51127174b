import { describe, expect, test } from 'vitest'
import { parseBuddyinfo } from '../../../agent/machine/buddyinfo.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineBuddy } from '../../../catalog/tables/machine-numa.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, shown } from './open.ts'

function read(text: string) {
  const rows = new KeptRows(machineBuddy, MACHINE)
  parseBuddyinfo(text, rows)
  return shown(rows.finish())
}

test('a row a zone and an order', () => {
  expect(read('Node 0, zone   Normal   8867  12\nNode 1, zone DMA 1\n')).toEqual({
    '0 Normal 0': { blocks: 8867 },
    '0 Normal 1': { blocks: 12 },
    '1 DMA 0': { blocks: 1 },
  })
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('no zone', () => f('Node 0 1 2 3\n'))
  test('no numbers', () => f('Node 0, zone DMA\n'))
  test('no number', () => f('Node 0, zone DMA 1 x\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['Node 0, zone DMA', ' 1 2 3', '\n'], (bytes) =>
    Object.values(read(bytes.toString('latin1'))).flatMap((row) => Object.values(row)),
  )
})
