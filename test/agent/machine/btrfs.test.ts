import { describe, expect, test } from 'vitest'
import { allocationRatio, btrfs, parseCommitStats } from '../../../agent/machine/btrfs.ts'
import { machineBtrfs } from '../../../catalog/tables/machine-btrfs.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { folder, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, MACHINE, openReader, readRows } from './open.ts'

const MADE = new URL('../../fixtures/storage-made', import.meta.url).pathname

test('commits, which node_exporter tells from 1.10 on', () => {
  const [row] = readRows(btrfs, MADE)
  expect(present(row!)).toEqual({
    global_rsv_size: 16777217,
    commits: 819,
    last_commit: 0.001,
    max_commit: expect.closeTo(0.051, 9),
    total_commit: expect.closeTo(47.836, 9),
  })
})

describe('space that a byte takes', () => {
  const f = (profile: string, devices: number, want: number) =>
    expect(allocationRatio(profile, devices)).toBe(want)
  test('single', () => f('single', 1, 1))
  test('raid10', () => f('raid10', 4, 2))
  test('raid1c3', () => f('raid1c3', 3, 3))
  test('raid5', () => f('raid5', 3, 1.5))
  test('raid6', () => f('raid6', 4, 2))
  test('raid5 that lost its devices', () => f('raid5', 1, Number.NaN))
  test('no profile at all', () => f('bytes_used', 2, Number.NaN))
})

test('off without Btrfs', () => {
  expect(isOff(openReader(btrfs, folder())(0))).toBe(true)
})

test('any bytes are figures or none', () => {
  recordOrMalformed(['commits ', 'last_commit_ms 3\n'], (bytes) => {
    const row = emptyRow(machineBtrfs, MACHINE)
    parseCommitStats(bytes.toString('latin1'), row.values)
    return Object.values(present(row))
  })
})
