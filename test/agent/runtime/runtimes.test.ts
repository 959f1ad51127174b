import { rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WITHOUT_COUNTERS } from '../../../agent/runtime/jvm/counters-file.ts'
import { WITHOUT_DEEP } from '../../../agent/runtime/jvm/deep-look.ts'
import { Runtimes, type RuntimesRead } from '../../../agent/runtime/runtimes.ts'
import { limits } from '../../../catalog/limit.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { runtime, runtimeGc } from '../../../catalog/tables/runtime.ts'
import { silentLog } from '../../../settings/log.ts'
import type { Entity, Row } from '../../../wire/sample.ts'
import { fixtureBytes, fixtureCounters, viewOf } from './jvm/fixtures.ts'
import { FakeProcfs, JVM_LINE } from './processes.ts'

const HOUR_MS = 3_600_000
const G1 = 'jdk17-g1-apc8-quota1'
const G1_START_MS = fixtureCounters(G1).number('sun.rt.createVmBeginTime')!
const START_TICKS = 5_000

let procfs: FakeProcfs
let runtimes: Runtimes
let bootTimeMs: number
let container: Entity | undefined
const machine: Entity = {
  kind: 'machine',
  attributes: { 'host.id': 'cafe', 'host.name': 'tower', 'os.version': '6.1' },
}

beforeEach(() => {
  procfs = new FakeProcfs()
  container = undefined
  bootTimeMs = G1_START_MS - START_TICKS * 10
  runtimes = new Runtimes({
    procfs: procfs.path,
    machine: () => machine,
    bootTimeMs: () => bootTimeMs,
    containerOf: () => container,
    log: silentLog(),
  })
})
afterEach(() => {
  runtimes.close()
  procfs.remove()
})

const jvm = (name: string, more = {}) => ({
  maps: [JVM_LINE],
  counters: fixtureBytes(name),
  threads: 30,
  startTicks: START_TICKS,
  ...more,
})
const read = (afterMs = HOUR_MS): RuntimesRead => runtimes.read(G1_START_MS + afterMs)
const column = (row: Row | undefined, name: string) => row?.values[columnOf(runtime, name)]
const rowOf = ({ rows }: RuntimesRead, pid: number) =>
  rows.find((row) => row.table === runtime && row.entity.attributes['process.pid'] === String(pid))

describe('a JVM that ended', () => {
  const ended = () =>
    runtimes.takeEnded().map(({ entity, timeMs, rows }) => ({
      pid: entity.attributes['process.pid'],
      timeMs,
      used: column(rows[0], 'heap_used_bytes'),
      tables: rows.map(({ table }) => table.name),
    }))
  test('is handed out once, with what it said last and when', () => {
    procfs.set(71, jvm(G1))
    const used = column(rowOf(read(), 71), 'heap_used_bytes')
    expect(ended()).toEqual([])
    procfs.end(71)
    read(HOUR_MS + 10_000)
    const tables = ['runtime', 'runtime_gc', 'runtime_gc', 'runtime_gc']
    const lastMs = G1_START_MS + HOUR_MS
    expect(ended()).toEqual([{ pid: '71', timeMs: lastMs, used, tables }])
    expect(ended()).toEqual([])
  })
  test('its pid is another process now', () => {
    procfs.set(71, jvm(G1))
    read()
    procfs.set(71, jvm(G1, { startTicks: START_TICKS + 1 }))
    read(HOUR_MS + 10_000)
    expect(ended()).toHaveLength(1)
  })
  test('not because this process stops', () => {
    procfs.set(71, jvm(G1))
    read()
    runtimes.close()
    expect(ended()).toEqual([])
  })
})

