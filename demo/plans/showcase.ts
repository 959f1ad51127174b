/**
 * A small cell in which things are wrong that rules can see, beside others that are as they should be.
 * A workload that is wrong says in its comment what is found about it.
 */
import {
  DAY_MS,
  GIB,
  MIB,
  MINUTE_MS,
  type Plan,
  SECOND_MS,
  type Shape,
  type Workload,
} from '../plan.ts'
import { CPUS, goProcess, jvm } from './processes.ts'

type About = Pick<Workload, 'namespace' | 'name' | 'cores' | 'memoryBytes'> & Partial<Workload>

const workload = (about: About): Workload => ({
  image: `registry.example/${about.namespace}/${about.name}:2.4.1`,
  cpuLimitCores: 1,
  memoryLimitBytes: GIB,
  threads: 20,
  lifeMs: 30 * DAY_MS,
  pauseMs: 20 * SECOND_MS,
  ...about,
})

/** As it should be: a heap that leaves room, as many CPUs as the quota has. */
const cart = workload({
  namespace: 'shop',
  name: 'cart',
  cores: 0.5,
  memoryBytes: 1.1 * GIB,
  cpuLimitCores: 2,
  memoryLimitBytes: 2 * GIB,
  threads: 58,
  process: jvm({
    main: 'shop.cart.Main',
    flags: '-Xmx1200m -XX:ActiveProcessorCount=2 -XX:+UseG1GC',
    cpus: 2,
    compilerThreads: 3,
    gcThreads: 2,
    heapMaxBytes: 1_200 * MIB,
    heapUsedBytes: 700 * MIB,
    rssBytes: 1_080 * MIB,
    threads: 36,
    cores: 0.5,
  }),
})

/** jvm.heap-exceeds-limit: it believes in 6 GiB, and the kernel grants 4. */
const checkout = workload({
  namespace: 'shop',
  name: 'checkout',
  cores: 1.1,
  memoryBytes: 3.2 * GIB,
  cpuLimitCores: 4,
  memoryLimitBytes: 4 * GIB,
  threads: 140,
  process: jvm({
    main: 'shop.checkout.Main',
    flags: '-Xmx6g -XX:ActiveProcessorCount=4 -XX:+UseG1GC',
    cpus: 4,
    compilerThreads: 3,
    gcThreads: 4,
    heapMaxBytes: 6 * GIB,
    heapUsedBytes: 2.2 * GIB,
    rssBytes: 3 * GIB,
    threads: 118,
    cores: 1.1,
  }),
})

/** jvm.cpu-count-exceeds-quota and generic.throttled-though-idle: threads for 16 CPUs, a quota of 2. */
const search = workload({
  namespace: 'shop',
  name: 'search',
  cores: 0.6,
  memoryBytes: 1.6 * GIB,
  cpuLimitCores: 2,
  memoryLimitBytes: 3 * GIB,
  threads: 96,
  throttledShare: 0.34,
  process: jvm({
    main: 'shop.search.Main',
    flags: '-Xmx1500m -XX:ActiveProcessorCount=16 -XX:+UseG1GC',
    cpus: 16,
    compilerThreads: 12,
    gcThreads: 13,
    heapMaxBytes: 1_500 * MIB,
    heapUsedBytes: 900 * MIB,
    rssBytes: 1.5 * GIB,
    threads: 74,
    cores: 0.6,
    gcShare: 0.07,
  }),
})

/** go.gomaxprocs-exceeds-quota: built before Go looked at quotas. */
const router = workload({
  namespace: 'edge',
  name: 'router',
  cores: 0.7,
  memoryBytes: 300 * MIB,
  cpuLimitCores: 2,
  throttledShare: 0.12,
  threads: 18,
  process: goProcess('router', '1.22.4', 'GOMEMLIMIT=700MiB', { rss_anon_bytes: 280 * MIB }, 0.7, {
    believed_memory_bytes: 700 * MIB,
  }),
})

/** go.gomemlimit: its goal is above what the kernel grants. */
const thumbs = workload({
  namespace: 'edge',
  name: 'thumbs',
  cores: 0.4,
  memoryBytes: 600 * MIB,
  cpuLimitCores: 2,
  threads: 14,
  process: goProcess(
    'thumbs',
    '1.26.1',
    'GOMAXPROCS=2\nGOMEMLIMIT=2GiB',
    { rss_anon_bytes: 560 * MIB },
    0.4,
    { believed_memory_bytes: 2 * GIB },
  ),
})

