import { rmSync, symlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { time } from '../../../agent/machine/time.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { openReader, rowsOf } from './open.ts'
import { zoneFile } from './zone-file.ts'

const WINTER_MS = Date.UTC(2026, 0, 15)
const SUMMER_MS = Date.UTC(2026, 6, 15)

const of = (root: string, table: string, timeMs = WINTER_MS) =>
  rowsOf(openReader(time, root)(timeMs))
    .filter((row) => row.table.name === table)
    .map(({ keys, values }) => [...keys, values[0]])

test('the time of the pass, in seconds', () => {
  const read = openReader(time, folder())
  expect(rowsOf(read(1_500))[0]!.values[0]).toBe(1.5)
  expect(rowsOf(read(2_750))[0]!.values[0]).toBe(2.75)
})

test('clock sources', () => {
  const root = fixture('hybrid-firecracker-6.18')
  const clocksources = of(root, 'machine_clocksource')
  expect(clocksources).toEqual([
    ['0', 'tsc', 1],
    ['0', 'kvm-clock', 1],
  ])
  expect(of(root, 'machine_clocksource_current')).toEqual([['0', 'tsc', 1]])
})

describe('the zone is that of the machine', () => {
  const f = (root: string, timeMs: number, want: readonly (readonly [string, number])[]) =>
    expect(of(root, 'machine_time_zone', timeMs)).toEqual(want)
  test('by the link, in winter', () => f(fixture('v1-centos7-3.10'), WINTER_MS, [['CET', 3600]]))
  test('and in summer', () => f(fixture('v1-centos7-3.10'), SUMMER_MS, [['CEST', 7200]]))
  test('UTC by a link', () => f(fixture('hybrid-firecracker-6.18'), WINTER_MS, [['UTC', 0]]))
  test('UTC without a file', () => f(fixture('hardware-made'), WINTER_MS, [['UTC', 0]]))
  test('by a copy of its file', () => {
    const root = folder()
    write(root, { 'etc/localtime': zoneFile('CET-1CEST,M3.5.0,M10.5.0/3') })
    f(root, SUMMER_MS, [['CEST', 7200]])
  })
  test('unknown where that is no file of a zone', () => {
    const root = folder()
    write(root, { 'etc/localtime': 'TZif2' })
    f(root, WINTER_MS, [])
  })
  test('a link to no zone', () => {
    const root = copy('v1-centos7-3.10')
    rmSync(`${root}/etc/localtime`)
    symlinkSync('/usr/share/zoneinfo/../../Middle/Earth', `${root}/etc/localtime`)
    f(root, WINTER_MS, [])
  })
})