describe('a JVM', () => {
  test('its figures, its collectors and what it is', () => {
    container = {
      kind: 'container',
      attributes: {
        'host.id': 'cafe',
        'candor.cgroup.path': '/docker/4f',
        'candor.cgroup.inode': '77',
        'container.name': 'web',
        'candor.memory.limit.cgroup': '/docker',
      },
    }
    procfs.set(42, jvm(G1))
    const { rows, unread } = read()
    expect(unread.size).toBe(0)
    expect(rows.map((row) => [row.table.name, ...row.keys])).toEqual([
      ['runtime'],
      ['runtime_gc', 'G1 young collection pauses'],
      ['runtime_gc', 'G1 full collection pauses'],
      ['runtime_gc', 'G1 concurrent cycle pauses'],
    ])
    const figures = Object.fromEntries(
      runtime.metrics.map((metric, i) => [metric.column, rows[0]!.values[i]]),
    )
    expect(figures).toMatchObject({
      process_cpu_seconds: 0.11,
      heap_used_bytes: 99_683_672,
      heap_committed_bytes: 217 << 20,
      heap_max_bytes: 768 << 20,
      metaspace_used_bytes: 189_160,
      metaspace_committed_bytes: 393_216,
      threads: 12,
      os_threads: 30,
      classes: 790,
      safepoints: 89,
      safepoint_seconds: 0.135980091,
      safepoint_sync_seconds: 0.015972199,
    })
    expect([...rows[3]!.values]).toEqual([12, 0.004527276])
    expect(runtimeGc.metrics.map((metric) => metric.column)).toEqual(['collections', 'seconds'])
    expect(rows[1]!.entity).toBe(rows[0]!.entity)
    expect(rows[0]!.entity).toEqual({
      kind: 'runtime',
      startMs: G1_START_MS,
      attributes: {
        'host.id': 'cafe',
        'host.name': 'tower',
        'candor.cgroup.path': '/docker/4f',
        'candor.memory.limit.cgroup': '/docker',
        'container.name': 'web',
        'process.pid': '42',
        'process.creation.time': new Date(G1_START_MS).toISOString(),
        'process.runtime.name': 'jvm',
        'process.runtime.version': '17.0.21',
        'process.runtime.description': 'OpenJDK 64-Bit Server VM (Debian, mixed mode, sharing)',
        'candor.jvm.collector': 'G1',
        'candor.jvm.main': 'W',
        'candor.runtime.name': 'W',
        'candor.runtime.environment': '',
        'candor.runtime.arguments': '',
        'candor.runtime.sees.cgroups': 'true',
        'candor.runtime.believed.cpus.source': 'exact -XX:ActiveProcessorCount',
        'candor.runtime.believed.memory.source': 'exact hsperfdata maxCapacity of the generations',
        'candor.jvm.flags': '-XX:+UseG1GC -XX:ActiveProcessorCount=8 -Xmx768m',
        'candor.jvm.counters.filesystem': expect.any(String),
      },
    })
  })

  test('the next pass reads new values from the same file into the same rows', () => {
    procfs.set(42, jvm(G1))
    const before = read().rows
    expect(runtimes.openFiles).toBe(1)
    const bytes = fixtureBytes(G1)
    const view = viewOf(bytes)
    const at = Buffer.from(bytes).indexOf('java.threads.live\0') - 20
    view.setBigInt64(at + view.getInt32(at + 16, true), 99n, true)
    writeFileSync(procfs.countersOf(42), bytes)
    const after = read(HOUR_MS + 10_000).rows
    expect(after[0]).toBe(before[0])
    expect(column(after[0], 'threads')).toBe(99)
    expect(runtimes.openFiles).toBe(1)
  })

  test('its file may be deleted: it stays open', () => {
    procfs.set(42, jvm(G1))
    read()
    rmSync(procfs.countersOf(42))
    expect(column(rowOf(read(), 42), 'threads')).toBe(12)
  })

  test('when it ends its rows and its open file are gone', () => {
    procfs.set(42, jvm(G1))
    read()
    procfs.end(42)
    expect(read()).toEqual({ rows: [], unread: new Map() })
    expect(runtimes.openFiles).toBe(0)
  })

  test('when its pid is given to another JVM that is another entity', () => {
    procfs.set(42, jvm(G1))
    const before = rowOf(read(), 42)!.entity
    procfs.set(42, jvm('jdk25-zgc', { startTicks: START_TICKS + 100_000 }))
    const after = rowOf(read(HOUR_MS + 10_000), 42)!.entity
    expect(after.attributes['process.creation.time']).not.toBe(
      before.attributes['process.creation.time'],
    )
    expect(after.attributes['candor.jvm.collector']).toBe('ZGC')
  })

  test('when it moves to another cgroup its entity says so', () => {
    procfs.set(42, jvm(G1))
    const before = rowOf(read(), 42)!
    expect('candor.cgroup.path' in before.entity.attributes).toBe(false)
    container = { kind: 'container', attributes: { 'candor.cgroup.path': '/a' } }
    expect(rowOf(read(), 42)!.entity.attributes['candor.cgroup.path']).toBe('/a')
    container = { kind: 'container', attributes: { 'candor.cgroup.path': '/b' } }
    expect(rowOf(read(HOUR_MS + 1_000), 42)!.entity.attributes['candor.cgroup.path']).toBe('/b')
  })

  test('exec makes another program of it, of which nothing is known from the one before', () => {
    const gcSeconds = (afterMs: number) => column(rowOf(read(afterMs), 42), 'gc_cpu_seconds')
    procfs.set(42, jvm(G1, { stackStart: 7, tasks: ['java', 'GC Thread#0'] }))
    expect(gcSeconds(HOUR_MS)).toBe(0.11)
    procfs.end(42)
    procfs.set(42, jvm(G1, { stackStart: 8 }))
    expect(gcSeconds(HOUR_MS + 100)).toBeNaN()
    expect(runtimes.takeEnded()).toEqual([])
  })

  test('in a container the file has the name of the innermost pid', () => {
    procfs.set(27_339, jvm(G1, { innermostPid: 1 }))
    expect(column(rowOf(read(), 27_339), 'heap_max_bytes')).toBe(768 << 20)
  })
})

