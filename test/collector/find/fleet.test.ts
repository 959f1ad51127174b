import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fleetStore, readFleet } from '../../../collector/find/fleet.ts'
import { LongRuns } from '../../../collector/find/long-runs.ts'
import type { Grown } from '../../../judge/fleet.ts'
import type { LongRun } from '../../../judge/profile.ts'
import { container, FleetRows, idOf, jvm, machine, type Values } from './fleet-rows.ts'
import { type OpenedStore, openedStore } from './opened-store.ts'

const MIB = 2 ** 20
const NOW = Date.UTC(2026, 10, 1, 12)
const STEP = 10_000

let opened: OpenedStore
beforeAll(async () => {
  opened = await openedStore()
})
afterAll(() => opened[Symbol.asyncDispose]())

const web = machine('web-1')
const shop = container('web-1', '/pod/shop')
const pod = container('web-1', '/pod', { 'candor.cgroup.level': 'group' })
const app = jvm('web-1', 77, '/pod/shop')

/** Values of the runtime and of the two cgroups at each of the last steps, the newest last. */
interface Step {
  readonly runtime?: Values
  readonly shop?: Values
  readonly pod?: Values
}

async function read(tenant: string, steps: readonly Step[], stepMs = STEP) {
  const rows = new FleetRows(tenant)
  for (const [i, step] of steps.entries()) {
    const timeMs = NOW - (steps.length - 1 - i) * stepMs
    rows.add('machine', web, timeMs, { cpu_cores: 8, memory_swap_total_bytes: 0 })
    if (step.runtime) rows.add('runtime', app, timeMs, step.runtime)
    if (step.shop) rows.add('container', shop, timeMs, step.shop)
    if (step.pod) rows.add('container', pod, timeMs, step.pod)
  }
  await opened.store.insertRows(rows.batch)
  const { store } = opened
  const { fleet } = await readFleet(fleetStore(store, tenant), NOW)
  return { ...fleet, runtime: fleet.runtimes[0]! }
}

test('figures of the newest row; what it lacks is absent, whatever was before', async () => {
  const { machines, runtime, containers } = await read('newest', [
    {
      runtime: { heap_max_bytes: 100, os_threads: 40 },
      shop: { memory_high_bytes: 5, memory_rss_bytes: 7 },
    },
    {
      runtime: { heap_max_bytes: 200, believed_cpus: 4 },
      shop: { memory_rss_bytes: 8, cpu_weight: 100, threads: 12 },
    },
  ])
  expect(runtime.entity).toBe(String(idOf(app)))
  expect(runtime.newest).toMatchObject({ heapMaxBytes: 200, believedCpus: 4, osThreads: null })
  expect(machines[0]).toMatchObject({ cpuCores: 8, memoryBytes: null, swapBytes: 0 })
  expect(containers).toHaveLength(1)
  expect(containers[0]!.newest).toMatchObject({
    cpuWeight: 100,
    threadsInCgroup: 12,
    memoryHighBytes: null,
  })
  expect(containers[0]!.memory).toMatchObject({ anonBytes: 8, usageBytes: null })
})

test('CPUs that a hypervisor kept from a machine with runtimes, in the last ten minutes', async () => {
  const stolenOf = async (tenant: string, steal: readonly (number | undefined)[], runs = true) => {
    const rows = new FleetRows(tenant)
    for (const [i, seconds] of steal.entries()) {
      const timeMs = NOW - (steal.length - 1 - i) * STEP
      rows.add('machine', web, timeMs, { cpu_cores: 2 })
      if (runs) rows.add('runtime', app, timeMs, { os_threads: 1 })
      for (const cpu of ['0', '1'])
        rows.add(
          'machine_cpu',
          web,
          timeMs,
          { user_seconds: 7, ...(seconds !== undefined && { steal_seconds: seconds }) },
          [cpu],
        )
    }
    await opened.store.insertRows(rows.batch)
    const { store } = opened
    const { fleet } = await readFleet(fleetStore(store, tenant), NOW)
    return fleet.machines[0]?.stolenCores
  }
  expect(await stolenOf('steal', [100, 101, 106])).toBeCloseTo(0.6)
  expect(await stolenOf('no steal', [100, 100])).toBe(0)
  expect(await stolenOf('steal began anew', [100, 3])).toBeNull()
  expect(await stolenOf('steal unknown', [undefined, undefined])).toBeUndefined()
  expect(await stolenOf('no runtime', [100, 106], false)).toBeUndefined()
})

