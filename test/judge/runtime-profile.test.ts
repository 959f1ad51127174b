import { describe, expect, test } from 'vitest'
import type { ContainerFigures, Grown, RuntimeFigures } from '../../judge/fleet.ts'
import { known } from '../../judge/known.ts'
import type { CgroupMemory, RuntimeProfile } from '../../judge/profile.ts'
import {
  containerGrowth,
  containerMemory,
  containerNewest,
  figuresBy,
  runtimeGrowth,
  runtimeNewest,
} from '../../judge/runtime-columns.ts'
import { kindOf } from '../../judge/runtime-attributes.ts'
import { runtimeProfile, withNeighbours } from '../../judge/runtime-profile.ts'
import { cgroup, machine, none, numbered, runtime } from './figures.ts'

function profile(
  figures: RuntimeFigures,
  containers: readonly ContainerFigures[] = [],
  others: readonly RuntimeFigures[] = [],
): RuntimeProfile {
  const living = new Map(containers.map((each) => [each.path, each]))
  const [own, ...neighbours] = [figures, ...others].map((each) =>
    runtimeProfile(kindOf(each.attributes['process.runtime.name'])!, each, { machine, living }),
  )
  return withNeighbours(own!, [own!, ...neighbours])
}

test('every figure and attribute has its place', () => {
  const full = runtime(
    7,
    'jvm',
    { newest: figuresBy(runtimeNewest, numbered(runtimeNewest)), longRun: { seconds: 3600 } },
    {
      'process.runtime.version': '21.0.5',
      'process.runtime.description': 'OpenJDK',
      'candor.runtime.name': 'shop.jar',
      'candor.jvm.main': 'shop.Main',
      'container.name': 'shop',
      'candor.runtime.believed.cpus.source': 'strong sun.ci.threads',
      'candor.runtime.believed.memory.source': 'exact hsperfdata',
      'candor.runtime.environment': 'MALLOC_ARENA_MAX=2',
      'candor.runtime.arguments': '--workers=4',
      'candor.runtime.build': 'mod=x',
      'candor.runtime.pool': 'http-nio-exec',
      'candor.runtime.allocator': 'jemalloc',
      'candor.runtime.sees.cgroups': 'false',
      'candor.runtime.first.memory.limit': '100',
      'candor.runtime.first.cpu.limit': 'none',
      'candor.runtime.first.seen': 'start',
      'candor.jvm.collector': 'G1',
      'candor.jvm.flags': '-Xmx1g -Xss1m',
      'candor.jvm.flags.final': 'UseG1GC=true ergonomic',
      'candor.jvm.capabilities': '/sys/fs/cgroup/cgroup.controllers',
      'candor.jvm.counters.filesystem': 'ext4',
    },
  )
  const app = cgroup('/pod/app', {
    ownCpuCores: 2,
    cpuLimitCores: 2,
    ownMemoryBytes: 500,
    memoryLimitBytes: 400,
    memoryLimitCgroup: '/pod',
    newest: figuresBy(containerNewest, numbered(containerNewest)),
    memory: figuresBy(containerMemory, numbered(containerMemory)),
  })
  const column = numbered(runtimeNewest)
  const set = numbered(containerNewest)
  expect(profile(full, [app])).toEqual({
    kind: 'runtime',
    runtime: 'jvm',
    entity: {
      'host.id': 'a',
      'process.pid': '7',
      'process.creation.time': '2026-11-01T11:59:00Z',
    },
    name: 'pid 7 (shop.jar) in shop',
    machine: 'web-1',
    version: '21.0.5',
    description: 'OpenJDK',
    ageSeconds: 60,
    osThreads: column('os_threads'),
    rssAnonBytes: column('rss_anon_bytes'),
    rssFileBytes: column('rss_file_bytes'),
    rssShmemBytes: column('rss_shmem_bytes'),
    swapBytes: column('swap_bytes'),
    affinityCpus: column('affinity_cpus'),
    believedCpus: {
      value: column('believed_cpus'),
      confidence: 'strong',
      source: 'sun.ci.threads',
    },
    believedMemory: {
      value: column('believed_memory_bytes'),
      confidence: 'exact',
      source: 'hsperfdata',
    },
    environment: { MALLOC_ARENA_MAX: '2' },
    arguments: ['--workers=4'],
    build: { mod: 'x' },
    workers: column('workers'),
    pool: { name: 'http-nio-exec', threads: column('pool_threads') },
    mallocArenas: column('malloc_arenas'),
    otherAllocator: 'jemalloc',
    seesCgroups: false,
    collector: 'G1',
    main: 'shop.Main',
    heapMaxBytes: column('heap_max_bytes'),
    heapCommittedBytes: column('heap_committed_bytes'),
    heapUsedBytes: column('heap_used_bytes'),
    heapLiveBytes: column('heap_live_bytes'),
    metaspaceCommittedBytes: column('metaspace_committed_bytes'),
    classes: column('classes'),
    codeResidentBytes: column('code_resident_bytes'),
    gcThreads: column('gc_threads'),
    compilerThreads: column('compiler_threads'),
    flags: ['-Xmx1g', '-Xss1m'],
    finalFlags: { UseG1GC: { value: 'true', origin: 'ergonomic' } },
    capabilities: ['/sys/fs/cgroup/cgroup.controllers'],
    countersFileSystem: 'ext4',
    cgroup: '/pod/app',
    memoryLimitBytes: 400,
    memoryLimitCgroup: '/pod',
    ownMemoryLimitBytes: 500,
    memoryHighBytes: set('memory_high_bytes'),
    memoryHighCgroup: '/pod/app',
    swapLimitBytes: set('swap_limit_bytes'),
    cpuLimitCores: 2,
    ownCpuLimitCores: 2,
    cpuShares: set('cpu_shares'),
    cpuWeight: set('cpu_weight'),
    threadsInCgroup: set('threads'),
    threadsLimit: set('threads_limit_effective'),
    memoryRequestBytes: set('memory_reservation_limit_bytes'),
    first: { memoryLimitBytes: 100, fromStart: true },
    cgroupMemory: known<CgroupMemory>({
      ...figuresBy(containerMemory, numbered(containerMemory)),
    }),
    machineMemoryBytes: 1e10,
    machineSwapBytes: 0,
    machineCpus: 8,
    machineCgroups: 'v2',
    machineControllers: ['cpu', 'memory'],
    kernel: '6.12.1',
    longRun: { seconds: 3600 },
    jvmsInCgroup: 1,
  } satisfies RuntimeProfile)
})