describe('a JVM without readable counters is an entity with what /proc knows', () => {
  /** Counted by this reason, with its threads and nothing else. */
  function unread(reason: string, pid = 42, answer = read()): void {
    expect([...answer.unread]).toEqual([[reason, 1]])
    const row = rowOf(answer, pid)!
    const present = runtime.metrics.filter((_, i) => !Number.isNaN(row.values[i]))
    expect(present.map((metric) => metric.column)).toEqual([
      'os_threads',
      'process_cpu_seconds',
      'workers',
      'malloc_arenas',
    ])
    expect(column(row, 'os_threads')).toBe(30)
    expect(row.entity.attributes).toMatchObject({ 'process.runtime.name': 'jvm' })
    expect(answer.rows.filter((each) => each.table === runtimeGc)).toEqual([])
  }
  const without = { maps: [JVM_LINE], threads: 30, startTicks: START_TICKS }

  test('none are mapped', () => {
    procfs.set(42, without)
    unread(WITHOUT_COUNTERS.none)
  })
  test('OpenJ9', () => {
    procfs.set(42, { ...without, maps: [JVM_LINE.replace('libjvm', 'libj9vm29')] })
    unread(WITHOUT_COUNTERS.openj9)
  })
  test('those of its parent, between fork and exec', () => {
    procfs.set(42, { ...without, maps: [JVM_LINE, `7f00-7f01 rw-s 0 0:1 7 /tmp/hsperfdata_a/41`] })
    unread(WITHOUT_COUNTERS.none)
  })
  test('the virtual machine starts, and is read when it has', () => {
    const bytes = fixtureBytes(G1)
    bytes[7] = 0
    procfs.set(42, jvm(G1, { counters: bytes }))
    unread(WITHOUT_COUNTERS.starting)
    writeFileSync(procfs.countersOf(42), fixtureBytes(G1))
    expect(read().unread.size).toBe(0)
    writeFileSync(procfs.countersOf(42), Buffer.alloc(32_768))
    expect([...read().unread]).toEqual([[WITHOUT_COUNTERS.starting, 1]])
  })
  test('malformed', () => {
    procfs.set(42, jvm(G1, { counters: Buffer.alloc(32_768, 'x') }))
    unread(WITHOUT_COUNTERS.malformed)
  })
  test('cut to nothing under the open descriptor', () => {
    procfs.set(42, jvm(G1))
    read()
    truncateSync(procfs.countersOf(42), 0)
    expect([...read().unread]).toEqual([[WITHOUT_COUNTERS.malformed, 1]])
  })
  test('a file of a size that no JVM makes', () => {
    procfs.set(42, jvm(G1, { counters: fixtureBytes(G1).slice(0, 5_000) }))
    unread(WITHOUT_COUNTERS.unsafe)
  })
  test('deleted, where only the path could lead to it', () => {
    procfs.set(42, jvm(G1))
    const inode = statSync(procfs.countersOf(42)).ino
    procfs.set(42, {
      ...without,
      maps: [JVM_LINE, `7f00-7f01 rw-s 0 0:1 ${inode} /tmp/hsperfdata_web/42 (deleted)`],
    })
    rmSync(procfs.countersOf(42))
    unread(WITHOUT_COUNTERS.deleted)
  })
  test('no status: the process has ended meanwhile', () => {
    procfs.set(42, without)
    rmSync(`${procfs.path}/42/status`)
    expect(read()).toEqual({ rows: [], unread: new Map() })
  })
  test('a status that makes no sense costs this runtime alone', () => {
    procfs.set(42, without)
    procfs.set(43, jvm(G1))
    writeFileSync(`${procfs.path}/42/status`, 'Name:\tjava\n')
    const answer = read()
    unread(WITHOUT_COUNTERS.failed, 42, { ...answer, rows: answer.rows.slice(0, 1) })
    expect(column(rowOf(answer, 43), 'threads')).toBe(12)
  })
})

