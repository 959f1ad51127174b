import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Cgroups } from '../../../agent/cgroup/cgroups.ts'
import { detectLayout } from '../../../agent/cgroup/mode.ts'
import type { Entity } from '../../../wire/sample.ts'
import { copy, filesOf, fixture, type Fixture, folder, present, rowAt, write } from '../fixture.ts'

const machine: Entity = { kind: 'machine', attributes: { 'host.id': 'h', 'host.name': 'n' } }
const MIB = 1 << 20
const MINUTE_MS = 60_000

type Figures = Record<string, number>

function cgroupsOf(root: string, mostOpen?: number) {
  const files = filesOf(root, mostOpen)
  return new Cgroups(files, machine, detectLayout(files))
}
const figures = (cgroups: Cgroups, path: string, timeMs = 0): Figures | undefined => {
  const row = rowAt(cgroups.read(timeMs).rows, path)
  if (row === undefined) return undefined
  const { last_seen_seconds: seen, ...figures } = present(row)
  expect(seen).toBe(timeMs / 1000)
  return figures
}

/** The same workload as each kind of kernel tells of it. */
const WORKLOAD = {
  usageBytes: 100 * MIB,
  anonBytes: 60 * MIB,
  fileBytes: 30 * MIB,
  shmemBytes: 4 * MIB,
  mappedBytes: 5 * MIB,
  inactiveFileBytes: 20 * MIB,
  activeFileBytes: 6 * MIB,
  limitBytes: 256 * MIB,
  kills: 2,
  cpuUs: 12_345_678,
  periods: 100,
  throttled: 40,
  throttledUs: 1_500_000,
  quotaUs: 50_000,
  threads: 7,
  threadsMax: 64,
  psiUs: 2_000_000,
}
const w = WORKLOAD

const pressureFiles = (directory: string) =>
  Object.fromEntries(
    ['cpu', 'memory', 'io'].map((resource) => [
      `${directory}/${resource}.pressure`,
      `some avg10=0.00 avg60=0.00 avg300=0.00 total=${w.psiUs}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${w.psiUs / 2}\n`,
    ]),
  )

function writeV1(root: string): void {
  write(`${root}/sys/fs/cgroup`, {
    'memory/cgroup.procs': '',
    'cpu,cpuacct/cgroup.procs': '',
    'pids/cgroup.procs': '',
    'memory/job/memory.usage_in_bytes': `${w.usageBytes}\n`,
    'memory/job/memory.limit_in_bytes': `${w.limitBytes}\n`,
    'memory/job/memory.oom_control': `oom_kill_disable 0\nunder_oom 0\noom_kill ${w.kills}\n`,
    'memory/job/memory.stat': [
      'cache 1',
      'rss 1',
      `hierarchical_memory_limit ${w.limitBytes}`,
      `total_cache ${w.fileBytes}`,
      `total_rss ${w.anonBytes}`,
      `total_shmem ${w.shmemBytes}`,
      `total_mapped_file ${w.mappedBytes}`,
      `total_inactive_file ${w.inactiveFileBytes}`,
      `total_active_file ${w.activeFileBytes}\n`,
    ].join('\n'),
    'cpu,cpuacct/job/cpuacct.usage': `${w.cpuUs}000\n`,
    'cpu,cpuacct/job/cpu.cfs_quota_us': `${w.quotaUs}\n`,
    'cpu,cpuacct/job/cpu.cfs_period_us': '100000\n',
    'cpu,cpuacct/job/cpu.shares': '1024\n',
    'cpu,cpuacct/job/cpu.stat': `nr_periods ${w.periods}\nnr_throttled ${w.throttled}\nthrottled_time ${w.throttledUs}000\n`,
    'pids/job/pids.current': `${w.threads}\n`,
    'pids/job/pids.max': `${w.threadsMax}\n`,
  })
}

function writeHybrid(root: string): void {
  writeV1(root)
  write(`${root}/sys/fs/cgroup/unified`, {
    'cgroup.controllers': '\n',
    'job/cgroup.events': 'populated 1\nfrozen 0\n',
    ...pressureFiles('job'),
  })
}

function writeV2(root: string): void {
  write(`${root}/sys/fs/cgroup`, {
    'cgroup.controllers': 'cpu memory pids\n',
    'cgroup.stat': 'nr_descendants 1\n',
    'job/memory.current': `${w.usageBytes}\n`,
    'job/memory.max': `${w.limitBytes}\n`,
    'job/memory.events': `low 0\nmax 9\noom 3\noom_kill ${w.kills}\n`,
    'job/memory.stat': [
      `anon ${w.anonBytes}`,
      `file ${w.fileBytes}`,
      `shmem ${w.shmemBytes}`,
      `file_mapped ${w.mappedBytes}`,
      `inactive_file ${w.inactiveFileBytes}`,
      `active_file ${w.activeFileBytes}\n`,
    ].join('\n'),
    'job/cpu.stat': `usage_usec ${w.cpuUs}\nnr_periods ${w.periods}\nnr_throttled ${w.throttled}\nthrottled_usec ${w.throttledUs}\n`,
    'job/cpu.max': `${w.quotaUs} 100000\n`,
    'job/cpu.weight': '39\n',
    'job/pids.current': `${w.threads}\n`,
    'job/pids.max': `${w.threadsMax}\n`,
    ...pressureFiles('job'),
  })
}

