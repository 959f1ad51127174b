import { expect, test } from 'vitest'
import { parseTcpstat, tcpstat } from '../../../agent/machine/tcpstat.ts'
import { machineTcpstat } from '../../../catalog/tables/machine-sockets.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { fixture, folder, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, openReader, readRows } from './open.ts'

const socket = (state: string, transmit: string, receive: string) =>
  ` 1: 0100007F:AFC9 00000000:0000 ${state} ${transmit}:${receive} 00:00000000 0 0\n`

function read(text: string) {
  const row = emptyRow(machineTcpstat, MACHINE)
  row.values.fill(0)
  const bytes = Buffer.from(text, 'latin1')
  parseTcpstat(bytes, bytes.length, row.values)
  return present(row)
}

test('sockets by state, and what the receiver did not take', () => {
  const [row] = readRows(tcpstat, fixture('hybrid-firecracker-6.18'))
  expect(present(row!)).toEqual({
    established: 2,
    syn_sent: 0,
    syn_recv: 0,
    fin_wait1: 0,
    fin_wait2: 0,
    time_wait: 1,
    close: 0,
    close_wait: 0,
    last_ack: 0,
    listen: 2,
    closing: 0,
    rx_queued_bytes: 5000,
    tx_queued_bytes: 0,
  })
})

test('what waits to be accepted is no bytes', () => {
  const text = socket('0A', '0', '00000007') + socket('01', '00000020', '00000003')
  expect(read(text)).toMatchObject({ listen: 1, rx_queued_bytes: 3, tx_queued_bytes: 0x20 })
})

test('a state that is new has no column', () => {
  const { rx_queued_bytes: bytes, ...states } = read(socket('0D', '0', '5'))
  expect(bytes).toBe(5)
  expect(Object.values(states).filter((count) => count !== 0)).toEqual([])
})

test('it is off by default, and off where there is no TCP', () => {
  expect(tcpstat.offByDefault).toBe(true)
  expect(openReader(tcpstat, folder())(0)).toHaveProperty('reason')
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed([socket('01', '1', '2'), socket('ff', '1', '2'), ' 1: a b '], (bytes) =>
    Object.values(read(bytes.toString('latin1'))),
  )
})