test('what was not told is absent, not 0 and not empty', () => {
  expect(profile(runtime(7, 'go'), [cgroup('/pod/app')])).toEqual({
    kind: 'runtime',
    runtime: 'go',
    entity: {
      'host.id': 'a',
      'process.pid': '7',
      'process.creation.time': '2026-11-01T11:59:00Z',
    },
    name: 'pid 7',
    machine: 'web-1',
    ageSeconds: 60,
    cgroup: '/pod/app',
    memoryLimitCgroup: '/pod/app',
    cgroupMemory: {},
    machineMemoryBytes: 1e10,
    machineSwapBytes: 0,
    machineCpus: 8,
    machineCgroups: 'v2',
    machineControllers: ['cpu', 'memory'],
    kernel: '6.12.1',
    jvmsInCgroup: 0,
  })
})

test('memory.high and the limit of swap are the tightest of the line', () => {
  const set = (path: string, memoryHighBytes: number | null, swapLimitBytes: number | null) =>
    cgroup(path, {
      newest: { ...figuresBy(containerNewest, none), memoryHighBytes, swapLimitBytes },
    })
  const f = (line: readonly ContainerFigures[], high?: number, swap?: number, path?: string) => {
    const { memoryHighBytes, memoryHighCgroup, swapLimitBytes } = profile(runtime(7, 'jvm'), line)
    expect([memoryHighBytes, swapLimitBytes, memoryHighCgroup]).toEqual([high, swap, path])
  }
  f([set('/pod/app', null, null), set('/pod', null, null)])
  f([set('/pod/app', 9, 4), set('/pod', 7, 0)], 7, 0, '/pod')
  f([set('/pod/app', 7, 4), set('/pod', 7, 0)], 7, 0, '/pod/app')
  f([set('/pod/app', null, 4), set('/pod', 7, null), set('/other', 1, 1)], 7, 4, '/pod')
})

