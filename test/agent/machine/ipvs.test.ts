import { describe, expect, test } from 'vitest'
import { ipvs, IpvsBackends, parseIpvsStats } from '../../../agent/machine/ipvs.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineIpvs, machineIpvsBackend } from '../../../catalog/tables/machine-ipvs.ts'
import { UsageError } from '../../../settings/usage-error.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { copy, fixture, folder, present, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, openReader, readRows, rowsOf, shown } from './open.ts'

const K8S = fixture('v2-kubernetes-6.8')

function backends(text: string) {
  const rows = new KeptRows(machineIpvsBackend, MACHINE)
  rows.begin()
  new IpvsBackends(rows).parse(text)
  return rows.finish()
}
function totals(text: string) {
  const row = emptyRow(machineIpvs, MACHINE)
  const bytes = Buffer.from(text, 'latin1')
  parseIpvsStats(bytes, bytes.length, row.values)
  return present(row)
}

test('totals of the machine', () => {
  const [row] = readRows(ipvs, K8S)
  expect(present(row!)).toEqual({
    connections: 0x12ff3,
    incoming_packets: 0x4e2c1a,
    outgoing_packets: 0x31d0f2,
    incoming_bytes: 0x5f2a11b0,
    outgoing_bytes: 0xa91e0034,
  })
})

test('backends of services by IPv4, IPv6 and mark, as people write addresses', () => {
  const [, ...rows] = readRows(ipvs, K8S)
  const figures = (weight: number, active: number, inactive: number) => ({
    weight,
    connections_active: active,
    connections_inactive: inactive,
  })
  expect(shown(rows)).toEqual({
    '10.96.0.1 443 192.0.2.21 6443 TCP ': figures(1, 7, 0),
    '10.96.0.10 53 10.244.0.4 53 UDP ': figures(1, 0, 21),
    '10.96.0.10 53 10.244.1.3 53 UDP ': figures(1, 0, 19),
    '2001:db8::1 80 2001:db8:0:1::a2 8080 TCP ': figures(1, 3, 2),
    ' 0 192.168.50.26 3306 FWM 10001000': figures(20, 64, 1),
  })
})

test('with fewer labels backends are added up, anew each pass', () => {
  const settings = { 'collector.ipvs.backend-labels': 'proto,local_address' }
  const pass = openReader(ipvs, K8S, settings)
  for (const timeMs of [0, 10_000]) {
    const [, ...rows] = rowsOf(pass(timeMs))
    expect(shown(rows)).toMatchObject({
      '10.96.0.10    UDP ': { weight: 2, connections_active: 0, connections_inactive: 40 },
    })
  }
})

test('a label that does not exist is an error', () => {
  const settings = { 'collector.ipvs.backend-labels': 'proto,colour' }
  const open = () => openReader(ipvs, K8S, settings)
  expect(open).toThrow(UsageError)
  expect(open).toThrow('found "colour"')
})

test('a backend that goes has no row', () => {
  const root = copy('v2-kubernetes-6.8')
  const pass = openReader(ipvs, root)
  expect(rowsOf(pass(0))).toHaveLength(6)
  write(root, { 'proc/net/ip_vs': 'IP Virtual Server version 1.2.1 (size=4096)\n' })
  expect(rowsOf(pass(10_000))).toHaveLength(1)
})

test('without the module the reader is off', () => {
  expect(openReader(ipvs, folder())(0)).toHaveProperty('reason')
})

describe('malformed', () => {
  const f = (text: string) => expect(() => backends(text)).toThrow(MalformedFile)
  test('a backend without a service', () => f('  -> C0000215:192B  Masq 1 7 0\n'))
  test('no address', () => f('TCP  0A600001:01BB rr\n  -> zz:192B  Masq 1 7 0\n'))
  test('no IPv6 address', () => f('TCP  [1:2]:01BB rr\n  -> C0000215:192B  Masq 1 7 0\n'))
  test('neither service nor backend', () => f('what is this\n'))
  test('too few totals', () => expect(() => totals('a\nb\n1 2 3\n')).toThrow(MalformedFile))
})

test('any bytes are a record or malformed', () => {
  const words = [
    'TCP  0A600001:01BB rr\n',
    '  -> C0000215:192B      Masq    1      7 0\n',
    'FWM  1 ',
  ]
  recordOrMalformed(words, (bytes) =>
    backends(bytes.toString('latin1')).flatMap((row) => [...row.values]),
  )
  recordOrMalformed(['a\n', '1 2 3 4 5\n'], (bytes) =>
    Object.values(totals(bytes.toString('latin1'))),
  )
})
