import { describe, expect, test } from 'vitest'
import { parseSockets } from '../../../agent/machine/sockets.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

function read(text: string): number[][] {
  const sockets: number[][] = []
  const bytes = Buffer.from(text, 'latin1')
  parseSockets('tcp', bytes, bytes.length, (...socket) => sockets.push(socket))
  return sockets
}
const HEADING = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n'
const V4 = ' 127: 0100007F:AFC9 00000000:0000 07 00000010:00000340 00:00000000 0 0\n'
const V6 =
  '   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:2 0\n'

test('state, transmit and receive queue', () => {
  expect(read(HEADING + V4 + V6)).toEqual([
    [7, 0x10, 0x340],
    [10, 0, 2],
  ])
})

test('no sockets', () => expect(read(HEADING)).toEqual([]))

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('no state', () => f(' 1: a b zz 0:0\n'))
  test('no colon between the queues', () => f(' 1: a b 07 00000010 00000340\n'))
  test('cut off', () => f(' 1: a b 07 00000010:'))
  test('an empty line', () => f('\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed([HEADING, V4, V6, ' 1: a b 07 '], (bytes) =>
    read(bytes.toString('latin1')).flat(),
  )
})