describe('equal workloads give the same record', () => {
  const recordOf = (writeTree: (root: string) => void) => {
    const root = folder()
    writeTree(root)
    return figures(cgroupsOf(root), '/job')!
  }
  const common = {
    cpu_usage_seconds: 12.345678,
    cpu_periods: 100,
    cpu_throttled_periods: 40,
    cpu_throttled_seconds: 1.5,
    cpu_quota: 50_000,
    cpu_period: 100_000,
    cpu_limit_effective_cores: 0.5,
    memory_usage_bytes: w.usageBytes,
    memory_working_set_bytes: 80 * MIB,
    memory_rss_bytes: w.anonBytes,
    memory_cache_bytes: w.fileBytes,
    memory_shmem_bytes: w.shmemBytes,
    memory_active_file_bytes: w.activeFileBytes,
    memory_inactive_file_bytes: w.inactiveFileBytes,
    memory_mapped_file_bytes: w.mappedBytes,
    memory_limit_bytes: w.limitBytes,
    memory_limit_effective_bytes: w.limitBytes,
    memory_available_bytes: w.limitBytes - 80 * MIB,
    oom_kills: 2,
    threads: 7,
    threads_max: 64,
    threads_limit_effective: 64,
    cpu_shares: 1024,
  }
  const pressure = {
    pressure_cpu_waiting_seconds: 2,
    pressure_cpu_stalled_seconds: 1,
    pressure_memory_waiting_seconds: 2,
    pressure_memory_stalled_seconds: 1,
    pressure_io_waiting_seconds: 2,
    pressure_io_stalled_seconds: 1,
  }
  test('v1', () => expect(recordOf(writeV1)).toEqual(common))
  test('hybrid', () => expect(recordOf(writeHybrid)).toEqual({ ...common, ...pressure }))
  test('v2', () =>
    expect(recordOf(writeV2)).toEqual({
      ...common,
      ...pressure,
      cpu_weight: 39,
      memory_events_low: 0,
      memory_events_max: 9,
      memory_events_oom: 3,
    }))
  test('beyond the bound of open files too', () => {
    const root = folder()
    writeHybrid(root)
    const cgroups = cgroupsOf(root, 3)
    expect(figures(cgroups, '/job')).toEqual(figures(cgroupsOf(root), '/job'))
    expect(figures(cgroups, '/job', 1)).toEqual(figures(cgroupsOf(root), '/job'))
  })
})

describe('hybrid: pressure only where the processes are', () => {
  const CPU = 'pressure_cpu_waiting_seconds'
  test('it comes when they come, and goes when they go', () => {
    const root = folder()
    writeHybrid(root)
    const cgroups = cgroupsOf(root)
    const events = (text: string) =>
      writeFileSync(`${root}/sys/fs/cgroup/unified/job/cgroup.events`, text)
    events('populated 0\nfrozen 0\n')
    expect(figures(cgroups, '/job')).not.toHaveProperty(CPU)
    events('populated 1\nfrozen 0\n')
    expect(figures(cgroups, '/job', 1)).toHaveProperty(CPU, 2)
    events('populated 0\nfrozen 0\n')
    expect(figures(cgroups, '/job', 2)).not.toHaveProperty(CPU)
  })
  test('no directory there: absent', () => {
    const root = folder()
    writeHybrid(root)
    rmSync(`${root}/sys/fs/cgroup/unified/job`, { recursive: true })
    const got = figures(cgroupsOf(root), '/job')!
    expect(Object.keys(got).filter((column) => column.startsWith('pressure'))).toEqual([])
    expect(got).toHaveProperty('memory_usage_bytes')
  })
})

describe('v2: throttling is that of the cgroups with the controller, whichever is read first', () => {
  const f = (limited: string, plain: string) => {
    const root = folder()
    write(`${root}/sys/fs/cgroup`, {
      'cgroup.controllers': 'cpu\n',
      'cgroup.stat': 'nr_descendants 2\n',
      [`${limited}/cpu.stat`]: 'usage_usec 1\nnr_periods 9\nnr_throttled 4\nthrottled_usec 5\n',
      [`${limited}/cpu.max`]: '50000 100000\n',
      [`${plain}/cpu.stat`]: 'usage_usec 2\n',
    })
    const cgroups = cgroupsOf(root)
    for (const timeMs of [0, 10_000]) {
      expect(figures(cgroups, `/${limited}`, timeMs)).toMatchObject({ cpu_throttled_periods: 4 })
      expect(figures(cgroups, `/${plain}`, timeMs)).toEqual({ cpu_usage_seconds: 2e-6 })
    }
  }
  test('with it first', () => f('a', 'b'))
  test('without it first', () => f('b', 'a'))
})