/** node.heap-exceeds-limit: told to take 4 GiB of 2. */
const pages = workload({
  namespace: 'web',
  name: 'pages',
  cores: 0.3,
  memoryBytes: 900 * MIB,
  memoryLimitBytes: 2 * GIB,
  threads: 12,
  process: {
    kind: 'nodejs',
    attributes: {
      'process.runtime.version': '24.4.0',
      'candor.runtime.name': 'server.js',
      'candor.runtime.environment': 'NODE_OPTIONS=--max-old-space-size=4096',
      'candor.runtime.arguments': '',
    },
    constants: { affinity_cpus: CPUS, os_threads: 11, swap_bytes: 0, rss_shmem_bytes: 0 },
    gauges: { rss_anon_bytes: 850 * MIB },
    counters: { process_cpu_seconds: 0.3 },
  },
})

/** python.workers-exceed-quota: as many as gunicorn advises for the CPUs of the machine; a quota of 2. */
const reports = workload({
  namespace: 'data',
  name: 'reports',
  cores: 0.8,
  memoryBytes: 2.4 * GIB,
  cpuLimitCores: 2,
  memoryLimitBytes: 4 * GIB,
  threads: 66,
  throttledShare: 0.28,
  process: {
    kind: 'python',
    attributes: {
      'process.runtime.version': '3.12.3',
      'candor.runtime.name': 'gunicorn',
      'candor.runtime.environment': 'OMP_NUM_THREADS=1',
      'candor.runtime.arguments': '',
    },
    constants: {
      affinity_cpus: CPUS,
      os_threads: 1,
      workers: 2 * CPUS + 2,
      swap_bytes: 0,
      rss_shmem_bytes: 0,
    },
    gauges: { rss_anon_bytes: 40 * MIB },
    counters: { process_cpu_seconds: 0.01 },
  },
})

const mail = workload({ namespace: 'post', name: 'mail', cores: 0.05, memoryBytes: 180 * MIB })
const proxy = workload({
  namespace: 'edge',
  name: 'proxy',
  cores: 0.6,
  memoryBytes: 240 * MIB,
  cpuLimitCores: 2,
})
/** It ends after a minute or two, and is started again. */
const importer = workload({
  namespace: 'data',
  name: 'import',
  cores: 0.3,
  memoryBytes: 300 * MIB,
  lifeMs: 4 * MINUTE_MS,
  pauseMs: 90 * SECOND_MS,
})
/** Little CPU and much memory: fills the memory of a machine whose CPUs nobody can use then. */
const cache = workload({
  namespace: 'data',
  name: 'cache',
  cores: 0.2,
  memoryBytes: 9 * GIB,
  memoryLimitBytes: 12 * GIB,
})
/** Much CPU and little memory. */
const encode = workload({
  namespace: 'media',
  name: 'encode',
  cores: 2.4,
  memoryBytes: 1.2 * GIB,
  cpuLimitCores: 4,
  memoryLimitBytes: 2 * GIB,
})

const shape = (
  name: string,
  weight: number,
  memoryGib: number,
  holds: readonly (readonly [Workload, number])[],
): Shape => ({
  name,
  weight,
  cpus: CPUS,
  memoryBytes: memoryGib * GIB,
  kernel: '6.12.12-amd64',
  holds: holds.map(([each, count]) => ({ workload: each, count })),
})

export const showcase: Plan = {
  perCpu: true,
  // Who looks for a few minutes is to find what is here, not what was.
  restartsPerDay: 0,
  releaseMs: 7 * DAY_MS,
  rolloutMs: 2 * DAY_MS,
  shapes: [
    // Three of its CPUs are left, more than the two that a typical container asks for.
    shape('web', 12, 64, [
      [cart, 4],
      [mail, 3],
      [proxy, 1],
    ]),
    shape('shop', 2, 64, [
      [cart, 2],
      [checkout, 1],
      [search, 1],
      [mail, 2],
    ]),
    shape('edge', 2, 64, [
      [router, 1],
      [thumbs, 1],
      [pages, 1],
      [proxy, 3],
    ]),
    shape('data', 1, 64, [
      [reports, 1],
      [importer, 2],
      [mail, 2],
    ]),
    // strand.cpu: all of the memory is granted, and five of the CPUs.
    shape('cache', 1, 60.5, [[cache, 5]]),
    // strand.mem: all CPUs are granted, and an eighth of the memory.
    shape('media', 1, 64, [[encode, 4]]),
  ],
}
