/** A kernel with cgroup v2: what is read of cgroups, beside what the kernel's own files say. */
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type AgentPass, Sampler } from '../../agent/pass.ts'
import { silentLog } from '../../settings/log.ts'
import type { Ended } from '../../wire/sample.ts'
import { busyFor, ShortCgroup } from '../agent/cgroup/short-cgroup.ts'
import { present } from '../agent/fixture.ts'
import { OwnCgroup } from '../own-cgroup.ts'

const MIB = 1 << 20
const MINUTE_MS = 60_000
const PATIENCE = { timeout: 120_000, interval: 50 }
const ROOT = '/sys/fs/cgroup'

let undo: (() => unknown)[] = []
afterEach(async () => {
  const all = undo.toReversed()
  undo = []
  for (const each of all) await each()
})

function ownCgroup(): OwnCgroup {
  const cgroup = new OwnCgroup()
  undo.push(
    () => cgroup.remove(),
    () => write(cgroup, 'cgroup.kill', '1'),
  )
  return cgroup
}

let made = 0
function shortCgroup(path = `/crio-${String(made++).padStart(64, '0')}`): ShortCgroup {
  const cgroup = new ShortCgroup(path, 'v2')
  undo.push(() => cgroup.remove())
  return cgroup
}

function sampler() {
  const of = new Sampler({
    procfs: '/proc',
    sysfs: '/sys',
    readers: { jvm: false },
    log: silentLog(),
    agentVersion: 'test',
    onChange: () => {},
  })
  undo.push(() => of.close())
  return of
}

/** Passes a minute apart, so that all is read that is read once a minute. */
function reader() {
  const of = sampler()
  let timeMs = Date.now()
  const rowsOf = (path: string) => {
    timeMs += MINUTE_MS
    return of
      .pass(timeMs)
      .rows.filter(({ entity }) => entity.attributes['candor.cgroup.path'] === path)
  }
  return {
    figures: (path: string): Record<string, number> => {
      const row = rowsOf(path).find(({ table }) => table.name === 'container')
      return row === undefined ? {} : present(row)
    },
    keyed: (path: string, name: string) =>
      Object.fromEntries(
        rowsOf(path)
          .filter(({ table }) => table.name === name)
          .map((row) => [row.keys[0], present(row)]),
      ),
  }
}

const text = ({ path }: { path: string }, name: string) =>
  readFileSync(`${ROOT}${path}/${name}`, 'latin1').trim()
const write = ({ path }: { path: string }, name: string, value: string) =>
  writeFileSync(`${ROOT}${path}/${name}`, value)
const key = (file: string, name: string) =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(file)![1])

test('this is a machine with cgroup v2', () => {
  const { rows } = sampler().pass(Date.now())
  expect(rows[0]!.entity.attributes['candor.cgroup.mode']).toBe('v2')
})

describe('limits', () => {
  test('as they were set', () => {
    const { figures } = reader()
    const cgroup = ownCgroup()
      .limitMemory(64 * MIB)
      .limitCpu(0.5)
    write(cgroup, 'memory.high', String(48 * MIB))
    write(cgroup, 'memory.low', String(16 * MIB))
    write(cgroup, 'pids.max', '64')
    write(cgroup, 'cpu.weight', '250')
    expect(figures(cgroup.path)).toMatchObject({
      memory_limit_bytes: 64 * MIB,
      memory_limit_effective_bytes: 64 * MIB,
      memory_high_bytes: 48 * MIB,
      memory_low_bytes: 16 * MIB,
      cpu_quota: 50_000,
      cpu_period: 100_000,
      cpu_limit_effective_cores: 0.5,
      cpu_weight: 250,
      threads_max: 64,
      threads_limit_effective: 64,
    })
  })

  test('of the one above', () => {
    const { figures } = reader()
    const above = ownCgroup().limitMemory(64 * MIB)
    write(above, 'cgroup.subtree_control', '+memory +cpu +pids')
    const cgroup = new OwnCgroup(above)
    undo.push(() => cgroup.remove())
    const row = figures(cgroup.path)
    expect(row).not.toHaveProperty('memory_limit_bytes')
    expect(row).toMatchObject({ memory_limit_effective_bytes: 64 * MIB })
  })

  test('without a limit there is none', () => {
    const row = reader().figures(ownCgroup().path)
    for (const name of ['memory_limit_bytes', 'cpu_quota', 'threads_max']) {
      expect(row).not.toHaveProperty(name)
    }
  })
})

