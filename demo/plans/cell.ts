/** A cell as large ones are: 20 containers a machine with 30 figures each, all of them limited. */
import {
  DAY_MS,
  GIB,
  HOUR_MS,
  MIB,
  MINUTE_MS,
  type Plan,
  RESTARTS_PER_DAY,
  SECOND_MS,
  type Workload,
} from '../plan.ts'

const service = (
  namespace: string,
  name: string,
  cores: number,
  memoryBytes: number,
  more: Partial<Workload> = {},
): Workload => ({
  namespace,
  name,
  image: `registry.example/${namespace}/${name}:1.${name.length}.0`,
  cpuLimitCores: Math.max(0.5, Math.ceil(4 * cores) / 2),
  memoryLimitBytes: 64 * MIB * Math.ceil((1.5 * memoryBytes) / (64 * MIB)),
  cores,
  memoryBytes,
  threads: 24,
  lifeMs: DAY_MS,
  pauseMs: 20 * SECOND_MS,
  ...more,
})

const cart = service('shop', 'cart', 0.4, 600 * MIB)
const search = service('shop', 'search', 1.2, 3 * GIB, { threads: 80 })
const prices = service('shop', 'prices', 0.3, 350 * MIB)
const mail = service('post', 'mail', 0.05, 120 * MIB, { lifeMs: 3 * DAY_MS })
const queue = service('post', 'queue', 0.6, 2 * GIB, { lifeMs: 7 * DAY_MS, threads: 40 })
const proxy = service('edge', 'proxy', 0.8, 200 * MIB, { threads: 9 })
const nightly = service('data', 'nightly', 0.9, GIB, {
  lifeMs: 20 * MINUTE_MS,
  pauseMs: 8 * MINUTE_MS,
})
const importer = service('data', 'import', 0.7, 700 * MIB, {
  lifeMs: 2 * HOUR_MS,
  pauseMs: 10 * MINUTE_MS,
})
/** It ends again and again, soon after its start. */
const broken = service('data', 'broken', 0.1, 80 * MIB, {
  lifeMs: 3 * MINUTE_MS,
  pauseMs: MINUTE_MS,
})

const kernel = '6.1.0-31-amd64'

export const cell: Plan = {
  perCpu: false,
  restartsPerDay: RESTARTS_PER_DAY,
  releaseMs: 14 * DAY_MS,
  rolloutMs: 12 * HOUR_MS,
  shapes: [
    {
      name: 'web',
      weight: 60,
      cpus: 32,
      memoryBytes: 64 * GIB,
      kernel,
      holds: [
        { workload: cart, count: 6 },
        { workload: prices, count: 6 },
        { workload: proxy, count: 4 },
        { workload: mail, count: 4 },
      ],
    },
    {
      name: 'search',
      weight: 25,
      cpus: 96,
      memoryBytes: 288 * GIB,
      kernel,
      holds: [
        { workload: search, count: 12 },
        { workload: queue, count: 4 },
        { workload: proxy, count: 4 },
      ],
    },
    {
      name: 'data',
      weight: 14,
      cpus: 64,
      memoryBytes: 128 * GIB,
      kernel: '5.15.0-130-generic',
      holds: [
        { workload: nightly, count: 8 },
        { workload: importer, count: 6 },
        { workload: queue, count: 6 },
      ],
    },
    {
      name: 'lab',
      weight: 1,
      cpus: 16,
      memoryBytes: 32 * GIB,
      kernel: '6.12.12-amd64',
      holds: [
        { workload: broken, count: 4 },
        { workload: mail, count: 16 },
      ],
    },
  ],
}
