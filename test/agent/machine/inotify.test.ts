import { mkdirSync, symlinkSync, watch } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { countWatches, inotify } from '../../../agent/machine/inotify.ts'
import { limits } from '../../../catalog/limit.ts'
import { folder, present, write } from '../fixture.ts'
import { isOff, openReader, rowsOf } from './open.ts'

const LIMITS = {
  'proc/sys/fs/inotify/max_user_instances': '128\n',
  'proc/sys/fs/inotify/max_user_watches': '524288\n',
}

function process(root: string, pid: number, watches: number): void {
  write(root, {
    [`proc/${pid}/fdinfo/5`]: `pos:\t0\nflags:\t04000\n${'inotify wd:1 ino:2 sdev:3\n'.repeat(watches)}`,
  })
  mkdirSync(`${root}/proc/${pid}/fd`)
  symlinkSync('anon_inode:inotify', `${root}/proc/${pid}/fd/5`)
  symlinkSync('/dev/null', `${root}/proc/${pid}/fd/6`)
}

test('instances and watches of all processes beside their limits', () => {
  const root = folder()
  write(root, LIMITS)
  process(root, 7, 3)
  process(root, 8, 0)
  expect(present(rowsOf(openReader(inotify, root)(0))[0]!)).toEqual({
    instances: 2,
    watches: 3,
    unread: 0,
    max_instances: 128,
    max_watches: 524288,
  })
})

test('a program that watches very many files is counted like another', () => {
  const root = folder()
  write(root, LIMITS)
  const many = Math.ceil(limits.fileBytes.value / 20)
  process(root, 7, many)
  process(root, 8, 2)
  expect(present(rowsOf(openReader(inotify, root)(0))[0]!)).toMatchObject({
    instances: 2,
    watches: many + 2,
    unread: 0,
  })
})

test('many processes are looked at over several passes, and only then is there a sum', () => {
  const root = folder()
  write(root, LIMITS)
  const many = limits.inotifyProcesses.value + 1
  for (let pid = 1; pid <= many; pid += 1) process(root, pid, 1)
  const pass = openReader(inotify, root)
  const watches = (timeMs: number) => present(rowsOf(pass(timeMs))[0]!)['watches']
  expect(watches(0)).toBeUndefined()
  expect(watches(10_000)).toBe(many)
  process(root, many + 1, 1)
  expect(watches(20_000)).toBe(many)
  // The next round takes a minute, and does not take the last sum away before it has a new one.
  for (let timeMs = 60_000; timeMs < 120_000; timeMs += 10_000) expect(watches(timeMs)).toBe(many)
  expect(watches(120_000)).toBe(many + 1)
})

test('a clock that is set back holds no round up', () => {
  const root = folder()
  write(root, LIMITS)
  process(root, 1, 1)
  const pass = openReader(inotify, root)
  pass(100_000)
  process(root, 2, 1)
  pass(160_000)
  expect(present(rowsOf(pass(0))[0]!)['watches']).toBe(2)
})

test('watches of this very process', () => {
  const root = folder()
  const watcher = watch(root)
  onTestFinished(() => watcher.close())
  const pass = openReader(inotify, '')
  let sum: number | undefined
  for (let round = 0; round < 100 && sum === undefined; round += 1) {
    sum = present(rowsOf(pass(0))[0]!)['watches']
  }
  expect(sum).toBeGreaterThanOrEqual(1)
})

test('off where the kernel has none', () => {
  expect(isOff(openReader(inotify, folder())(0))).toBe(true)
})

describe('watches of a file', () => {
  const f = (text: string, want: number) => expect(countWatches(text)).toBe(want)
  test('none', () => f('pos:\t0\n', 0))
  test('two', () => f('inotify wd:1 ino:2\ninotify wd:2 ino:3\n', 2))
  test('not in the middle of a line', () => f('x inotify wd:1\n', 0))
})
