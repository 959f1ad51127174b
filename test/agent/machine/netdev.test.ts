import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { KeyedRows } from '../../../agent/read/keyed-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { netdev, parseNetdev } from '../../../agent/machine/netdev.ts'
import { machineNetwork } from '../../../catalog/tables/machine-network.ts'
import { fixture } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { readRows, shown } from './open.ts'

function read(text: string) {
  const rows = new KeyedRows(machineNetwork, { kind: 'machine', attributes: {} })
  const bytes = Buffer.from(text, 'latin1')
  parseNetdev(bytes, bytes.length, rows)
  return rows.finish()
}
const HEADING = 'Inter-| Receive | Transmit\n face |bytes |bytes\n'

test('the sixteen columns, for each device', () => {
  const rows = read(readFileSync(`${fixture('v1-centos7-3.10')}/proc/net/dev`, 'utf8'))
  expect(rows.map(({ keys }) => keys[0])).toEqual(['eth0', 'lo', 'eth0:1'])
  expect([...rows[0]!.values]).toEqual([
    9876543210, 8123456, 1, 2, 3, 4, 5, 6, 1234567890, 4012345, 7, 8, 9, 10, 11, 12,
  ])
})

test('a counter that touches the colon', () => {
  const [row] = read(`${HEADING}eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`)
  expect(row!.keys).toEqual(['eth0'])
  expect(row!.values[0]).toBe(1)
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('no heading', () => f(''))
  test('no colon', () => f(`${HEADING}eth0 1 2 3\n`))
  test('too few columns', () => f(`${HEADING}eth0: 1 2 3\n`))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed([HEADING, 'eth0:', ' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n'], (bytes) =>
    read(bytes.toString('latin1')).flatMap((row) => [...row.values]),
  )
})

test('packets that nobody took come from sysfs, where the kernel counts them', () => {
  const counted = (root: string) =>
    shown(readRows(netdev, root).filter(({ table }) => table.name === 'machine_network_nohandler'))
  expect(counted(fixture('v2-kubernetes-6.8'))).toEqual({ eth0: { receive_nohandler: 17 } })
  expect(counted(fixture('v1-centos7-3.10'))).toEqual({})
})

describe('devices that people want', () => {
  const f = (flag: string, value: string, want: readonly string[]) => {
    const rows = readRows(netdev, fixture('hybrid-firecracker-6.18'), {
      [`collector.netdev.${flag}`]: value,
    })
    expect([...new Set(rows.map(({ keys }) => keys[0]))]).toEqual(want)
  }
  test('included', () => f('device-include', '^(lo|eth.*)$', ['lo', 'eth0']))
  test('excluded', () => f('device-exclude', '^(lo|ifb.)$', ['eth0']))
})
