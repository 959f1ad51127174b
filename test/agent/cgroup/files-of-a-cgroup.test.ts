/** One cgroup's files as v1, v2 and hybrid have them: what is read when, and what stays at the end. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CgroupGone, type CgroupFiles } from '../../../agent/cgroup/cgroup-files.ts'
import { COLUMNS } from '../../../agent/cgroup/columns.ts'
import { share } from '../../../agent/cgroup/shared.ts'
import type { Directories } from '../../../agent/cgroup/slow-columns.ts'
import { V1Files } from '../../../agent/cgroup/v1.ts'
import { V2Files } from '../../../agent/cgroup/v2.ts'
import { KernelFile, KernelFiles } from '../../../agent/read/files.ts'
import { limits } from '../../../catalog/limit.ts'
import { container } from '../../../catalog/tables/container.ts'
import type { Entity } from '../../../wire/sample.ts'
import { folder, present, write } from '../fixture.ts'

const entity: Entity = {
  kind: 'container',
  attributes: { 'candor.cgroup.level': 'container' },
  startMs: 1_500,
}

/** Counts what a pass asks the kernel for. */
class CountingFiles extends KernelFiles {
  readonly asked: string[] = []

  override read(file: KernelFile): number {
    const end = super.read(file)
    if (end >= 0) this.asked.push(file.path)
    return end
  }

  override readSame(path: string, inode: number): number {
    this.asked.push(path)
    return super.readSame(path, inode)
  }
}

type Tree = Readonly<Record<string, string>>

function opened(tree: Tree, open: (root: string, files: KernelFiles) => CgroupFiles) {
  const root = folder()
  write(root, tree)
  const files = new CountingFiles({
    procfs: `${root}/proc`,
    sysfs: `${root}/sys`,
    cgroupfs: root,
    rootfs: root,
  })
  const cgroup = open(root, files)
  cgroup.describe(entity)
  const values = new Float64Array(COLUMNS).fill(Number.NaN)
  const figures = () => present({ table: container, entity, keys: [], values })
  return {
    root,
    files,
    cgroup,
    values,
    limits: () => (cgroup.readLimits(values), figures()),
    usage: () => {
      files.asked.length = 0
      cgroup.readUsage(values)
      return figures()
    },
    final: () => (cgroup.readFinal(values), figures()),
    more: () => cgroup.more.map((row) => [row.table.name, row.keys[0], present(row)] as const),
    set: (files_: Tree) => write(root, files_),
  }
}

const PSI = (us: number) => `some avg10=0.00 total=${us}\nfull avg10=0.00 total=${us}\n`
const BLKIO = (read: number) =>
  `254:0 Read ${read}\n254:0 Write 0\n254:0 Total ${read}\nTotal ${read}\n`
const NET = 'a\nb\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n'

const V1: Tree = {
  'proc/1/net/dev': 'a\nb\n',
  'proc/7/net/dev': NET,
  'm/memory.usage_in_bytes': '100\n',
  'm/memory.limit_in_bytes': '1000\n',
  'm/memory.memsw.limit_in_bytes': '1500\n',
  'm/memory.soft_limit_in_bytes': '9223372036854771712\n',
  'm/memory.failcnt': '3\n',
  'm/memory.max_usage_in_bytes': '900\n',
  'm/memory.stat':
    'pgfault 5\nhierarchical_memory_limit 1000\ntotal_rss 40\ntotal_inactive_file 30\ntotal_pgfault 9\n',
  'm/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
  'm/cgroup.procs': '7\n8\n',
  'c/cgroup.procs': '7\n8\n',
  'c/cpuacct.usage': '1000000000\n',
  'c/cpuacct.stat': 'user 60\nsystem 40\n',
  'c/cpu.stat': 'nr_periods 1\nnr_throttled 1\nthrottled_time 500000000\n',
  'c/cpu.cfs_quota_us': '50000\n',
  'c/cpu.cfs_period_us': '100000\n',
  'p/pids.current': '2\n',
  'b/blkio.throttle.io_service_bytes': BLKIO(4096),
  'b/blkio.throttle.io_serviced': BLKIO(1),
  'u/cgroup.events': 'populated 1\n',
  'u/cpu.pressure': PSI(1),
  'u/memory.pressure': PSI(1),
  'u/io.pressure': PSI(1),
}

