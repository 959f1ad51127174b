import { describe, expect, test } from 'vitest'
import { cpuTopology, parseCacheSize } from '../../../agent/machine/cpu-topology.ts'
import { readTopology } from '../../../agent/machine/topology.ts'
import { copy, filesOf, fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, readRows } from './open.ts'

const said = (root: string) =>
  readRows(cpuTopology, root).map(({ table, keys, values }) =>
    [table.name.replace('machine_', ''), ...keys.slice(3), values[0]].join(' '),
  )

test('threads, caches, nodes', () => {
  expect(said(fixture('hardware-made'))).toEqual([
    'thread_siblings 0 0 0 2',
    'thread_siblings 0 1 1 2',
    'thread_siblings 0 0 2 2',
    'thread_siblings 0 1 3 2',
    'cpu_cache 0 0 Data 1 32768',
    'cpu_cache 0 0 Instruction 1 32768',
    'cpu_cache 0 0 Unified 2 262144',
    'cpu_cache 0  Unified 3 8388608',
    'cpu_cache 0 1 Data 1 32768',
    'cpu_cache 0 1 Instruction 1 32768',
    'cpu_cache 0 1 Unified 2 262144',
    `node 0 ${65_707_264 * 1024}`,
    'node_hugepages 0 1048576 0',
    'node_hugepages 0 2048 12',
    'node_distance 0 0 10',
  ])
})

test('a CPU that is offline has no place', () => {
  const root = copy('hardware-made')
  write(root, { 'sys/devices/system/cpu/cpu3/online': '0\n' })
  expect(readTopology(filesOf(root)).map(({ cpu }) => cpu)).toEqual(['0', '1', '2'])
  expect(said(root)).toContain('thread_siblings 0 1 1 1')
})

describe('the size of a cache', () => {
  const f = (text: string, want: number) => expect(parseCacheSize(text)).toBe(want)
  test('KiB', () => f('32K', 32_768))
  test('MiB', () => f('8M', 8_388_608))
  test('bytes', () => f('512', 512))
  test('none', () => f('big', Number.NaN))
})

test('off without a topology', () => expect(isOff(openReader(cpuTopology, folder())(0))).toBe(true))
