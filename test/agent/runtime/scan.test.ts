import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  ProcessScan,
  UNREAD_CUT,
  UNREAD_LIMIT,
  UNREAD_MALFORMED,
  UNREAD_STAT,
  unreadMaps,
} from '../../../agent/runtime/scan.ts'
import { unreadJvms } from '../../../catalog/unread-jvm.ts'
import { limits } from '../../../catalog/limit.ts'
import { inline, made } from './go-program.ts'
import { FakeProcfs, JVM_LINE } from './processes.ts'

const HOUR_MS = 3_600_000
let procfs: FakeProcfs
let scan: ProcessScan
beforeEach(() => {
  procfs = new FakeProcfs()
  scan = new ProcessScan({ procfs: procfs.path, bootTimeMs: () => 0 })
})
afterEach(() => procfs.remove())

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)
const pids = (timeMs: number) => sorted(scan.pass(timeMs).runtimes.map(({ pid }) => pid))

test('a runtime is told by its library, not by its name', () => {
  procfs.set(10, { comm: 'java' })
  procfs.set(11, { comm: 'soffice.bin', maps: [JVM_LINE], threads: 7, startTicks: 500 })
  mkdirSync(join(procfs.path, 'self'))
  const { runtimes, unread } = scan.pass(HOUR_MS)
  expect(runtimes).toMatchObject([
    { pid: 11, kind: 'jvm', threads: 7, startTicks: 500, startMs: 5_000 },
  ])
  expect(unread.size).toBe(0)
})

test('a runtime stays one while its process lives, and its threads are those of each pass', () => {
  procfs.set(11, { maps: [JVM_LINE], threads: 7 })
  expect(pids(HOUR_MS)).toEqual([11])
  procfs.set(11, { maps: [JVM_LINE], threads: 9 })
  expect(scan.pass(HOUR_MS + 1).runtimes[0]?.threads).toBe(9)
  procfs.end(11)
  expect(pids(HOUR_MS + 2)).toEqual([])
})

test('old processes are not looked into again for ten minutes', () => {
  procfs.set(11)
  expect(pids(HOUR_MS)).toEqual([])
  procfs.set(11, { maps: [JVM_LINE] })
  expect(pids(HOUR_MS + 599_000)).toEqual([])
  // Spread over another ten minutes by pid.
  expect(pids(HOUR_MS + 1_200_000)).toEqual([11])
})

test('a young process is looked into at every pass: the library comes a moment after the start', () => {
  procfs.set(11, { startTicks: 100 })
  expect(pids(1_000)).toEqual([])
  procfs.set(11, { startTicks: 100, maps: [JVM_LINE] })
  expect(pids(11_000)).toEqual([11])
})

test('exec changes the name and makes the process young again', () => {
  procfs.set(11, { comm: 'sh' })
  expect(pids(HOUR_MS)).toEqual([])
  procfs.set(11, { comm: 'java' })
  expect(pids(HOUR_MS + 60_000)).toEqual([])
  procfs.set(11, { comm: 'java', maps: [JVM_LINE] })
  expect(pids(HOUR_MS + 70_000)).toEqual([11])
})

test.each([
  ['of which the kind is known', { comm: 'x', exe: '/usr/bin/node' }, [1, 4, 16]],
  ['that may still map its counters', { maps: [JVM_LINE] }, [1, 2, 4, 8, 16, 32]],
])('when a young process is looked into %s', (_, process, want) => {
  procfs.set(11, { ...process, startTicks: 0 })
  const looks: number[] = []
  for (let second = 1; second < 60; second += 1)
    if (scan.pass(second * 1_000).runtimes[0]!.looks > looks.length) looks.push(second)
  expect(looks).toEqual(want)
})

test('exec of a young process is seen by the next list', () => {
  procfs.set(11, { comm: 'sh', startTicks: 100 })
  expect(pids(20_000)).toEqual([])
  procfs.set(11, { comm: 'java', startTicks: 100, maps: [JVM_LINE] })
  expect(pids(25_000)).toEqual([11])
})

test('exec of another program of the same name is seen by its stack', () => {
  procfs.set(11, { comm: 'sh', stackStart: 0x7ffc_0000 })
  expect(pids(HOUR_MS)).toEqual([])
  procfs.set(11, { comm: 'sh', stackStart: 0x7ffd_0000, maps: [JVM_LINE] })
  expect(pids(HOUR_MS + 60_000)).toEqual([11])
})

