/** The real kernel: disks, networks, events and peaks of cgroups of the test's own. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { Cgroups, type CgroupsOptions } from '../../../agent/cgroup/cgroups.ts'
import { detectLayout } from '../../../agent/cgroup/mode.ts'
import { readMachine } from '../../../agent/machine/machine-entity.ts'
import { KernelFiles } from '../../../agent/read/files.ts'
import { OwnCgroup } from '../../own-cgroup.ts'
import { needs } from '../../peers/peers.ts'
import { folder, present } from '../fixture.ts'

const PATHS = { procfs: '/proc', sysfs: '/sys', cgroupfs: '/sys/fs/cgroup', rootfs: '/' }
const MIB = 1 << 20
const MINUTE_MS = 60_000
const DEADLINE_MS = 20_000

/** What is undone after a test, last made first. */
let undo: (() => void | Promise<void>)[] = []
afterEach(async () => {
  const all = undo.toReversed()
  undo = []
  for (const each of all) await each()
})

function ownCgroup(): OwnCgroup {
  const cgroup = new OwnCgroup()
  undo.push(() => cgroup.remove())
  return cgroup
}

function reader(options: CgroupsOptions = {}, mostOpen?: number) {
  const files = new KernelFiles(PATHS, mostOpen)
  const layout = detectLayout(files)
  const cgroups = new Cgroups(files, readMachine(files, layout.mode, 'test'), layout, options)
  undo.push(() => {
    cgroups.close()
    files.closeAll()
  })
  let timeMs = Date.now()
  /** Each pass is a minute later, so that all is read that is read once a minute. */
  const rowsOf = (path: string) => {
    timeMs += MINUTE_MS
    const { rows } = cgroups.read(timeMs)
    return rows.filter(({ entity }) => entity.attributes['candor.cgroup.path'] === path)
  }
  return {
    figures: (path: string): Record<string, number> => {
      const row = rowsOf(path).find(({ table }) => table.name === 'container')
      return row === undefined ? {} : present(row)
    },
    /** By the key of the row. */
    keyed: (path: string, name: string) =>
      Object.fromEntries(
        rowsOf(path)
          .filter(({ table }) => table.name === name)
          .map((row) => [row.keys[0], present(row)]),
      ),
  }
}

async function until<T>(read: () => T, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS
  for (;;) {
    const value = read()
    if (holds(value) || Date.now() > deadline) return value
    await wait(50)
  }
}

describe.skipIf(needs('root', 'cgroup-v1'))('memory, tasks and time', () => {
  test('a limit that is met: failures, the peak, and the kill', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup().limitMemory(16 * MIB)
    expect(figures(cgroup.path)).toMatchObject({ memory_failcnt: 0, oom_kills: 0 })
    await once(cgroup.spawn('sh', ['-c', 'head -c 500m /dev/zero | tail']), 'exit')
    const row = figures(cgroup.path)
    expect(row['memory_failcnt']).toBeGreaterThan(0)
    expect(row['memory_max_usage_bytes']).toBe(16 * MIB)
    expect(row['oom_kills']).toBeGreaterThanOrEqual(1)
    expect(row['memory_pgfault_hierarchy']).toBeGreaterThan(1000)
    expect(row['memory_available_bytes']).toBe(16 * MIB - row['memory_working_set_bytes']!)
  })

  test('processes, their threads, and the most that there were', async () => {
    const { figures } = reader({ settings: { 'collector.cgroup.processes': true } })
    const cgroup = ownCgroup()
    for (let i = 0; i < 3; i += 1) cgroup.spawn('sleep', ['60'])
    const row = await until(
      () => figures(cgroup.path),
      (now) => now['processes'] === 3 && now['threads'] === 3 && now['sockets'] === 0,
    )
    expect(row).toMatchObject({ processes: 3, threads: 3, sockets: 0 })
    expect(row['file_descriptors']).toBeGreaterThanOrEqual(9)
    const limits = readFileSync(`/proc/${cgroup.pids()[0]}/limits`, 'latin1')
    const soft = /^Max open files +(\d+)/m.exec(limits)![1]
    expect(row['ulimit_max_open_files']).toBe(Number(soft))
    const hasPeak = existsSync(`${cgroup.directory('pids')}/pids.peak`)
    expect(row['pids_peak'] ?? 0).toBeGreaterThanOrEqual(hasPeak ? 3 : 0)
  })

  test('what looks into processes is off unless asked for', () => {
    const { figures } = reader()
    const cgroup = ownCgroup()
    cgroup.spawn('sleep', ['60'])
    const row = figures(cgroup.path)
    expect(Object.keys(row)).toEqual(expect.not.arrayContaining(['file_descriptors', 'sockets']))
  })

  test('forks that fail at the limit of tasks', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup()
    const pids = cgroup.directory('pids')
    writeFileSync(`${pids}/pids.max`, '2')
    undo.push(() => {
      for (const pid of cgroup.pids()) process.kill(pid, 'SIGKILL')
    })
    cgroup.spawn('sh', ['-c', 'sleep 60 & sleep 60 & sleep 60 & wait'])
    const row = await until(
      () => figures(cgroup.path),
      (now) => now['pids_max_events']! > 0,
    )
    expect(row['pids_max_events']).toBeGreaterThan(0)
    expect(row['threads_limit_effective']).toBe(2)
  })

  test('the kinds of CPU time', async () => {
    const { figures } = reader()
    const cgroup = ownCgroup()
    cgroup.spawn('sh', ['-c', 'while :; do :; done'])
    const row = await until(
      () => figures(cgroup.path),
      (now) => now['cpu_user_seconds']! > 0.2,
    )
    const kinds = row['cpu_user_seconds']! + row['cpu_system_seconds']!
    expect(row['cpu_user_seconds']).toBeGreaterThan(0.2)
    expect(Math.abs(kinds - row['cpu_usage_seconds']!)).toBeLessThan(0.1)
  })

  test('it was made just now', () => {
    const { figures } = reader()
    const before = Date.now() / 1000
    const cgroup = ownCgroup()
    const { start_time_seconds: start, creation_time_seconds: made } = figures(cgroup.path)
    expect(start).toBe(made)
    expect(Math.abs(start! - before)).toBeLessThan(10)
  })
})