describe('usage', () => {
  test('memory', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup()
    cgroup.spawn('sh', ['-c', 'head -c 30m /dev/zero | tail -c 29m | sleep 600'])
    await vi.waitFor(() => {
      expect(Number(text(cgroup, 'memory.current'))).toBeGreaterThan(20 * MIB)
    }, PATIENCE)
    await vi.waitFor(() => {
      const row = figures(cgroup.path)
      const stat = text(cgroup, 'memory.stat')
      const current = Number(text(cgroup, 'memory.current'))
      expect(row['memory_usage_bytes']).toBe(current)
      expect(row['memory_rss_bytes']).toBe(key(stat, 'anon'))
      expect(row['memory_cache_bytes']).toBe(key(stat, 'file'))
      expect(row['memory_working_set_bytes']).toBe(current - key(stat, 'inactive_file'))
      expect(row['memory_max_usage_bytes']).toBe(Number(text(cgroup, 'memory.peak')))
    }, PATIENCE)
  })

  test('a kill at the limit', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup().limitMemory(16 * MIB)
    expect(figures(cgroup.path)).toMatchObject({ oom_kills: 0 })
    await once(cgroup.spawn('sh', ['-c', 'head -c 200m /dev/zero | tail']), 'exit')
    const row = figures(cgroup.path)
    const events = text(cgroup, 'memory.events')
    expect(row['oom_kills']).toBe(key(events, 'oom_kill'))
    expect(row['oom_kills']).toBeGreaterThanOrEqual(1)
    expect(row['memory_events_max']).toBe(key(events, 'max'))
  })

  test('CPU time, and throttling at the quota', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup().limitCpu(0.2)
    await once(cgroup.spawn('timeout', ['3', 'sh', '-c', 'while :; do :; done']), 'exit')
    const row = figures(cgroup.path)
    const stat = text(cgroup, 'cpu.stat')
    expect(row['cpu_usage_seconds']).toBeCloseTo(key(stat, 'usage_usec') / 1e6, 6)
    expect(row['cpu_user_seconds']).toBeCloseTo(key(stat, 'user_usec') / 1e6, 6)
    expect(row['cpu_throttled_periods']).toBe(key(stat, 'nr_throttled'))
    expect(row['cpu_throttled_periods']).toBeGreaterThan(0)
    expect(row['cpu_throttled_seconds']).toBeCloseTo(key(stat, 'throttled_usec') / 1e6, 6)
    expect(row['cpu_throttled_seconds']).toBeGreaterThan(0)
  })

  test('forks that fail at the limit of tasks', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup()
    write(cgroup, 'pids.max', '2')
    cgroup.spawn('sh', ['-c', 'sleep 600 & sleep 600 & sleep 600 & wait'])
    await vi.waitFor(() => {
      expect(figures(cgroup.path)['pids_max_events']).toBeGreaterThan(0)
    }, PATIENCE)
  })

  test('when it was made', () => {
    const cgroup = ownCgroup()
    const seconds = reader().figures(cgroup.path)['start_time_seconds']!
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60)
  })
})

describe('disks', () => {
  test('what is written past the page cache is told of the disk', async () => {
    const disk = ['/dev/vda', '/dev/ubda'].find((path) => existsSync(path))!
    const { rdev } = statSync(disk)
    const { keyed } = reader()
    const cgroup = ownCgroup()
    const dd = ['if=/dev/zero', `of=${disk}`, 'bs=65536', 'count=64', 'oflag=direct']
    await once(cgroup.spawn('dd', dd), 'exit')
    const line = text(cgroup, 'io.stat')
      .split('\n')
      .find((each) => each.startsWith(`${rdev >> 8}:${rdev & 0xff} `))!
    const told = keyed(cgroup.path, 'container_disk')[disk]!
    expect(told['written_bytes']).toBe(Number(/wbytes=(\d+)/.exec(line)![1]))
    expect(told['written_bytes']).toBe(4 * MIB)
    expect(told['writes']).toBe(Number(/wios=(\d+)/.exec(line)![1]))
  })
})

const hasPressure = existsSync('/proc/pressure/cpu')

describe('pressure', () => {
  test.runIf(hasPressure)('of a cgroup that is throttled', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup().limitCpu(0.2)
    await once(cgroup.spawn('timeout', ['3', 'sh', '-c', 'while :; do :; done']), 'exit')
    const row = figures(cgroup.path)
    const some = /^some .*total=(\d+)$/m.exec(text(cgroup, 'cpu.pressure'))![1]!
    expect(row['pressure_cpu_waiting_seconds']).toBeGreaterThan(0.1)
    expect(row['pressure_cpu_waiting_seconds']).toBeCloseTo(Number(some) / 1e6, 1)
    expect(row).toHaveProperty('pressure_memory_stalled_seconds')
    expect(row).toHaveProperty('pressure_io_waiting_seconds')
  })

  test.runIf(!hasPressure)('of a kernel without it there is none, and no zero', () => {
    const row = reader().figures(ownCgroup().path)
    expect(Object.keys(row).filter((name) => name.startsWith('pressure'))).toEqual([])
  })
})