test('who changes only its name is not looked into each time', () => {
  const set = (comm: string) => procfs.set(11, { comm, stackStart: 0x7ffc_0000, maps: [JVM_LINE] })
  set('a')
  const looks = (timeMs: number) => scan.pass(timeMs).runtimes[0]?.looks
  expect(looks(HOUR_MS)).toBe(1)
  for (let pass = 1; pass <= 6; pass += 1) {
    set(`b${pass}`)
    expect(looks(HOUR_MS + pass * 10_000)).toBe(1)
  }
  set('c')
  expect(looks(HOUR_MS + 70_000)).toBe(2)
})

test('processes are listed every five seconds, and runtimes read in each pass', () => {
  procfs.set(11, { maps: [JVM_LINE], threads: 7 })
  expect(pids(HOUR_MS)).toEqual([11])
  procfs.set(12, { maps: [JVM_LINE] })
  for (let second = 1; second < 5; second += 1) {
    procfs.set(11, { maps: [JVM_LINE], threads: 7 + second })
    const { runtimes } = scan.pass(HOUR_MS + second * 1_000 - 7)
    expect(runtimes.map(({ pid, threads }) => [pid, threads])).toEqual([[11, 7 + second]])
  }
  expect(pids(HOUR_MS + 4_993)).toEqual([11, 12])
  procfs.end(11)
  expect(pids(HOUR_MS + 6_000)).toEqual([12])
})

test('an old process that is no runtime is asked who it is once a minute, each in its own pass', () => {
  const all = Array.from({ length: 60 }, (_, i) => i + 60)
  for (const pid of all) procfs.set(pid)
  pids(HOUR_MS)
  // Whoever is asked now turns out to be another process, which is a runtime.
  for (const pid of all) procfs.set(pid, { startTicks: 700, maps: [JVM_LINE] })
  const found = [1, 2, 3, 4, 5, 6].map((pass) => pids(HOUR_MS + pass * 10_000).length)
  expect(found).toEqual([11, 21, 31, 41, 51, 60])
})

test('a pid that was given to another process is another process', () => {
  procfs.set(11, { startTicks: 100, maps: [JVM_LINE] })
  expect(pids(HOUR_MS)).toEqual([11])
  procfs.set(11, { startTicks: 300_000 })
  expect(pids(HOUR_MS + 1)).toEqual([])
})

test('kernel threads and processes that ended have no maps to read', () => {
  procfs.set(2, { flags: 0x20_8040 })
  procfs.set(3, { state: 'Z', maps: [JVM_LINE] })
  rmSync(join(procfs.path, '2', 'maps'))
  expect(scan.pass(HOUR_MS)).toEqual({ runtimes: [], unread: new Map() })
  // A kernel thread is not even asked for its state again until it is due.
  rmSync(join(procfs.path, '2', 'stat'))
  expect(scan.pass(HOUR_MS + 1)).toEqual({ runtimes: [], unread: new Map() })
})

test('a runtime that ended but was not waited for is none any more', () => {
  procfs.set(11, { maps: [JVM_LINE] })
  expect(pids(HOUR_MS)).toEqual([11])
  procfs.set(11, { state: 'Z' })
  expect(pids(HOUR_MS + 1)).toEqual([])
})

test('maps that cannot be read, or are too long, are counted by reason', () => {
  procfs.set(11, { comm: 'sh' })
  rmSync(join(procfs.path, '11', 'maps'))
  // Reading a directory fails even for root.
  mkdirSync(join(procfs.path, '11', 'maps'))
  procfs.set(12, { maps: [`/${'x'.repeat(70_000)}`, JVM_LINE] })
  for (const timeMs of [HOUR_MS, HOUR_MS + 1]) {
    const { runtimes, unread } = scan.pass(timeMs)
    expect(runtimes).toEqual([])
    expect(unread.get(UNREAD_CUT)).toBe(1)
    expect(
      [...unread.keys()].filter((reason) => reason.startsWith('maps not readable: ')),
    ).toHaveLength(1)
  }
})

test('a process called java of which nothing can be read is counted apart', () => {
  procfs.set(11)
  rmSync(join(procfs.path, '11', 'maps'))
  mkdirSync(join(procfs.path, '11', 'maps'))
  const { unread } = scan.pass(HOUR_MS)
  expect([...unread.keys()].map((reason) => unreadJvms.has(reason))).toEqual([true])
})