describe('limits that change while we look', () => {
  test('v1 memory: at once, since memory.stat tells of it', () => {
    const root = folder()
    writeV1(root)
    const cgroups = cgroupsOf(root)
    figures(cgroups, '/job', 0)
    const job = `${root}/sys/fs/cgroup/memory/job`
    writeFileSync(`${job}/memory.limit_in_bytes`, '1000\n')
    writeFileSync(`${job}/memory.stat`, 'hierarchical_memory_limit 1000\ntotal_rss 1\n')
    expect(figures(cgroups, '/job', 10)).toMatchObject({
      memory_limit_bytes: 1000,
      memory_limit_effective_bytes: 1000,
    })
  })
  const withinAMinute = (writeTree: (root: string) => void, file: string, text: string) => {
    const root = folder()
    writeTree(root)
    const cgroups = cgroupsOf(root)
    figures(cgroups, '/job', 0)
    writeFileSync(`${root}/sys/fs/cgroup/${file}`, text)
    for (let ms = 10_000; ms < MINUTE_MS; ms += 10_000) figures(cgroups, '/job', ms)
    return figures(cgroups, '/job', MINUTE_MS)
  }
  test('v2 memory: within a minute', () =>
    expect(withinAMinute(writeV2, 'job/memory.max', 'max\n')).not.toHaveProperty(
      'memory_limit_effective_bytes',
    ))
  test('v1 quota: within a minute', () =>
    expect(withinAMinute(writeV1, 'cpu,cpuacct/job/cpu.cfs_quota_us', '-1\n')).not.toHaveProperty(
      'cpu_throttled_periods',
    ))
})

describe('a cgroup that is made again between two passes is another one at once', () => {
  const INODE = 'candor.cgroup.inode'
  const f = (writeTree: (root: string) => void, mostOpen: number, controllers: string[]) => {
    const root = folder()
    writeTree(root)
    // The kernel's count stands still: it says nothing of one that leaves and one that comes.
    write(root, { 'proc/cgroups': '#subsys_name\n' })
    const mounts = controllers.map((controller) => `${root}/sys/fs/cgroup/${controller}`)
    const cgroups = cgroupsOf(root, mostOpen)
    const inodeAt = (ms: number) => rowAt(cgroups.read(ms).rows, '/job')!.entity.attributes[INODE]
    const first = inodeAt(0)
    expect(inodeAt(10_000)).toBe(first)
    // Kept elsewhere, so that no new directory can have its inode.
    mounts.forEach((mount, i) => renameSync(`${mount}/job`, `${root}/before-${i}`))
    writeTree(root)
    const second = inodeAt(20_000)
    expect(second).not.toBe(first)
    expect(inodeAt(30_000)).toBe(second)
  }
  const v1 = ['memory', 'cpu,cpuacct', 'pids']
  test('v1, no file may stay open', () => f(writeV1, 0, v1))
  test('hybrid, no file may stay open', () => f(writeHybrid, 0, [...v1, 'unified']))
  test('v2, no file may stay open', () => f(writeV2, 0, ['']))
})

test('a file that may be opened from now on is not taken from the cgroup that has the name now', () => {
  const root = folder()
  const cgroup = `${root}/sys/fs/cgroup`
  const cpu = (seconds: number) => `usage_usec ${seconds}000000\n`
  write(cgroup, {
    'cgroup.controllers': 'cpu\n',
    'cgroup.stat': 'nr_descendants 2\n',
    'a/cpu.stat': cpu(7),
    'b/cpu.stat': cpu(500),
  })
  // One for the counts, one for the first of the two.
  const cgroups = cgroupsOf(root, 2)
  const rows = () => cgroups.read(0).rows
  const before = new Map(rows().map((row) => [row.entity.attributes['candor.cgroup.path'], row]))
  const inode = before.get('/b')!.entity.attributes['candor.cgroup.inode']
  renameSync(`${cgroup}/a`, `${root}/a`)
  renameSync(`${cgroup}/b`, `${root}/b`)
  write(cgroup, { 'a/cpu.stat': cpu(8), 'b/cpu.stat': cpu(1), 'cgroup.stat': 'nr_descendants 2\n' })
  const after = rows().filter(({ entity }) => entity.attributes['candor.cgroup.inode'] === inode)
  expect(after).toEqual([])
})