const canLink = spawnSync('ip', ['link', 'add', 'probe0', 'type', 'veth']).status === 0

describe('networks', () => {
  test.runIf(canLink)('traffic of a container with a network of its own', async () => {
    const ip = (...args: string[]) => execFileSync('ip', args)
    ip('netns', 'add', 'inner')
    undo.push(() => ip('netns', 'del', 'inner'))
    ip('link', 'add', 'outer0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'inner')
    ip('-n', 'inner', 'link', 'set', 'eth0', 'up')
    ip('link', 'set', 'outer0', 'up')
    const { keyed } = reader()
    const cgroup = ownCgroup()
    cgroup.spawn('nsenter', ['--net=/run/netns/inner', 'sleep', '600'])
    const counted = () => {
      const out = execFileSync('ip', ['netns', 'exec', 'inner', 'cat', '/proc/net/dev'])
      const columns = /eth0:(.*)/.exec(String(out))![1]!.trim().split(/\s+/).map(Number)
      return { receive_bytes: columns[0], transmit_bytes: columns[8] }
    }
    await vi.waitFor(() => {
      const told = keyed(cgroup.path, 'container_network')
      expect(Object.keys(told)).toEqual(['eth0'])
      expect(told['eth0']).toMatchObject(counted())
      expect(told['eth0']!['transmit_bytes']).toBeGreaterThan(0)
    }, PATIENCE)
  })
})

describe('life and death', () => {
  const rowAt = ({ rows }: AgentPass, path: string) =>
    rows.find(
      ({ table, entity }) =>
        table.name === 'container' && entity.attributes['candor.cgroup.path'] === path,
    )
  const endedAt = (ended: readonly Ended[] = [], path: string) =>
    ended.filter(({ entity }) => entity.attributes['candor.cgroup.path'] === path)
  const finished = ({ rows }: AgentPass) => {
    const row = rows.find(
      ({ table, keys }) => table.name === 'machine_finished' && keys[1] === 'cri-o',
    )
    return row === undefined ? 0 : present(row)['containers']!
  }

  test('one that lives 300 ms is counted, with its CPU time', async () => {
    const of = sampler()
    const first = of.pass(Date.now())
    const before = finished(first)
    const cgroup = shortCgroup()
    await cgroup.run(busyFor(0.3))
    const { cpuSeconds } = cgroup
    await cgroup.remove()
    await vi.waitFor(() => expect(finished(first)).toBe(before + 1), PATIENCE)
    expect(rowAt(first, cgroup.path)).toBeUndefined()
    const [end, ...others] = endedAt(of.pass(Date.now()).ended, cgroup.path)
    expect(others).toEqual([])
    // The end of its last process is told, so nothing of its time is lost but a tick.
    expect(present(end!.rows[0]!)['cpu_usage_seconds']).toBeGreaterThanOrEqual(cpuSeconds - 0.0101)
  })

  test('many short ones are all counted, each once', async () => {
    const of = sampler()
    const before = finished(of.pass(Date.now()))
    const paths: string[] = []
    const ended: Ended[] = []
    const engine = async () => {
      for (let n = 0; n < 10; n += 1) {
        const cgroup = shortCgroup()
        paths.push(cgroup.path)
        await cgroup.run('sleep 0.3')
        await cgroup.remove()
      }
    }
    const passes = setInterval(() => ended.push(...(of.pass(Date.now()).ended ?? [])), 1_000)
    await Promise.all([engine(), engine(), engine(), engine()]).finally(() => clearInterval(passes))
    await vi.waitFor(() => {
      const last = of.pass(Date.now())
      ended.push(...(last.ended ?? []))
      expect(finished(last) - before).toBe(40)
    }, PATIENCE)
    for (const path of paths) expect(endedAt(ended, path).length).toBeLessThanOrEqual(1)
  })

  test('one that is made again under its path is another, and no counter goes back', async () => {
    const of = sampler()
    const first = of.pass(Date.now())
    const path = `/crio-${'f'.repeat(64)}`
    for (const _ of [1, 2]) {
      const cgroup = shortCgroup(path)
      await vi.waitFor(() => expect(rowAt(first, path)).toBeDefined(), PATIENCE)
      await cgroup.run(busyFor(0.1))
      await cgroup.remove()
      await vi.waitFor(() => expect(rowAt(first, path)).toBeUndefined(), PATIENCE)
    }
    const ends = endedAt(of.pass(Date.now()).ended, path)
    expect(new Set(ends.map(({ entity }) => entity.attributes['candor.cgroup.inode'])).size).toBe(2)
  })
})
