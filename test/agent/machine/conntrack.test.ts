import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { conntrack, parseConntrackStat } from '../../../agent/machine/conntrack.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineConntrack } from '../../../catalog/tables/machine-conntrack.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { copy, fixture, present, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { MACHINE, openReader, readRows, rowsOf } from './open.ts'

function read(text: string) {
  const row = emptyRow(machineConntrack, MACHINE)
  const bytes = Buffer.from(text, 'latin1')
  parseConntrackStat(bytes, bytes.length, row.values)
  return present(row)
}

test('statistics are sums over CPUs', () => {
  const [row] = readRows(conntrack, fixture('v1-centos7-3.10'))
  expect(present(row!)).toEqual({
    entries: 87,
    entries_limit: 65_536,
    found: 0x3a2f1 + 0x39c10,
    invalid: 0x11 + 9,
    ignore: 0x4d2a + 0x4c01,
    insert: 0x2058 + 0x1f57,
    insert_failed: 1,
    drop: 7,
    early_drop: 1,
    search_restart: 2,
  })
})

test('fields are found by their names, wherever they stand', () => {
  expect(read('entries drop found\n1 0000000a 2\n1 1 3\n')).toEqual({
    entries: 1,
    drop: 11,
    found: 5,
  })
  expect(read('found\n4\n')).toEqual({ found: 4 })
  expect(read('entries\n4\n5\n')).toEqual({ entries: 5 })
})

test('entries are those of the network whose statistics are read', () => {
  const root = copy('v1-centos7-3.10')
  write(root, { 'proc/sys/net/netfilter/nf_conntrack_count': '0\n' })
  expect(present(readRows(conntrack, root)[0]!)).toMatchObject({ entries: 87 })
})

test('a module that is loaded later is found within a minute or so', () => {
  const root = copy('v1-centos7-3.10')
  rmSync(`${root}/proc/sys/net`, { recursive: true })
  rmSync(`${root}/proc/net/stat`, { recursive: true })
  const pass = openReader(conntrack, root)
  expect(pass(0)).toMatchObject({ reason: expect.stringContaining('nf_conntrack is not loaded') })
  write(root, {
    'proc/sys/net/netfilter/nf_conntrack_count': '1\n',
    'proc/sys/net/netfilter/nf_conntrack_max': '2\n',
  })
  expect(present(rowsOf(pass(60_000))[0]!)).toMatchObject({ entries: 1, entries_limit: 2 })
})

test('a kernel without statistics still has its entries', () => {
  const root = copy('v1-centos7-3.10')
  rmSync(`${root}/proc/net/stat`, { recursive: true })
  const [row] = readRows(conntrack, root)
  expect(present(row!)).toEqual({ entries: 87, entries_limit: 65_536 })
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('empty', () => f(''))
  test('no field that is known', () => f('a b\n1 2\n'))
  test('too few values', () => f('entries found\n1\n'))
  test('no number', () => f('found\nx\n'))
  test('no count', () => {
    const root = copy('v1-centos7-3.10')
    write(root, { 'proc/sys/net/netfilter/nf_conntrack_count': 'x\n' })
    expect(() => readRows(conntrack, root)).toThrow(MalformedFile)
  })
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['found drop\n', 'entries  found\n', '0000001f '], (bytes) =>
    Object.values(read(bytes.toString('latin1'))),
  )
})
