import { mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cpu } from '../../../agent/machine/cpu.ts'
import type { Row } from '../../../wire/sample.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

const of = (rows: readonly Row[], table: string) =>
  shown(rows.filter((row) => row.table.name === table))

test('cores and sockets count once, however many threads tell', () => {
  const rows = readRows(cpu, fixture('hardware-made'))
  expect(of(rows, 'machine_cpu_core')).toEqual({
    '0 0': { core_throttles: 5 },
    '0 1': { core_throttles: 12 },
  })
  expect(of(rows, 'machine_cpu_package')).toEqual({ '0': { package_throttles: 30 } })
})

test('online and isolated', () => {
  const root = copy('hardware-made')
  write(root, { 'sys/devices/system/cpu/cpu3/online': '0\n' })
  expect(of(readRows(cpu, root), 'machine_cpu_state')).toEqual({
    '1': { online: 1, isolated: 1 },
    '2': { online: 1 },
    '3': { online: 0, isolated: 1 },
  })
})

describe('threads', () => {
  const f = (name: 'hardware-made' | 'hybrid-firecracker-6.18', active: number, threads: number) =>
    expect(of(readRows(cpu, fixture(name)), 'machine_smt')).toEqual({
      '': { smt_active: active, threads_per_core: threads },
    })
  test('two a core', () => f('hardware-made', 1, 2))
  test('one a core', () => f('hybrid-firecracker-6.18', 0, 1))
})

describe('facts of /proc/cpuinfo are shown when they are asked for', () => {
  const f = (settings: Readonly<Record<string, unknown>>) => {
    const rows = readRows(cpu, fixture('hardware-made'), settings)
    return ['info', 'flag', 'bug'].map((what) => Object.keys(of(rows, `machine_cpu_${what}`)))
  }
  const info = (thread: number, core: number) =>
    `${thread} 0 ${core} GenuineIntel 6 142 Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz 0xb4 10 8192 KB`
  const all = [info(0, 0), info(1, 1), info(2, 0), info(3, 1)]
  test('not', () => expect(f({})).toEqual([[], [], []]))
  test('all', () => expect(f({ 'collector.cpu.info': true })).toEqual([all, [], []]))
  test('flags', () =>
    expect(f({ 'collector.cpu.info.flags-include': '^avx' })).toEqual([all, ['avx', 'avx2'], []]))
  test('bugs', () =>
    expect(f({ 'collector.cpu.info.bugs-include': 'mds' })).toEqual([all, [], ['mds']]))
})

test('off without CPUs', () => {
  const root = folder()
  mkdirSync(`${root}/sys`)
  expect(isOff(openReader(cpu, root)(0))).toBe(true)
})
