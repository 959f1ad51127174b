import { mkdirSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { netclass, parseAttribute } from '../../../agent/machine/netclass.ts'
import { limits } from '../../../catalog/limit.ts'
import type { Row } from '../../../wire/sample.ts'
import { copy, fixture, folder, present, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { openReader, readRows, rowsOf, type Settings } from './open.ts'

const facts = (rows: readonly Row[]) =>
  rows.filter(({ table }) => table.name === 'machine_netclass')
const infos = (rows: readonly Row[]) =>
  rows.filter(({ table }) => table.name === 'machine_netclass_info').map(({ keys }) => keys)
const of = (rows: readonly Row[], device: string) =>
  present(facts(rows).find(({ keys }) => keys[0] === device)!)

test('a device that is up', () => {
  const rows = readRows(netclass, fixture('v2-kubernetes-6.8'))
  expect(of(rows, 'eth0')).toEqual({
    up: 1,
    address_assign_type: 0,
    carrier: 1,
    carrier_changes_total: 4,
    carrier_down_changes_total: 2,
    carrier_up_changes_total: 2,
    device_id: 0,
    dormant: 0,
    flags: 0x1003,
    iface_id: 2,
    iface_link: 2,
    iface_link_mode: 0,
    mtu_bytes: 9001,
    name_assign_type: 4,
    net_dev_group: 0,
    protocol_type: 1,
    speed_bytes: 3_125_000_000,
    transmit_queue_length: 1000,
  })
})

test('what a driver refuses is absent', () => {
  const down = of(readRows(netclass, fixture('hybrid-firecracker-6.18')), 'ifb0')
  expect(down).toMatchObject({ up: 0, flags: 130, mtu_bytes: 1500 })
  for (const column of ['carrier', 'dormant', 'name_assign_type', 'speed_bytes']) {
    expect(down).not.toHaveProperty(column)
  }
})

test('words are labels', () => {
  const root = fixture('v1-centos7-3.10')
  expect(infos(readRows(netclass, root))).toEqual([
    ['eth0', '02:00:5e:00:00:20', 'ff:ff:ff:ff:ff:ff', 'full', 'up', 'up', 'uplink to "rack 7"'],
    ['bond0', '02:00:5e:00:00:10', 'ff:ff:ff:ff:ff:ff', 'full', 'up', 'up', ''],
  ])
})

describe('a link that does not tell its speed', () => {
  const f = (speed: string, settings: Settings, want: number | undefined) => {
    const root = copy('hybrid-firecracker-6.18')
    write(root, { 'sys/class/net/eth0/speed': `${speed}\n` })
    expect(of(readRows(netclass, root, settings), 'eth0')['speed_bytes']).toBe(want)
  }
  const shown = { 'collector.netclass.ignore-invalid-speed': false }
  test('has none', () => f('-1', {}, undefined))
  test('without the sign of -1', () => f('4294967295', {}, undefined))
  test('or has it as node_exporter does', () => f('-1', shown, -125_000))
  test('one that tells it', () => f('10', {}, 1_250_000))
  test('one whose cable is out', () => f('0', {}, 0))
})

test('a fact that changes makes another row, and the old one goes', () => {
  const root = copy('v2-kubernetes-6.8')
  const pass = openReader(netclass, root)
  const [before] = [rowsOf(pass(0))]
  write(root, {
    'sys/class/net/eth0/operstate': 'down\n',
    'sys/class/net/eth0/carrier_changes': '5\n',
    'sys/class/net/eth0/flags': '0x1002\n',
  })
  const after = rowsOf(pass(10_000))
  expect(of(after, 'eth0')).toMatchObject({ up: 0, carrier_changes_total: 5 })
  expect(
    infos(after).map(([device, , , , operstate, admin]) => [device, operstate, admin]),
  ).toEqual([
    ['eth0', 'down', 'down'],
    ['lxc0a1b2c3d', 'up', 'up'],
  ])
  expect(facts(after)[0]).toBe(facts(before)[0])
})

test('what says nothing of the link is read once a minute', () => {
  const root = copy('v2-kubernetes-6.8')
  const pass = openReader(netclass, root)
  pass(0)
  write(root, { 'sys/class/net/eth0/mtu': '1500\n' })
  expect(of(rowsOf(pass(10_000)), 'eth0')).toMatchObject({ mtu_bytes: 9001 })
  for (let timeMs = 20_000; timeMs < 60_000; timeMs += 10_000) pass(timeMs)
  expect(of(rowsOf(pass(60_000)), 'eth0')).toMatchObject({ mtu_bytes: 1500 })
})

test('a link that changes is read whole at once', () => {
  const root = copy('v2-kubernetes-6.8')
  const pass = openReader(netclass, root)
  pass(0)
  write(root, {
    'sys/class/net/eth0/carrier_changes': '6\n',
    'sys/class/net/eth0/carrier_up_count': '3\n',
    'sys/class/net/eth0/speed': '1000\n',
  })
  expect(of(rowsOf(pass(1_000)), 'eth0')).toMatchObject({
    carrier_changes_total: 6,
    carrier_up_changes_total: 3,
    speed_bytes: 125_000_000,
  })
})

test('a device that goes loses its rows', () => {
  const root = copy('v2-kubernetes-6.8')
  const pass = openReader(netclass, root)
  pass(0)
  rmSync(`${root}/sys/class/net/lxc0a1b2c3d`, { recursive: true })
  expect(infos(rowsOf(pass(10_000))).map(([device]) => device)).toEqual(['eth0'])
})

test('devices may be ignored; the list of bonds is none', () => {
  const settings = { 'collector.netclass.ignored-devices': '^(eth0|bond0)$' }
  expect(infos(readRows(netclass, fixture('v2-kubernetes-6.8'), settings))).toHaveLength(1)
  expect(openReader(netclass, fixture('v1-centos7-3.10'), settings)(0)).toHaveProperty('reason')
})

describe('a machine of many devices', () => {
  const many = (count: number) => {
    const root = copy('v2-kubernetes-6.8')
    for (let i = 0; i < count; i += 1) {
      const path = `${root}/sys/class/net/veth${String(i).padStart(5, '0')}`
      mkdirSync(path)
      write(path, { operstate: 'up\n', ifindex: `${i}\n` })
    }
    return root
  }
  test('hardware comes first, the rest by turns', () => {
    const root = many(100)
    const pass = openReader(netclass, root)
    expect(facts(rowsOf(pass(0)))).toHaveLength(64)
    expect(facts(rowsOf(pass(10_000)))).toHaveLength(102)
    write(root, { 'sys/class/net/eth0/operstate': 'down\n' })
    expect(of(rowsOf(pass(20_000)), 'eth0')).toMatchObject({ up: 0 })
  })
  test('above the limit they are counted as unread', () => {
    const root = many(limits.netclassDevices.value)
    const pass = openReader(netclass, root)
    let rows: readonly Row[] = []
    for (let i = 0; i < 20; i += 1) rows = rowsOf(pass(i * 10_000))
    expect(facts(rows)).toHaveLength(limits.netclassDevices.value)
    expect(rows.at(-1)).toMatchObject({ keys: ['device', 'netclassDevices'] })
    expect(present(rows.at(-1)!)).toEqual({ entities: 2 })
    expect(infos(rows)[0]![0]).toBe('eth0')
  })
})

describe('a number of an attribute', () => {
  const f = (text: string | undefined, want: number) => expect(parseAttribute('x', text)).toBe(want)
  test('decimal', () => f('1500', 1500))
  test('hexadecimal', () => f('0x1003', 4099))
  test('negative', () => f('-1', -1))
  test('absent', () => f(undefined, Number.NaN))
  test('any bytes are a number or malformed', () => {
    recordOrMalformed(['0x1f', '0x', '12'], (bytes) => [
      Math.abs(parseAttribute('x', bytes.toString('latin1'))),
    ])
  })
})

test('without devices the reader is off', () => {
  expect(openReader(netclass, folder())(0)).toHaveProperty('reason')
})