describe.skipIf(needs('root', 'cgroup-v1'))('CPUs that it may run on', () => {
  test('those of its cpuset, and of the one above where it has none', () => {
    const { figures } = reader()
    const root = '/sys/fs/cgroup/cpuset'
    if (!existsSync(root)) return
    const cgroup = ownCgroup()
    const all = figures(cgroup.path)
    expect(all).not.toHaveProperty('cpuset_cpus')
    const directory = root + cgroup.path
    mkdirSync(directory)
    undo.push(() => rmdirSync(directory))
    writeFileSync(`${directory}/cpuset.cpus`, '0')
    expect(figures(cgroup.path)).toMatchObject({ cpuset_cpus: 1, cpuset_cpus_effective: 1 })
    expect(all['cpuset_cpus_effective']).toBeGreaterThanOrEqual(1)
  })
})

/** Name of the disk below a file; undefined where it lies on none. */
function diskOf(path: string): { numbers: string; name: string } | undefined {
  const { dev } = statSync(path)
  const numbers = `${(dev >> 8) & 0xfff}:${dev & 0xff}`
  const uevent = `/sys/dev/block/${numbers}/uevent`
  if (!existsSync(uevent)) return undefined
  return { numbers, name: `/dev/${/^DEVNAME=(.+)$/m.exec(readFileSync(uevent, 'latin1'))![1]}` }
}

describe.skipIf(needs('root', 'cgroup-v1'))('disks', () => {
  test('what a container writes past the page cache is told of the disk', async ({ skip }) => {
    const directory = folder()
    const disk = diskOf(directory)
    const rule = (cgroup: OwnCgroup) =>
      `${cgroup.directory('blkio')}/blkio.throttle.write_bps_device`
    const cgroup = ownCgroup()
    if (disk === undefined || !existsSync(rule(cgroup))) return skip()
    const { keyed } = reader()
    expect(keyed(cgroup.path, 'container_disk')).toEqual({})
    // Since Linux 6.9 throttling counts only where there is a limit.
    writeFileSync(rule(cgroup), `${disk.numbers} ${1 << 30}`)
    const write = () =>
      once(
        cgroup.spawn('dd', [
          'if=/dev/zero',
          `of=${directory}/file`,
          'bs=65536',
          'count=64',
          'oflag=direct',
        ]),
        'exit',
      )
    await write()
    const first = keyed(cgroup.path, 'container_disk')[disk.name]!
    expect(first['written_bytes']).toBe(4 * MIB)
    expect(first['writes']).toBeGreaterThanOrEqual(4)
    await write()
    const second = keyed(cgroup.path, 'container_disk')[disk.name]!
    expect(second['written_bytes']).toBe(8 * MIB)
    expect(second['writes']).toBeGreaterThan(first['writes'] ?? Number.NaN)
    const usage = keyed(cgroup.path, 'container_blkio')[disk.name]!
    expect(usage).toMatchObject({ write: 8 * MIB })
  })
})

