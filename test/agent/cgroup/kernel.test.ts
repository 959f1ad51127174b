/** The real kernel: a cgroup of the test's own, from its creation to its end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { Cgroups } from '../../../agent/cgroup/cgroups.ts'
import { detectLayout } from '../../../agent/cgroup/mode.ts'
import { GONE, KernelFile, KernelFiles } from '../../../agent/read/files.ts'
import { readMachine } from '../../../agent/machine/machine-entity.ts'
import { OwnCgroup } from '../../own-cgroup.ts'
import { needs } from '../../peers/peers.ts'
import { present, rowAt } from '../fixture.ts'

const PATHS = { procfs: '/proc', sysfs: '/sys', cgroupfs: '/sys/fs/cgroup', rootfs: '/' }
const MIB = 1 << 20
const DEADLINE_MS = 20_000

/** What is undone after a test, last made first. */
let undo: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const each of undo.toReversed()) await each()
  undo = []
})

function ownCgroup(parent?: OwnCgroup): OwnCgroup {
  const cgroup = new OwnCgroup(parent)
  undo.push(() => cgroup.remove())
  return cgroup
}

function reader(mostOpen?: number) {
  const files = new KernelFiles(PATHS, mostOpen)
  const layout = detectLayout(files)
  const cgroups = new Cgroups(files, readMachine(files, layout.mode, 'test'), layout)
  undo.push(() => cgroups.close())
  const rowOf = (path: string) => rowAt(cgroups.read(Date.now()).rows, path)
  return {
    files,
    cgroups,
    rowOf,
    figures: (path: string): Record<string, number> => {
      const row = rowOf(path)
      return row === undefined ? {} : present(row)
    },
  }
}

/** How many files of a cgroup this process has open. */
const descriptors = (path: string) =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).includes(`${path}/`)
    } catch {
      return false // the descriptor of this very listing
    }
  }).length

/** Reads until it is so; what the kernel does in the meantime has no fixed time. */
async function until<T>(read: () => T, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS
  for (;;) {
    const value = read()
    if (holds(value) || Date.now() > deadline) return value
    await wait(50)
  }
}

