import { readFileSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { netstat, NetstatFile, snmp6File } from '../../../agent/machine/netstat.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineNetstat, netstatKeys } from '../../../catalog/tables/machine-netstat.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { copy, fixture, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, MACHINE, openReader, readRows } from './open.ts'

function read(text: string, parser: Pick<NetstatFile, 'parse'> = new NetstatFile()) {
  const row = emptyRow(machineNetstat, MACHINE)
  const bytes = Buffer.from(text, 'latin1')
  parser.parse(bytes, bytes.length, row.values)
  return present(row)
}

/** The default of node_exporter 1.9. */
const FIELDS =
  /^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$/

test('the columns are what that default shows of a real kernel, no more and no less', () => {
  const root = `${fixture('hybrid-firecracker-6.18')}/proc/net`
  const text = (name: string) => readFileSync(`${root}/${name}`, 'latin1')
  const pairs = [...`${text('snmp')}${text('netstat')}`.matchAll(/^(\w+): (.*)\n\1: /gm)]
  const keys = pairs.flatMap(([, protocol, names]) =>
    names!.split(' ').map((name) => `${protocol}_${name}`),
  )
  const keys6 = [...text('snmp6').matchAll(/^(\w*?6)(\w+)/gm)].map(([, p, name]) => `${p}_${name}`)
  const expected = [...keys, ...keys6].filter((key) => FIELDS.test(key))
  expect(netstatKeys.map(({ protocol, key }) => `${protocol}_${key}`).toSorted()).toEqual(
    expected.toSorted(),
  )
})

test('a kernel of 2013: what it does not count is absent', () => {
  const [row] = readRows(netstat, fixture('v1-centos7-3.10'))
  expect(present(row!)).toMatchObject({
    ip_forwarding: 1,
    ip_ext_in_octets: 9812345678,
    tcp_curr_estab: 87,
    tcp_in_errs: 2,
    tcp_out_rsts: 5123,
    tcp_ext_listen_overflows: 40,
    tcp_ext_listen_drops: 41,
    tcp_ext_tcpofo_queue: 678,
    udp_in_errors: 7,
  })
  expect(present(row!)).not.toHaveProperty('tcp_ext_tcp_syn_retrans')
  expect(present(row!)).not.toHaveProperty('udp6_in_errors')
})

test('values are found by their names, wherever they stand', () => {
  const parser = new NetstatFile()
  const f = (text: string, want: Record<string, number>) => expect(read(text, parser)).toEqual(want)
  f('Tcp: MaxConn InSegs\nTcp: -1 7\n', { tcp_in_segs: 7 })
  f('Tcp: InSegs MaxConn OutSegs\nTcp: 1 -1 2\n', { tcp_in_segs: 1, tcp_out_segs: 2 })
  f('New: A\nNew: 1\nTcp: InSegs\nTcp: 3\n', { tcp_in_segs: 3 })
  f('Tcp: InSegs\nTcp: 4\n', { tcp_in_segs: 4 })
})

test('IPv6 has a line a key', () => {
  const parser = snmp6File()
  expect(read('Ip6InOctets                     \t256\nUdp6InErrors\t3\n', parser)).toEqual({
    ip6_in_octets: 256,
  })
  expect(read('Ip6InReceives 1\nUdp6NoPorts     \t2\n', parser)).toEqual({ udp6_no_ports: 2 })
})

test('fields may be narrowed', () => {
  const [row] = readRows(netstat, fixture('hybrid-firecracker-6.18'), {
    'collector.netstat.fields': '^Tcp_.*Opens$',
  })
  expect(Object.keys(present(row!))).toEqual(['tcp_active_opens', 'tcp_passive_opens'])
})

describe('files that a kernel lacks', () => {
  const f = (missing: readonly string[]) => {
    const root = copy('hybrid-firecracker-6.18')
    for (const name of missing) rmSync(`${root}/proc/net/${name}`)
    return openReader(netstat, root)(0)
  }
  test('without IPv6 its keys are absent', () => {
    const reading = f(['snmp6'])
    const [row] = isOff(reading) ? [] : reading.rows
    expect(present(row!)).toHaveProperty('tcp_in_segs')
    expect(present(row!)).not.toHaveProperty('udp6_in_errors')
  })
  test('without any the reader is off', () =>
    expect(f(['snmp', 'snmp6', 'netstat'])).toHaveProperty('reason'))
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('empty', () => f(''))
  test('no protocol', () => f('ActiveOpens\n1\n'))
  test('no values', () => f('Tcp: InSegs\n'))
  test('too few values', () => f('Tcp: InSegs OutSegs\nTcp: 1\n'))
  test('values of another protocol', () => f('Tcp: InSegs\nUdp: 1\n'))
  test('no number', () => f('Tcp: InSegs\nTcp: x\n'))
})

test('any bytes are a record or malformed', () => {
  const words = ['Tcp: InSegs CurrEstab\n', 'Tcp: ', 'Udp: NoPorts\nUdp: 1\n']
  recordOrMalformed(words, (bytes) => Object.values(read(bytes.toString('latin1'))))
  recordOrMalformed(['Ip6InOctets \t', 'Udp6NoPorts 1\n'], (bytes) =>
    Object.values(read(bytes.toString('latin1'), snmp6File())),
  )
})
