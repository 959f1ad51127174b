import { describe, expect, test } from 'vitest'
import { udpQueues } from '../../../agent/machine/udp-queues.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { limits } from '../../../catalog/limit.ts'
import { fixture, folder, present, write } from '../fixture.ts'
import { openReader, readRows } from './open.ts'

const V4 = ' 127: 0100007F:AFC9 00000000:0000 07 00000010:00000340 00:00000000 0 0\n'

describe('queues of all sockets together', () => {
  const f = (name: Parameters<typeof fixture>[0], want: Record<string, number>) => {
    const [row] = readRows(udpQueues, fixture(name))
    expect(present(row!)).toEqual(want)
  }
  test('IPv4 alone', () => f('v1-centos7-3.10', { tx_v4: 0x200, rx_v4: 0x1a00 }))
  test('IPv6 alone', () => f('v2-kubernetes-6.8', { tx_v6: 0, rx_v6: 0xc40 }))
  test('both', () => f('hybrid-firecracker-6.18', { tx_v4: 0, rx_v4: 0x340, tx_v6: 0, rx_v6: 0 }))
})

test('more sockets than fit the buffer, and a file is not summed twice', () => {
  const root = folder()
  write(root, { 'proc/net/udp': V4.repeat(50_000) })
  const pass = openReader(udpQueues, root)
  for (const timeMs of [0, 10_000]) {
    const reading = pass(timeMs)
    expect('rows' in reading && present(reading.rows[0]!)).toEqual({
      tx_v4: 50_000 * 0x10,
      rx_v4: 50_000 * 0x340,
    })
  }
})

test('beyond the limit there is no sum, since it would be of a part', () => {
  const root = folder()
  write(root, { 'proc/net/udp': V4.repeat(limits.listBytes.value / V4.length + 1) })
  expect(() => readRows(udpQueues, root)).toThrow(MalformedFile)
})

test('without IP the reader is off', () => {
  expect(openReader(udpQueues, folder())(0)).toHaveProperty('reason')
})