describe('numbers that no JVM writes are absent, whatever they are', () => {
  const NAMES = ['java.threads.live', 'java.cls.unloadedClasses', 'sun.rt.safepointTime']
  /** The entry of a counter: its start, and where its value is. */
  function place(bytes: Uint8Array, name: string): readonly [number, number] {
    const at = Buffer.from(bytes).indexOf(`${name}\0`) - 20
    return [at, at + viewOf(bytes).getInt32(at + 16, true)]
  }
  test.each([
    ['negative', (view: DataView, at: number) => view.setBigInt64(at, -1n, true)],
    [
      'infinite',
      (view: DataView, at: number, entry: number) => {
        view.setUint8(entry + 12, 'D'.charCodeAt(0))
        view.setFloat64(at, Number.POSITIVE_INFINITY, true)
      },
    ],
  ])('%s', (_, set) => {
    const bytes = fixtureBytes(G1)
    for (const name of NAMES) {
      const [entry, at] = place(bytes, name)
      set(viewOf(bytes), at, entry)
    }
    procfs.set(42, jvm(G1, { counters: bytes }))
    const row = rowOf(read(), 42)
    expect(column(row, 'threads')).toBeNaN()
    expect(column(row, 'safepoint_seconds')).toBeNaN()
    expect(column(row, 'classes')).toBeGreaterThan(0)
  })
  test('more classes unloaded than were loaded', () => {
    const bytes = fixtureBytes(G1)
    viewOf(bytes).setBigInt64(place(bytes, 'java.cls.unloadedClasses')[1], 2n ** 40n, true)
    procfs.set(42, jvm(G1, { counters: bytes }))
    expect(column(rowOf(read(), 42), 'classes')).toBeNaN()
  })
})

test('a look into memory that was refused for lack of room is made later', async () => {
  let asked = 0
  const crowded = new Runtimes({
    procfs: procfs.path,
    machine: () => machine,
    bootTimeMs: () => bootTimeMs,
    containerOf: () => undefined,
    log: silentLog(),
    apart: {
      ask: (_name, _argument, done) => {
        asked += 1
        queueMicrotask(() => done({ state: 'refused' }))
      },
    },
  })
  procfs.set(42, jvm(G1, { maps: [JVM_LINE.replace('00200000', '00000000')] }))
  const pass = async (afterMs: number): Promise<readonly [number, readonly string[]]> => {
    const { unread } = crowded.read(G1_START_MS + HOUR_MS + afterMs)
    await Promise.resolve()
    return [asked, [...unread.keys()]]
  }
  expect(await pass(0)).toEqual([1, []])
  expect(await pass(10_000)).toEqual([1, [WITHOUT_DEEP.failed]])
  expect((await pass(600_000))[0]).toBe(2)
  crowded.close()
})

