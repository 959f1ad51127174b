import { describe, expect, test } from 'vitest'
import {
  meminfoNuma,
  parseNodeMeminfo,
  parseNumastat,
} from '../../../agent/machine/meminfo-numa.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineMemoryNuma } from '../../../catalog/tables/machine-numa.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { folder, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, MACHINE, openReader } from './open.ts'

function read(parse: typeof parseNodeMeminfo, text: string) {
  const row = emptyRow(machineMemoryNuma, MACHINE)
  parse(text, row.values)
  return present(row)
}

test('KiB become bytes, pages stay pages, and keys that are new are left', () => {
  const text =
    'Node 1 MemTotal:  12 kB\nNode 1 Active(anon): 3 kB\nNode 1 HugePages_Free: 4\nNode 1 New: 5 kB\n'
  expect(read(parseNodeMeminfo, text)).toEqual({
    memtotal: 12288,
    active_anon: 3072,
    hugepages_free: 4,
  })
})

test('counters of numastat', () => {
  expect(read(parseNumastat, 'numa_hit 7\nother_node 8\nnew 9\n')).toEqual({
    numa_hit: 7,
    other_node: 8,
  })
})

test('off without nodes', () => {
  expect(isOff(openReader(meminfoNuma, folder())(0))).toBe(true)
})

describe('malformed', () => {
  const f = (parse: typeof parseNodeMeminfo, text: string) =>
    expect(() => read(parse, text)).toThrow(MalformedFile)
  test('no node', () => f(parseNodeMeminfo, 'MemTotal: 12 kB\n'))
  test('no number', () => f(parseNodeMeminfo, 'Node 0 MemTotal: x kB\n'))
  test('numastat without a number', () => f(parseNumastat, 'numa_hit\n'))
})

test.each([parseNodeMeminfo, parseNumastat])('any bytes are a record or malformed', (parse) => {
  recordOrMalformed(['Node 0 MemTotal: ', 'numa_hit ', ' kB\n'], (bytes) =>
    Object.values(read(parse, bytes.toString('latin1'))),
  )
})