describe.skipIf(needs('root', 'cgroup-v1', 'ip'))('networks', () => {
  const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' })
  let made = 0

  /** A network of the test's own, with one link to the machine. */
  function network(): string {
    const name = `candor-${process.pid}-${made++}`
    const outside = `cnd${process.pid}x${made}`.slice(0, 15)
    ip('netns', 'add', name)
    undo.push(() => {
      if (existsSync(`/run/netns/${name}`)) ip('netns', 'del', name)
    })
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
    ip('-n', name, 'link', 'set', 'eth0', 'up')
    ip('-n', name, 'link', 'set', 'lo', 'up')
    ip('link', 'set', outside, 'up')
    return name
  }

  /** A process that lives in a network. */
  async function enter(cgroup: OwnCgroup, name: string): Promise<void> {
    const child = cgroup.spawn('nsenter', [`--net=/run/netns/${name}`, 'sleep', '60'])
    const wanted = statSync(`/run/netns/${name}`).ino
    const isIn = () => {
      try {
        return statSync(`/proc/${child.pid}/ns/net`).ino === wanted
      } catch {
        return false
      }
    }
    expect(await until(isIn, Boolean)).toBe(true)
  }

  /** As the network itself counts. */
  function counted(name: string): Record<string, number> {
    const text = execFileSync('nsenter', [`--net=/run/netns/${name}`, 'cat', '/proc/net/dev'], {
      encoding: 'utf8',
    })
    const columns = /eth0:(.*)/.exec(text)![1]!.trim().split(/\s+/).map(Number)
    return {
      receive_bytes: columns[0]!,
      transmit_bytes: columns[8]!,
      transmit_packets: columns[9]!,
    }
  }

  test('traffic of a container with a network of its own', async () => {
    const { keyed } = reader()
    const name = network()
    const cgroup = ownCgroup()
    await enter(cgroup, name)
    // Neighbours are looked for as soon as the link is up.
    const before = await until(
      () => counted(name),
      (now) => now['transmit_packets']! > 0,
    )
    expect(before['transmit_packets']).toBeGreaterThan(0)
    const seen = await until(
      () => ({ told: keyed(cgroup.path, 'container_network'), counted: counted(name) }),
      ({ told, counted: now }) => told['eth0']?.['transmit_bytes'] === now['transmit_bytes'],
    )
    expect(Object.keys(seen.told)).toEqual(['eth0'])
    expect(seen.told['eth0']).toMatchObject(seen.counted)
  })

  test('one of two that share a network tells of it, the other when that is gone', async () => {
    const { keyed } = reader()
    const name = network()
    const first = ownCgroup()
    // The kernel's time of a directory is as coarse as its ticks.
    await wait(50)
    const second = ownCgroup()
    await enter(first, name)
    await enter(second, name)
    const tellers = () =>
      [first, second].filter(({ path }) => 'eth0' in keyed(path, 'container_network'))
    const settled = await until(tellers, (now) => now.length === 1 && now[0] === first)
    expect(settled).toEqual([first])
    await first.remove()
    expect(await until(tellers, (now) => now.length === 1)).toEqual([second])
  })

  test('nothing of the network of the machine', async () => {
    const { keyed, figures } = reader()
    const cgroup = ownCgroup()
    cgroup.spawn('sleep', ['60'])
    await until(
      () => figures(cgroup.path),
      (now) => now['processes'] === 1,
    )
    expect(keyed(cgroup.path, 'container_network')).toEqual({})
  })

  test('a network does not outlive its container because it was read', async () => {
    const { keyed } = reader()
    const name = network()
    const cgroup = ownCgroup()
    await enter(cgroup, name)
    await until(
      () => keyed(cgroup.path, 'container_network'),
      (now) => 'eth0' in now,
    )
    const links = () => ip('-o', 'link')
    const outside = new RegExp(`(cnd${process.pid}x${made})@`).exec(links())![1]!
    await cgroup.remove()
    ip('netns', 'del', name)
    undo.splice(
      undo.findIndex((each) => String(each).includes("'del'")),
      1,
    )
    // The other end goes when the kernel lets go of the network.
    expect(await until(links, (now) => !now.includes(outside))).not.toContain(outside)
  })
})