const v1 = (tree: Tree = V1) =>
  opened(tree, (root, files) => {
    const at = (name: string) => ({ path: `${root}/${name}`, inode: undefined })
    const directories: Directories = {
      memory: at('m'),
      cpu: at('c'),
      cpuacct: at('c'),
      pids: at('p'),
      blkio: at('b'),
      unified: at('u'),
    }
    return new V1Files(share(files), directories)
  })

const V2: Tree = {
  'proc/1/net/dev': 'a\nb\n',
  'proc/7/net/dev': NET,
  'g/cgroup.procs': '7\n',
  'g/cgroup.stat': 'nr_descendants 2\nnr_dying_descendants 5\n',
  'g/memory.current': '100\n',
  'g/memory.swap.current': '7\n',
  'g/memory.max': '1000\n',
  'g/memory.low': '0\n',
  'g/memory.min': '64\n',
  'g/memory.peak': '800\n',
  'g/memory.stat': 'anon 40\nfile 50\ninactive_file 30\nworkingset_refault 4\npgfault 9\n',
  'g/memory.events': 'low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n',
  'g/cpu.stat':
    'usage_usec 1000000\nuser_usec 600000\nsystem_usec 400000\nnr_periods 9\nnr_throttled 4\nthrottled_usec 500000\nnr_bursts 2\nburst_usec 250000\n',
  'g/cpu.max': '50000 100000\n',
  'g/cpu.weight': '39\n',
  'g/io.stat': '254:0 rbytes=4096 wbytes=0 rios=1 wios=0\n',
  'g/pids.current': '2\n',
  'g/cpu.pressure': PSI(1),
  'g/memory.pressure': PSI(1),
  'g/io.pressure': PSI(1),
}

const v2 = (tree: Tree = V2) =>
  opened(tree, (root, files) => new V2Files(share(files), { path: `${root}/g`, inode: undefined }))

const without = (tree: Tree, ...paths: readonly string[]): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !paths.includes(path)))