describe.skipIf(needs('root', 'cgroup-v1'))('a cgroup of the real kernel', () => {
  test('is seen with its limits in the pass after its creation', () => {
    const { figures, rowOf } = reader()
    figures('/')
    const cgroup = ownCgroup()
      .limitMemory(256 * MIB)
      .limitCpu(0.5)
    writeFileSync(`${cgroup.directory('pids')}/pids.max`, '64')
    expect(figures(cgroup.path)).toMatchObject({
      memory_limit_bytes: 256 * MIB,
      memory_limit_effective_bytes: 256 * MIB,
      cpu_quota: 50_000,
      cpu_period: 100_000,
      cpu_limit_effective_cores: 0.5,
      cpu_throttled_periods: 0,
      oom_kills: 0,
      threads: 0,
      threads_max: 64,
    })
    const { attributes } = rowOf(cgroup.path)!.entity
    expect(attributes).toMatchObject({
      'candor.cgroup.level': 'container',
      'candor.memory.limit.cgroup': cgroup.path,
      'candor.cgroup.name': cgroup.path.slice(1),
      'container.runtime.name': 'cgroup',
    })
  })

  test('without limits has neither limits nor throttling', () => {
    const { figures } = reader()
    const row = figures(ownCgroup().path)
    const limited = /limit|quota|throttled|periods|threads_max/
    expect(Object.keys(row).filter((column) => limited.test(column))).toEqual([])
    expect(row).toHaveProperty('memory_usage_bytes')
    expect(row).toHaveProperty('cpu_usage_seconds')
  })

  test('is bound by the cgroup above it', () => {
    const { figures, rowOf } = reader()
    const outer = ownCgroup()
      .limitMemory(64 * MIB)
      .limitCpu(0.25)
    const inner = ownCgroup(outer).limitMemory(128 * MIB)
    expect(figures(inner.path)).toMatchObject({
      memory_limit_bytes: 128 * MIB,
      memory_limit_effective_bytes: 64 * MIB,
      cpu_limit_effective_cores: 0.25,
    })
    const attributes = (path: string) => rowOf(path)!.entity.attributes
    expect(attributes(inner.path)['candor.memory.limit.cgroup']).toBe(outer.path)
    expect(attributes(outer.path)['candor.cgroup.level']).toBe('group')
  })

  test('a memory limit that is changed is seen in the next pass after something ran', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup().limitMemory(64 * MIB)
    figures(cgroup.path)
    cgroup.limitMemory(32 * MIB)
    await once(cgroup.spawn('true', []), 'exit')
    expect(figures(cgroup.path)).toMatchObject({
      memory_limit_bytes: 32 * MIB,
      memory_limit_effective_bytes: 32 * MIB,
    })
  })

  test('CPU time and throttling of a busy process', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup().limitCpu(0.1)
    cgroup.spawn('sh', ['-c', 'while :; do :; done'])
    const row = await until(
      () => figures(cgroup.path),
      (now) => now['cpu_throttled_periods']! > 3,
    )
    expect(row['cpu_throttled_periods']).toBeGreaterThan(3)
    expect(row['cpu_periods']).toBeGreaterThanOrEqual(row['cpu_throttled_periods']!)
    expect(row['cpu_throttled_seconds']).toBeGreaterThan(0)
    expect(row['cpu_usage_seconds']).toBeGreaterThan(0.03)
    expect(row['threads']).toBe(1)
    const later = figures(cgroup.path)
    for (const counter of ['cpu_usage_seconds', 'cpu_periods', 'cpu_throttled_seconds']) {
      expect(later[counter]).toBeGreaterThanOrEqual(row[counter]!)
    }
  })

  test('memory of a process, and its kill by the limit', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup().limitMemory(32 * MIB)
    // `tail` keeps all of a line in memory.
    const child = cgroup.spawn('sh', ['-c', 'head -c 8388608 /dev/zero | (cat; sleep 60) | tail'])
    const used = await until(
      () => figures(cgroup.path),
      (now) => now['memory_rss_bytes']! > 8 * MIB,
    )
    expect(used['memory_rss_bytes']).toBeGreaterThan(8 * MIB)
    expect(used['memory_usage_bytes']).toBeLessThanOrEqual(32 * MIB)
    expect(used['oom_kills']).toBe(0)
    const greedy = cgroup.spawn('sh', ['-c', 'head -c 500m /dev/zero | tail'])
    await once(greedy, 'exit')
    expect(figures(cgroup.path)['oom_kills']).toBeGreaterThanOrEqual(1)
    for (const pid of cgroup.pids()) process.kill(pid, 'SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    await until(
      () => cgroup.pids().length,
      (n) => n === 0,
    )
  })

  test('is the container of its processes', async () => {
    const { cgroups } = reader()
    const cgroup = ownCgroup()
    cgroup.spawn('sleep', ['60'])
    const outside = spawn('sleep', ['60'], { stdio: 'ignore' })
    undo.push(async () => {
      outside.kill('SIGKILL')
      await once(outside, 'exit')
    })
    cgroups.read(Date.now())
    const [pid] = await until(
      () => cgroup.pids(),
      (pids) => pids.length > 0,
    )
    const pathOf = (id: number) => cgroups.containerOf(id)?.attributes['candor.cgroup.path']
    expect(pathOf(pid!)).toBe(cgroup.path)
    expect(pathOf(outside.pid!)).not.toBe(cgroup.path)
  })

  describe.each([
    ['files kept open', undefined],
    ['files opened for each read', 0],
  ])('%s', (_, mostOpen) => {
    test('leaves in the pass after its end', async () => {
      const { figures } = reader(mostOpen)
      const cgroup = ownCgroup().limitCpu(0.5)
      expect(figures(cgroup.path)).toHaveProperty('memory_usage_bytes')
      expect(descriptors(cgroup.path) > 0).toBe(mostOpen === undefined)
      await cgroup.remove()
      expect(figures(cgroup.path)).toEqual({})
      expect(descriptors(cgroup.path)).toBe(0)
    })

    test('with the same name again is another, in the pass after', async () => {
      const { rowOf } = reader(mostOpen)
      const first = ownCgroup().limitMemory(64 * MIB)
      const before = rowOf(first.path)!.entity.attributes
      const directories = (['memory', 'cpu'] as const).map((name) => first.directory(name))
      await first.remove()
      for (const directory of directories) {
        mkdirSync(directory)
        undo.push(() => rmdirSync(directory))
      }
      const after = rowOf(first.path)!
      expect(after.entity.attributes['candor.cgroup.inode']).not.toBe(before['candor.cgroup.inode'])
      expect(present(after)).not.toHaveProperty('memory_limit_bytes')
    })
  })

  test('an open file of a cgroup that is gone says so', async () => {
    const cgroup = ownCgroup()
    const files = new KernelFiles(PATHS)
    undo.push(() => files.closeAll())
    const file = new KernelFile(`${cgroup.directory('memory')}/memory.stat`)
    expect(files.read(file)).toBeGreaterThan(0)
    expect(files.openFiles).toBe(1)
    await cgroup.remove()
    expect(files.read(file)).toBe(GONE)
    expect(files.openFiles).toBe(0)
  })
})
