import { describe, expect, test } from 'vitest'
import { parseSockstat, sockstat } from '../../../agent/machine/sockstat.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineSockstat } from '../../../catalog/tables/machine-sockstat.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { fixture, folder, present, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, openReader, readRows, rowsOf } from './open.ts'

function read(text: string, pageBytes?: number) {
  const row = emptyRow(machineSockstat, MACHINE)
  const bytes = Buffer.from(text, 'latin1')
  parseSockstat(bytes, bytes.length, row.values, pageBytes)
  return present(row)
}

test('a kernel without IPv6', () => {
  const [row] = readRows(sockstat, fixture('v1-centos7-3.10'))
  expect(present(row!)).toEqual({
    sockets_used: 412,
    tcp_inuse: 41,
    tcp_orphan: 1,
    tcp_tw: 12,
    tcp_alloc: 53,
    tcp_mem: 9,
    tcp_mem_bytes: 9 * 4096,
    udp_inuse: 6,
    udp_mem: 2,
    udp_mem_bytes: 2 * 4096,
    udplite_inuse: 0,
    raw_inuse: 1,
    frag_inuse: 0,
    frag_memory: 0,
  })
})

test('IPv6 has its own file', () => {
  const [row] = readRows(sockstat, fixture('hybrid-firecracker-6.18'))
  expect(present(row!)).toMatchObject({ tcp_inuse: 4, tcp_tw: 1, tcp6_inuse: 0, udp6_inuse: 1 })
})

test('without a page size pages have no bytes', () => {
  expect(read('TCP: inuse 1 mem 3\n')).toEqual({ tcp_inuse: 1, tcp_mem: 3 })
  expect(read('TCP: inuse 1 mem 3\n', 65_536)).toMatchObject({ tcp_mem_bytes: 196_608 })
})

test('keys and protocols that are new are left out', () => {
  expect(read('XTP: inuse 9\nUDP: new 8 inuse 2\nUDP6: inuse 3\n')).toEqual({
    udp_inuse: 2,
    udp6_inuse: 3,
  })
})

test('a sum over CPUs that is below 0 for a moment is 0', () => {
  expect(read('TCP: inuse 1 orphan -1\n')).toEqual({ tcp_inuse: 1, tcp_orphan: 0 })
})

test('IPv6 that is switched on later is found within a minute or so', () => {
  const root = folder()
  write(root, { 'proc/net/sockstat': 'TCP: inuse 1\n' })
  const pass = openReader(sockstat, root)
  const seen = (timeMs: number) => present(rowsOf(pass(timeMs))[0]!)
  expect(seen(0)).toEqual({ tcp_inuse: 1 })
  write(root, { 'proc/net/sockstat6': 'TCP6: inuse 2\n' })
  expect(seen(10_000)).toEqual({ tcp_inuse: 1 })
  expect(seen(60_000)).toEqual({ tcp_inuse: 1, tcp6_inuse: 2 })
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('empty', () => f(''))
  test('no protocol that is known', () => f('x 1\n'))
  test('no number', () => f('TCP: inuse x\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['sockets: used ', 'TCP: ', 'inuse ', 'mem 3', 'FRAG6: memory 1\n'], (bytes) =>
    Object.values(read(bytes.toString('latin1'), 4096)),
  )
})