test('the cure of unreadable maps is none that the agent has already', () => {
  for (const comm of ['java', 'sh']) {
    expect(unreadMaps(false, comm)).toContain('run as root')
    expect(unreadMaps(true, comm)).not.toContain('run as root')
  }
})

test('a process whose stat cannot be read, or makes no sense, costs none of the others', () => {
  const stat = (pid: number) => join(procfs.path, String(pid), 'stat')
  for (const pid of [11, 12, 13, 14]) procfs.set(pid, { maps: [JVM_LINE] })
  // Reading a directory fails even for root.
  rmSync(stat(11))
  mkdirSync(stat(11))
  writeFileSync(stat(13), '13 (java) S 1\n')
  for (const timeMs of [HOUR_MS, HOUR_MS + 1]) {
    const { runtimes, unread } = scan.pass(timeMs)
    expect(sorted(runtimes.map(({ pid }) => pid))).toEqual([12, 14])
    expect(Object.fromEntries(unread)).toEqual({ [UNREAD_STAT]: 1, [UNREAD_MALFORMED]: 1 })
  }
  rmSync(stat(11), { recursive: true })
  procfs.set(11, { maps: [JVM_LINE] })
  expect(pids(HOUR_MS + 5_000)).toEqual([11, 12, 14])
})

test('a clock that was set back puts no look off, nor makes old processes young for long', () => {
  procfs.set(2, { flags: 0x20_8040 })
  procfs.set(11)
  expect(pids(10 * HOUR_MS)).toEqual([])
  procfs.set(2, { maps: [JVM_LINE] })
  procfs.set(11, { maps: [JVM_LINE] })
  expect(pids(HOUR_MS)).toEqual([2, 11])
  const looks = (timeMs: number) =>
    new Map(scan.pass(timeMs).runtimes.map((runtime) => [runtime.pid, runtime.looks]))
  const later = HOUR_MS + 61_000
  looks(later)
  expect(looks(later + 10_000)).toEqual(looks(later + 300_000))
})

test('a process that seems to start in the future is looked into as a young one', () => {
  procfs.set(11, { startTicks: HOUR_MS })
  expect(pids(HOUR_MS)).toEqual([])
  procfs.set(11, { startTicks: HOUR_MS, maps: [JVM_LINE] })
  expect(pids(HOUR_MS + 5_000)).toEqual([11])
  const looks = (timeMs: number) => scan.pass(timeMs).runtimes[0]?.looks
  looks(HOUR_MS + 61_000)
  looks(HOUR_MS + 130_000)
  expect(looks(HOUR_MS + 140_000)).toBe(looks(HOUR_MS + 600_000))
})

test('a process that ends between two reads is no error', () => {
  procfs.set(11, { maps: [JVM_LINE] })
  procfs.set(12, { maps: [JVM_LINE] })
  rmSync(join(procfs.path, '11', 'maps'))
  rmSync(join(procfs.path, '12', 'stat'))
  expect(scan.pass(HOUR_MS)).toEqual({ runtimes: [], unread: new Map() })
})

test('runtimes above the limit are counted', () => {
  const count = limits.runtimes.value + 3
  for (let pid = 1; pid <= count; pid += 1) procfs.set(pid, { maps: [JVM_LINE] })
  const { runtimes, unread } = scan.pass(HOUR_MS)
  expect(runtimes.length).toBe(limits.runtimes.value)
  expect([...unread]).toEqual([[UNREAD_LIMIT, 3]])
})

test('what an executable is holds for ten minutes: another program may be written into it', () => {
  const exe = join(procfs.path, 'server')
  const write = (data: Buffer) => writeFileSync(exe, made({ little: true, wide: true, data }))
  const start = (startTicks: number) => {
    const maps = [`7f00-7f01 r-xp 00000000 fe:00 77   ${exe}`]
    procfs.set(11, { comm: 'server', exe, maps, startTicks })
  }
  write(inline('go1.24.1', 'path\tx\n'))
  start(100)
  const kind = (timeMs: number) => scan.pass(timeMs).runtimes[0]?.kind
  expect(kind(HOUR_MS)).toBe('go')
  write(Buffer.alloc(64))
  start(HOUR_MS / 10)
  expect(kind(HOUR_MS + 590_000)).toBe('go')
  start(HOUR_MS / 10 + 60_000)
  expect(kind(HOUR_MS + 610_000)).toBeUndefined()
})