describe('what moves', () => {
  const grown = (cgroups: Grown['cgroups'], seconds = 60): Partial<RuntimeFigures> => ({
    grown: { seconds, figures: figuresBy(runtimeGrowth, numbered(runtimeGrowth)), cgroups },
  })
  const counted = (from: number) =>
    figuresBy(containerGrowth, (column) => from + numbered(containerGrowth)(column))
  const limited = (path: string, own: number | null, effective: number | null) =>
    cgroup(path, { ownCpuCores: own, cpuLimitCores: effective })

  test('its own and that of its cgroup', () => {
    const { recent } = profile(runtime(7, 'jvm', grown({ '/pod/app': counted(100) })), [
      limited('/pod/app', 2, 2),
    ])
    expect(recent).toEqual({
      seconds: 60,
      cpuSeconds: 1,
      gcCpuSeconds: 2,
      jitCpuSeconds: 4,
      stopSeconds: 5,
      safepointSeconds: 6,
      safepoints: 7,
      fullCollections: 8,
      allocationStalls: 9,
      explicitCollections: 10,
      ...counted(100),
    })
  })

  test('throttling is that of the cgroup whose quota is the tightest', () => {
    const f = (line: readonly ContainerFigures[], periods: number | undefined) => {
      const cgroups = { '/pod/app': counted(100), '/pod': counted(200) }
      const { recent } = profile(runtime(7, 'jvm', grown(cgroups)), line)
      expect(recent!.periods).toBe(periods)
      expect(recent!.cgroupCpuSeconds).toBe(104)
    }
    f([limited('/pod/app', 2, 2), limited('/pod', 4, 4)], 101)
    f([limited('/pod/app', null, 4), limited('/pod', 4, 4)], 201)
    f([limited('/pod/app', 8, 4), limited('/pod', 4, 4)], 201)
    f([limited('/pod/app', null, null), limited('/pod', null, null)], 101)
  })

  test('the collector by its own count where its threads were not seen', () => {
    const figures = { ...figuresBy(runtimeGrowth, none), gcCpuReportedSeconds: 3 }
    const seen = { grown: { seconds: 60, figures, cgroups: {} } }
    expect(profile(runtime(7, 'jvm', seen)).recent).toEqual({ seconds: 60, gcCpuSeconds: 3 })
  })

  test('in no time nothing grows', () =>
    expect(profile(runtime(7, 'jvm', grown({}, 0)))).not.toHaveProperty('recent'))
})

test('neighbours take of the same limit', () => {
  const heap = (heapMaxBytes: number) => ({
    newest: { ...figuresBy(runtimeNewest, none), heapMaxBytes, rssAnonBytes: 5 },
  })
  const others = [
    runtime(8, 'jvm', heap(300), { 'candor.jvm.main': 'b.Main' }),
    runtime(9, 'nodejs'),
  ]
  const seen = profile(runtime(7, 'jvm'), [], others)
  expect(seen.jvmsInCgroup).toBe(2)
  expect(seen.neighbours).toEqual([
    {
      pid: '8',
      runtime: 'jvm',
      name: 'pid 8 (b.Main)',
      believedMemoryBytes: 300,
      rssAnonBytes: 5,
      ageSeconds: 60,
    },
    { pid: '9', runtime: 'nodejs', name: 'pid 9', ageSeconds: 60 },
  ])
})