describe('whose file it is', () => {
  test('the inode is proof, even when the clock was set and the start seems another', () => {
    bootTimeMs -= HOUR_MS
    procfs.set(42, jvm(G1))
    expect(read().unread.size).toBe(0)
  })
  test('another inode, as overlays show it, with the start of this process', () => {
    procfs.set(42, jvm(G1, { inode: 1 }))
    expect(read().unread.size).toBe(0)
  })
  test('another inode and another start: the file of someone else', () => {
    procfs.set(42, jvm(G1, { inode: 1, startTicks: START_TICKS + 300 }))
    const answer = read()
    expect([...answer.unread]).toEqual([[WITHOUT_COUNTERS.foreign, 1]])
    expect('candor.jvm.collector' in rowOf(answer, 42)!.entity.attributes).toBe(false)
  })
  test('two JVMs, both pid 1, with one /tmp: the file is that of the one that started with it', () => {
    procfs.set(42, jvm(G1, { innermostPid: 1 }))
    const { ino } = statSync(procfs.countersOf(42, 1))
    procfs.set(43, {
      innermostPid: 1,
      startTicks: START_TICKS + 6_000,
      maps: [JVM_LINE, `7f1e82a1d000-7f1e82a25000 rw-s 0 00:2d ${ino} /tmp/hsperfdata_web/1`],
    })
    symlinkSync(`${procfs.path}/42-root`, `${procfs.path}/43/root`)
    const answer = read()
    expect([...answer.unread]).toEqual([[WITHOUT_COUNTERS.foreign, 1]])
    expect(column(rowOf(answer, 42), 'threads')).toBe(12)
    expect(column(rowOf(answer, 43), 'threads')).toBeNaN()
  })
})

describe('threads', () => {
  const pool = (tasks: readonly string[], more = {}) => ({
    exe: '/usr/bin/python3.11',
    maps: [],
    startTicks: START_TICKS,
    tasks,
    ...more,
  })
  const poolOf = (pid: number, answer: RuntimesRead) => column(rowOf(answer, pid), 'pool_threads')

  test.each([
    [
      'of a JVM soon again at first, so that a short while is measured too',
      jvm(G1),
      [0, 1, 2, 4],
      30,
    ],
    ['of any other once a minute', pool([]), [0], 60],
  ])('are looked at %s', (_, process, first, rareSeconds) => {
    const looks: number[] = []
    for (let second = 0; second <= 190; second += 1) {
      procfs.set(42, { ...process, tasks: [`n${second}-1`, `n${second}-2`] })
      const { attributes } = rowOf(read(HOUR_MS + second * 1_000), 42)!.entity
      if (attributes['candor.runtime.pool'] === `n${second}-`) looks.push(second)
    }
    expect(looks.slice(0, first.length)).toEqual(first)
    const waits = looks.slice(1).map((second, i) => second - looks[i]!)
    expect(Math.max(...waits)).toBe(rareSeconds)
    expect(waits.slice(-2)).toEqual([rareSeconds, rareSeconds])
  })

  test('of many runtimes are looked at in several passes, those that were left out first', () => {
    const pids = Array.from({ length: 25 }, (_, i) => i + 100)
    for (const pid of pids)
      procfs.set(pid, pool(['a1', 'a2'], { threads: limits.tasksAPass.value / 10 }))
    const known = (afterMs: number) => {
      const answer = read(afterMs)
      return pids.filter((pid) => poolOf(pid, answer) === 2).length
    }
    expect([0, 1_000, 2_000].map((ms) => known(HOUR_MS + ms))).toEqual([10, 20, 25])
  })

  test('of one that has too many are not even listed, and unknown', () => {
    procfs.set(42, pool(['a1', 'a2'], { threads: limits.tasks.value + 1 }))
    expect(poolOf(42, read())).toBeNaN()
  })
})