describe('growth', () => {
  const f = async (name: string, steps: readonly Step[], want: object | undefined) => {
    const { runtime } = await read(`growth ${name}`, steps)
    if (want === undefined) expect(runtime).not.toHaveProperty('grown')
    else expect(runtime.grown).toMatchObject(want)
  }
  const cpu = (...values: readonly (number | undefined)[]): Step[] =>
    values.map((value) => ({
      runtime: { os_threads: 1, ...(value !== undefined && { process_cpu_seconds: value }) },
    }))
  const figures = (cpuSeconds: number | null) => ({ figures: { cpuSeconds } })

  test('last less first', () => f('1', cpu(5, 6, 9), { seconds: 20, ...figures(4) }))
  test('of one sample there is none', () => f('2', cpu(5), undefined))
  test('a counter that rests grew by 0', () => f('3', cpu(5, 5, 5), figures(0)))
  test('one that began anew is absent', () => f('4', cpu(5, 1, 2), figures(null)))
  test('and also when it has passed where it was', () => f('5', cpu(5, 1, 9), figures(null)))
  test('one that was never told is absent', () => f('6', cpu(undefined, undefined), figures(null)))
  test('one that was told now and then covers most of the time', () =>
    f('7', cpu(5, undefined, 6, undefined, undefined, 9), figures(4)))
  test('or is absent', () => f('8', cpu(undefined, undefined, undefined, 5, 6, 9), figures(null)))

  test('of its cgroup and those above, in the time in which it reported', async () => {
    const cgroup = (cpu_periods: number, more: Values = {}) => ({ cpu_periods, ...more })
    await f(
      'cgroups',
      [
        { shop: cgroup(100, { oom_kills: 3 }), pod: cgroup(1_000) },
        { runtime: { os_threads: 1 }, shop: cgroup(200, { oom_kills: 4 }), pod: cgroup(2_000) },
        { runtime: { os_threads: 1 }, shop: cgroup(250, { oom_kills: 4 }), pod: cgroup(5_000) },
      ],
      {
        seconds: 10,
        cgroups: {
          '/pod/shop': { periods: 50, oomKills: 0, memorySomeSeconds: null },
          '/pod': { periods: 3_000, oomKills: null },
        },
      } satisfies { seconds: number; cgroups: Record<string, Partial<Grown['cgroups'][string]>> },
    )
  })
})

test('a day: percentiles and slopes, with what is beside the heap at the same instant', async () => {
  const MINUTE = 60_000
  const hours = (i: number) => (i * MINUTE) / 3_600_000
  const steps = Array.from({ length: 121 }, (_, i): Step => ({
    runtime: {
      heap_committed_bytes: 100 * MIB,
      metaspace_committed_bytes: 50 * MIB + 12 * MIB * hours(i),
      classes: 9_000,
      rss_anon_bytes: i === 60 ? 400 * MIB : 200 * MIB,
    },
    shop: { memory_rss_bytes: 150 * MIB + 20 * MIB * hours(i), memory_shmem_bytes: 10 * MIB },
  }))
  const { runtime } = await read('day', steps, MINUTE)
  const longRun = runtime.longRun as Required<LongRun>
  expect(longRun).not.toHaveProperty('heapLiveP99Bytes')
  expect(longRun.seconds).toBe(7_200)
  expect(longRun.slopeSeconds).toBe(7_200)
  const f = (figure: keyof LongRun, mebibytes: number, digits = 0) =>
    expect(longRun[figure] / MIB).toBeCloseTo(mebibytes, digits)
  f('heapCommittedP99Bytes', 100)
  f('rssAnonP99Bytes', 200)
  f('anonShmemP99Bytes', 200, -1)
  f('nonHeapP99Bytes', 100, -1)
  f('metaspaceBytesPerHour', 12, 3)
  f('nonHeapBytesPerHour', 20, 3)
  expect(longRun.classesPerHour).toBeCloseTo(0)
})

test('a day is asked for again after ten minutes', async () => {
  let asked = 0
  const store = {
    query: async <T>() => {
      asked += 1
      return [] as T[]
    },
  }
  const longRuns = new LongRuns(store, '')
  const f = async (nowMs: number, want: number) => {
    await longRuns.read(nowMs)
    expect(asked).toBe(want)
  }
  await f(NOW, 1)
  await f(NOW + 599_999, 1)
  await f(NOW + 600_000, 2)
  // A clock that was set back.
  await f(NOW, 3)
})

test('what the newest pass of a machine could not read, and nothing of before', async () => {
  const tenant = 'unread'
  const rows = new FleetRows(tenant)
  const add = (timeMs: number, kind: string, reason: string, entities: number) =>
    rows.add('machine_unread', web, timeMs, { entities }, [kind, reason])
  for (const timeMs of [NOW - STEP, NOW]) {
    rows.add('machine', web, timeMs, { cpu_cores: 8 })
    add(timeMs, 'runtime', 'maps', timeMs === NOW ? 2 : 5)
    add(timeMs, 'container', 'name', 3)
  }
  add(NOW - STEP, 'runtime', 'counters', 4)
  await opened.store.insertRows(rows.batch)
  const { store } = opened
  const { fleet } = await readFleet(fleetStore(store, tenant), NOW)
  expect(fleet.unread).toEqual([{ entity: String(idOf(web)), reason: 'maps', count: 2 }])
})

test('what a day tells may fail without the rest', async () => {
  const failures: unknown[] = []
  const broken = { query: () => Promise.reject(new Error('took too long')) }
  const longRuns = new LongRuns(broken, '', (error) => failures.push(error))
  expect(await longRuns.read(NOW)).toEqual(new Map())
  expect(failures).toEqual([new Error('took too long')])
  await expect(new LongRuns(broken, '').read(NOW)).rejects.toThrow('took too long')
})