test('controllers that are switched on later are found within a minute', () => {
  const root = folder()
  writeV2(root)
  const current = `${root}/sys/fs/cgroup/job/memory.current`
  rmSync(current)
  const cgroups = cgroupsOf(root)
  expect(figures(cgroups, '/job', 0)).not.toHaveProperty('memory_usage_bytes')
  writeFileSync(current, '5\n')
  expect(figures(cgroups, '/job', MINUTE_MS)).toHaveProperty('memory_usage_bytes', 5)
})

test('a plain cgroup that gets others below it is a group from then on', () => {
  const root = folder()
  writeV2(root)
  const cgroups = cgroupsOf(root)
  const levelAt = (ms: number) =>
    rowAt(cgroups.read(ms).rows, '/job')!.entity.attributes['candor.cgroup.level']
  expect(levelAt(0)).toBe('container')
  mkdirSync(`${root}/sys/fs/cgroup/job/part`)
  expect(levelAt(MINUTE_MS)).toBe('group')
})

describe('the container of a process', () => {
  const f = (name: Fixture, pid: number, want: Record<string, string> | undefined) => {
    const cgroups = cgroupsOf(fixture(name))
    cgroups.read(0)
    const attributes = cgroups.containerOf(pid)?.attributes
    expect(attributes && Object.keys(want ?? {}).map((key) => attributes[key])).toEqual(
      want && Object.values(want),
    )
  }
  test('v1: its name, and the pod whose limit binds it', () =>
    f('v1-centos7-3.10', 4242, {
      'container.name': '6a7c2e4859a1',
      'candor.memory.limit.cgroup': '/kubepods/burstable/pod0b9e1f0c-1d53-4a0f-8a3e-6e2f4d1c7a55',
    }))
  test('hybrid', () => f('hybrid-firecracker-6.18', 4242, { 'container.name': '4f1c2d3e5a6b' }))
  test('v2', () => f('v2-uml-6.1', 4242, { 'container.name': '0f3b1d6a7c2e' }))
  test('a process that is gone', () => f('v2-uml-6.1', 4243, undefined))

  /** The path that is told of a process whose /proc/PID/cgroup is this. */
  const pathOf = (root: string, text: string) => {
    write(root, { 'proc/77/cgroup': text })
    const cgroups = cgroupsOf(root)
    cgroups.read(0)
    return cgroups.containerOf(77)?.attributes['candor.cgroup.path']
  }
  const written = (writeTree: (root: string) => void) => {
    const root = folder()
    writeTree(root)
    return root
  }
  test('v2: the root is told apart from what is not known', () => {
    expect(pathOf(written(writeV2), '0::/\n')).toBe('/')
    expect(pathOf(written(writeV2), '0::/job\n')).toBe('/job')
    expect(pathOf(written(writeV2), '0::/other\n')).toBeUndefined()
    expect(pathOf(written(writeV2), '0::/../job\n')).toBeUndefined()
  })
  test('hybrid and v1: the path in the tree of memory decides', () => {
    for (const writeTree of [writeHybrid, writeV1]) {
      expect(pathOf(written(writeTree), '3:memory:/\n2:cpu,cpuacct:/job\n0::/job\n')).toBe('/')
      expect(pathOf(written(writeTree), '3:memory:/job\n2:cpu,cpuacct:/\n0::/\n')).toBe('/job')
      expect(pathOf(written(writeTree), '2:cpu,cpuacct:/\n0::/\n')).toBeUndefined()
    }
  })
  test.each([
    ['memory.max', '1000\n'],
    ['cpu.max', '50000 100000\n'],
  ])('a root with %s is that of a container: its limits are not known', (file, text) => {
    const root = written(writeV2)
    write(`${root}/sys/fs/cgroup`, { [file]: text })
    expect(pathOf(root, '0::/\n')).toBeUndefined()
  })
  test('a root whose limits cannot be read is not known to have none', () => {
    const root = written(writeV2)
    // Reading a directory fails even for root.
    mkdirSync(`${root}/sys/fs/cgroup/memory.max`)
    expect(pathOf(root, '0::/\n')).toBeUndefined()
  })

  const inside = (limit: string) => {
    const root = copy('v2-uml-6.1')
    const scope =
      '/system.slice/docker-0f3b1d6a7c2e4859a1b0c9d8e7f60514233445566778899aabbccddeeff00112.scope'
    write(root, {
      [`sys/fs/cgroup${scope}/inner/memory.max`]: limit,
      'proc/77/cgroup': `0::${scope}/inner\n`,
    })
    const cgroups = cgroupsOf(root)
    cgroups.read(0)
    return cgroups.containerOf(77)!.attributes['candor.cgroup.path']!.slice(scope.length)
  }
  test('a part of a container stands for the container', () => expect(inside('max\n')).toBe(''))
  test('unless its own limit is tighter', () => expect(inside('1000\n')).toBe('/inner'))
})