describe('v1', () => {
  test('all that there is', () => {
    const one = v1()
    one.limits()
    expect(one.usage()).toEqual({
      cpu_usage_seconds: 1,
      cpu_user_seconds: 0.6,
      cpu_system_seconds: 0.4,
      cpu_quota: 50_000,
      cpu_period: 100_000,
      cpu_periods: 1,
      cpu_throttled_periods: 1,
      cpu_throttled_seconds: 0.5,
      memory_usage_bytes: 100,
      memory_working_set_bytes: 70,
      memory_rss_bytes: 40,
      memory_inactive_file_bytes: 30,
      memory_limit_bytes: 1000,
      memory_swap_limit_bytes: 1500,
      swap_limit_bytes: 500,
      memory_failcnt: 3,
      memory_max_usage_bytes: 900,
      memory_pgfault_container: 5,
      memory_pgfault_hierarchy: 9,
      oom_kills: 1,
      threads: 2,
      processes: 2,
      start_time_seconds: 1.5,
      creation_time_seconds: 1.5,
      pressure_cpu_waiting_seconds: 1e-6,
      pressure_cpu_stalled_seconds: 1e-6,
      pressure_memory_waiting_seconds: 1e-6,
      pressure_memory_stalled_seconds: 1e-6,
      pressure_io_waiting_seconds: 1e-6,
      pressure_io_stalled_seconds: 1e-6,
    })
    expect(one.more().map(([table, key]) => `${table} ${key}`)).toEqual([
      'container_disk 254:0',
      'container_blkio 254:0',
      'container_network eth0',
    ])
    expect(one.more()[0]![2]).toEqual({ read_bytes: 4096, written_bytes: 0, reads: 1, writes: 0 })
  })

  test('at most twelve reads, however much changes; the second figures take turns', () => {
    const one = v1()
    one.limits()
    one.usage()
    const turns: string[] = []
    for (let n = 2; n < 6; n += 1) {
      one.set({
        'c/cpuacct.usage': `${n}000000000\n`,
        'b/blkio.throttle.io_service_bytes': BLKIO(4096 * n),
        'u/cpu.pressure': PSI(n),
      })
      one.usage()
      expect(one.files.asked.length).toBeLessThanOrEqual(12)
      turns.push(...one.files.asked.filter((path) => /cpuacct.stat|io_serviced/.test(path)))
    }
    const names = turns.map((path) => path.replace(/.*\//, ''))
    expect(names).toHaveLength(4)
    expect(new Set(names).size).toBe(2)
    expect(names[0]).toBe(names[2])
    expect(names[1]).toBe(names[3])
  })

  test('the one whose turn it was not has it in the next pass, though nothing runs any more', () => {
    const one = v1()
    one.limits()
    one.usage()
    one.set({
      'c/cpuacct.usage': '2000000000\n',
      'c/cpuacct.stat': 'user 120\nsystem 80\n',
      'b/blkio.throttle.io_service_bytes': BLKIO(8192),
      'b/blkio.throttle.io_serviced': BLKIO(2),
    })
    one.usage()
    expect(one.usage()).toMatchObject({ cpu_user_seconds: 1.2 })
    expect(one.more()[0]![2]).toMatchObject({ reads: 2 })
    one.usage()
    expect(one.files.asked.filter((path) => /cpuacct.stat|io_serviced/.test(path))).toEqual([])
  })

  test('where other processes use its memory than its CPU, the CPU says nothing of them', () => {
    const one = v1({ ...V1, 'c/cgroup.procs': '' })
    const killed = { 'm/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 9\n' }
    one.limits()
    one.usage()
    one.usage()
    one.set(killed)
    expect(one.usage()).toMatchObject({ oom_kills: 9 })
    one.set({ ...killed, 'c/cgroup.procs': V1['m/cgroup.procs']! })
    one.limits()
    one.usage()
    one.usage()
    expect(one.files.asked.some((path) => path.endsWith('oom_control'))).toBe(false)
  })

  test('what has not changed does not have its second figures read', () => {
    const one = v1()
    one.limits()
    one.usage()
    one.usage()
    expect(one.files.asked.filter((path) => /cpuacct.stat|io_serviced/.test(path))).toEqual([])
  })

  test('a file that is not there leaves its columns absent', () => {
    const one = v1(without(V1, 'm/memory.oom_control', 'c/cpuacct.stat', 'p/pids.current'))
    one.limits()
    const figures = one.usage()
    for (const column of ['oom_kills', 'cpu_user_seconds', 'threads']) {
      expect(figures).not.toHaveProperty(column)
    }
  })

  describe('which of the disks files', () => {
    const f = (tree: Tree, want: number | undefined) => {
      const one = v1({ ...without(V1, 'b/blkio.throttle.io_service_bytes'), ...tree })
      one.limits()
      one.usage()
      const disk = one.more().find(([table]) => table === 'container_disk')
      expect(disk?.[2]['read_bytes']).toBe(want)
    }
    const BFQ = 'b/blkio.bfq.io_service_bytes_recursive'
    const CFQ = 'b/blkio.io_service_bytes_recursive'
    const THROTTLE = 'b/blkio.throttle.io_service_bytes_recursive'
    const PLAIN = 'b/blkio.throttle.io_service_bytes'
    test('BFQ before CFQ', () => f({ [BFQ]: BLKIO(1), [CFQ]: BLKIO(2), [PLAIN]: BLKIO(3) }, 1))
    test('CFQ where BFQ has none', () => f({ [BFQ]: 'Total 0\n', [CFQ]: BLKIO(2) }, 2))
    test('throttling of all below', () =>
      f({ [BFQ]: 'Total 0\n', [THROTTLE]: BLKIO(4), [PLAIN]: BLKIO(3) }, 4))
    test('throttling alone', () => f({ [PLAIN]: BLKIO(3) }, 3))
    test('none has any', () => f({ [BFQ]: 'Total 0\n', [PLAIN]: 'Total 0\n' }, undefined))
    test('the one that was first stays', () => {
      const one = v1({ ...V1, [BFQ]: 'Total 0\n' })
      one.limits()
      one.usage()
      one.set({ [BFQ]: BLKIO(1) })
      one.limits()
      one.usage()
      expect(one.more()[0]![2]['read_bytes']).toBe(4096)
    })
    test('as soon as one has figures', () => {
      const one = v1({ ...V1, [BFQ]: 'Total 0\n', [PLAIN]: 'Total 0\n' })
      one.limits()
      one.usage()
      expect(one.more().map(([table]) => table)).toEqual(['container_network'])
      one.set({ [BFQ]: BLKIO(9), [PLAIN]: BLKIO(8), 'm/memory.usage_in_bytes': '101\n' })
      one.usage()
      expect(one.more()[0]![2]['read_bytes']).toBe(9)
    })
  })
})

describe('v2', () => {
  test('all that there is', () => {
    const one = v2()
    one.limits()
    expect(one.usage()).toEqual({
      cpu_usage_seconds: 1,
      cpu_user_seconds: 0.6,
      cpu_system_seconds: 0.4,
      cpu_quota: 50_000,
      cpu_period: 100_000,
      cpu_periods: 9,
      cpu_throttled_periods: 4,
      cpu_throttled_seconds: 0.5,
      cpu_burst_periods: 2,
      cpu_burst_seconds: 0.25,
      cpu_weight: 39,
      cpu_shares: 1024,
      memory_usage_bytes: 100,
      memory_working_set_bytes: 70,
      memory_swap_bytes: 7,
      memory_rss_bytes: 40,
      memory_cache_bytes: 50,
      memory_inactive_file_bytes: 30,
      memory_workingset_refault_file: 4,
      memory_pgfault_container: 9,
      memory_pgfault_hierarchy: 9,
      memory_limit_bytes: 1000,
      memory_low_bytes: 0,
      memory_min_bytes: 64,
      memory_reservation_limit_bytes: 64,
      memory_max_usage_bytes: 800,
      memory_events_low: 1,
      memory_events_high: 2,
      memory_events_max: 3,
      memory_events_oom: 4,
      oom_kills: 5,
      memory_events_oom_group_kill: 6,
      threads: 2,
      processes: 1,
      start_time_seconds: 1.5,
      creation_time_seconds: 1.5,
      descendants_live: 2,
      descendants_dying: 5,
      pressure_cpu_waiting_seconds: 1e-6,
      pressure_cpu_stalled_seconds: 1e-6,
      pressure_memory_waiting_seconds: 1e-6,
      pressure_memory_stalled_seconds: 1e-6,
      pressure_io_waiting_seconds: 1e-6,
      pressure_io_stalled_seconds: 1e-6,
    })
    expect(one.more()[0]![2]).toMatchObject({ read_bytes: 4096, reads: 1 })
    one.usage()
    expect(one.files.asked.length).toBeLessThanOrEqual(12)
  })
  test('keys that a kernel lacks are absent, and none keeps the value of another file', () => {
    const one = v2()
    one.limits()
    one.usage()
    one.set({
      'g/memory.current': '101\n',
      'g/memory.stat': 'anon 41\n',
      'g/memory.events': 'oom_kill 7\n',
    })
    const figures = one.usage()
    expect(figures).toMatchObject({ memory_rss_bytes: 41, oom_kills: 7 })
    const gone = ['memory_cache_bytes', 'memory_events_max', 'memory_working_set_bytes']
    for (const column of gone) expect(figures).not.toHaveProperty(column)
  })
  test('without a quota throttling is absent', () => {
    const one = v2({ ...V2, 'g/cpu.max': 'max 100000\n' })
    one.limits()
    const figures = Object.keys(one.usage())
    expect(figures.filter((column) => /throttled|periods|burst/.test(column))).toEqual([])
    expect(figures).toContain('cpu_user_seconds')
  })
  test('weight and shares of an idle cgroup', () => {
    const one = v2({ ...V2, 'g/cpu.weight': '0\n', 'g/cpu.idle': '1\n' })
    expect(one.limits()).toMatchObject({ cpu_weight: 0, cpu_idle: 1 })
    expect(one.limits()).not.toHaveProperty('cpu_shares')
  })
  test('the reservation is what is in low, where something is', () =>
    expect(v2({ ...V2, 'g/memory.low': '99\n' }).limits()).toMatchObject({
      memory_reservation_limit_bytes: 99,
    }))
  test('a process that ended is followed by another of the same cgroup', () => {
    const one = v2()
    one.limits()
    one.usage()
    rmSync(`${one.root}/proc/7`, { recursive: true })
    one.set({ 'proc/9/net/dev': NET.replace('1 2', '5 6'), 'g/cgroup.procs': '9\n' })
    one.usage()
    expect(one.more().at(-1)![2]).toMatchObject({ receive_bytes: 5 })
  })
  test('a container that keeps its processes in parts is looked for there', () => {
    const one = v2({ ...V2, 'g/cgroup.procs': '', 'g/init/cgroup.procs': '7\n' })
    one.limits()
    one.usage()
    expect(one.more().at(-1)![0]).toBe('container_network')
  })
})

describe.each([
  ['v1', v1, 'm'],
  ['v2', v2, 'g'],
] as const)('%s: a list that somebody made long', (_, make, directory) => {
  const usageOf = (one: ReturnType<typeof make>) => {
    one.limits()
    return one.usage()
  }
  test('of processes is counted all the same', () => {
    const one = make()
    const count = limits.fileBytes.value / 8 + 2
    const pids = Array.from({ length: count }, (_, i) => `${i === 0 ? 7 : 1e6 + i}\n`)
    one.set({ [`${directory}/cgroup.procs`]: pids.join('') })
    expect(usageOf(one)).toMatchObject({ memory_usage_bytes: 100, processes: count })
    expect(one.more().at(-1)![0]).toBe('container_network')
    expect(one.cgroup.unread).toBeUndefined()
  })
  test('of interfaces costs the network alone, and is counted', () => {
    const one = make()
    usageOf(one)
    const more = one.more()
    const line = 'a: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n'
    one.set({ 'proc/7/net/dev': NET + line.repeat(limits.fileBytes.value / line.length) })
    expect(one.usage()).toMatchObject({ memory_usage_bytes: 100 })
    expect(one.more()).toEqual(more.slice(0, -1))
    expect(one.cgroup.unread).toBe('network')
    one.set({ 'proc/7/net/dev': NET })
    one.usage()
    expect(one.more()).toEqual(more)
    expect(one.cgroup.unread).toBeUndefined()
  })
  test('of processes that are each to be looked into is left out, and counted', () => {
    const one = opened(make === v1 ? V1 : V2, (root, files) => {
      const shared = share(files, { 'collector.cgroup.processes': true })
      const at = { path: `${root}/${directory}`, inode: undefined }
      return make === v1 ? new V1Files(shared, { memory: at }) : new V2Files(shared, at)
    })
    const most = limits.containerDescriptors.value
    one.set({ [`${directory}/cgroup.procs`]: '7\n'.repeat(most) })
    expect(one.limits()).toMatchObject({ processes: most, file_descriptors: 0 })
    expect(one.cgroup.unread).toBe(undefined)
    one.set({ [`${directory}/cgroup.procs`]: '7\n'.repeat(most + 1) })
    expect(one.limits()).toMatchObject({ processes: most + 1 })
    expect(one.limits()).not.toHaveProperty('file_descriptors')
    expect(one.cgroup.unread).toBe('containerDescriptors')
  })
})

describe.each([
  ['v1', v1, 'm/memory.usage_in_bytes', 'c/cpuacct.usage'],
  ['v2', v2, 'g/memory.current', 'g/cpu.stat'],
] as const)('the last reading of %s', (_, make, memory, cpu) => {
  test('reads all at once, limits and peaks too', () => {
    const one = make()
    one.limits()
    one.usage()
    one.set({ [memory]: '555\n' })
    const figures = one.final()
    expect(figures).toMatchObject({ memory_usage_bytes: 555, memory_limit_bytes: 1000 })
  })
  test('keeps its network, which went with its last process', () => {
    const one = make()
    one.limits()
    one.usage()
    one.set({ 'proc/7/net/dev': NET.replace('1 2', '5 6') })
    one.final()
    const read = one.more()
    expect(read.at(-1)).toMatchObject(['container_network', 'eth0', { receive_bytes: 5 }])
    rmSync(`${one.root}/proc/7`, { recursive: true })
    one.set({ [`${memory.slice(0, memory.indexOf('/'))}/cgroup.procs`]: '' })
    for (let times = 0; times < 2; times += 1) {
      one.final()
      expect(one.more()).toEqual(read)
    }
    // In a pass that comes before it is removed, there is none.
    one.usage()
    expect(one.more().map(([table]) => table)).not.toContain('container_network')
  })
  test('leaves what can no longer be read as it was', () => {
    const one = make()
    one.limits()
    const before = one.usage()
    for (const path of [memory, cpu]) rmSync(`${one.root}/${path}`)
    one.cgroup.close()
    expect(one.final()).toEqual(before)
  })
  test('takes nothing of another cgroup that has the name now', () => {
    const one = make()
    one.limits()
    const before = one.usage()
    const directory = memory.slice(0, memory.indexOf('/'))
    renameSync(`${one.root}/${directory}`, `${one.root}/before`)
    mkdirSync(`${one.root}/${directory}`)
    one.set({ [memory]: '1\n', [`${directory}/memory.max`]: '5\n' })
    one.cgroup.close()
    expect(one.final()).toEqual(before)
    expect(() => one.usage()).toThrow(CgroupGone)
  })
  test('a malformed file costs its own columns alone', () => {
    const one = make()
    one.limits()
    one.usage()
    writeFileSync(`${one.root}/${cpu}`, 'x\n')
    one.set({ [memory]: '555\n' })
    expect(one.final()).toMatchObject({ memory_usage_bytes: 555 })
  })
})

const V1_OTHERS = ['p/pids.current', 'm/memory.stat', 'total_dirty'] as const
const V2_OTHERS = ['g/pids.current', 'g/memory.stat', 'file_dirty'] as const

describe.each([
  [
    'v1',
    v1,
    'c/cpuacct.usage',
    '2000000000\n',
    'm/memory.usage_in_bytes',
    'm/memory.oom_control',
    'oom_kill_disable 0\nunder_oom 0\noom_kill 9\n',
  ],
  [
    'v2',
    v2,
    'g/cpu.stat',
    'usage_usec 2000000\n',
    'g/memory.current',
    'g/memory.events',
    'oom_kill 9\n',
  ],
] as const)('%s: nothing ran', (_, make, cpu, cpuText, memory, events, eventsText) => {
  const still = () => {
    const one = make()
    one.limits()
    one.usage()
    one.usage()
    one.set({ [events]: eventsText })
    return one
  }
  const asks = (one: ReturnType<typeof make>, path: string) =>
    one.files.asked.includes(`${one.root}/${path}`)

  test('then what only running changes is not read', () => {
    const one = still()
    expect(one.usage()['oom_kills']).not.toBe(9)
    expect([cpu, memory].map((path) => asks(one, path))).toEqual([true, true])
    expect(asks(one, events)).toBe(false)
  })
  test('but after CPU was used', () => {
    const one = still()
    one.set({ [cpu]: cpuText })
    expect(one.usage()['oom_kills']).toBe(9)
  })
  test('or memory is another', () => {
    const one = still()
    one.set({ [memory]: '101\n' })
    expect(one.usage()['oom_kills']).toBe(9)
  })
  test('or a minute later, with the limits', () => {
    const one = still()
    one.limits()
    expect(one.usage()['oom_kills']).toBe(9)
  })
  const [pids, stat, dirty] = make === v1 ? V1_OTHERS : V2_OTHERS
  test('processes that others move or reap are counted all the same', () => {
    const one = still()
    one.set({ [pids]: '7\n' })
    expect(one.usage()).toMatchObject({ threads: 7 })
    expect(asks(one, events)).toBe(false)
  })
  test('what is dirty is looked at until it is written', () => {
    const one = make()
    one.set({ [stat]: `${dirty} 100\n` })
    one.limits()
    one.usage()
    for (const bytes of [60, 0]) {
      one.set({ [stat]: `${dirty} ${bytes}\n` })
      expect(one.usage()).toMatchObject({ memory_file_dirty_bytes: bytes })
    }
    one.usage()
    expect(asks(one, stat)).toBe(false)
  })
  test('and at the end', () => {
    expect(still().final()['oom_kills']).toBe(9)
  })
})
