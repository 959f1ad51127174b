import { afterAll, beforeAll, expect, test } from 'vitest'
import { Entities, type EntityRow } from '../../../collector/find/entities.ts'
import { container, FleetRows, idOf, jvm, machine } from './fleet-rows.ts'
import { type OpenedStore, openedStore } from './opened-store.ts'

const GIB = 2 ** 30
const NOW = Date.UTC(2026, 10, 1, 12)
const STEP = 10_000

let opened: OpenedStore
beforeAll(async () => {
  opened = await openedStore()
})
afterAll(() => opened[Symbol.asyncDispose]())

async function listed(tenant: string, fill: (rows: FleetRows) => void) {
  const rows = new FleetRows(tenant)
  fill(rows)
  await opened.store.insertRows(rows.batch)
  return new Entities({ store: opened.store, tenant }).list(NOW)
}
const named = (entities: readonly EntityRow[], name: string) =>
  entities.find((each) => each.name === name)
const times = (fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / STEP + 1 }, (_, i) => fromMs + i * STEP)

test('newest figures, rates over two minutes, limits that do not exist', async () => {
  const shop = container('web-1', '/docker/shop')
  const free = container('web-1', '/docker/free')
  const group = container('web-1', '/docker', { 'candor.cgroup.level': 'group' })
  const { totals, entities } = await listed('figures', (rows) => {
    for (const [i, timeMs] of times(NOW - 300_000, NOW).entries()) {
      rows.add('machine', machine('web-1'), timeMs, {
        cpu_cores: 8,
        memory_mem_total_bytes: 32 * GIB,
        memory_mem_available_bytes: 8 * GIB,
        load1: 1.5,
        uptime_seconds: i,
      })
      for (const cpu of ['0', '1']) {
        rows.add(
          'machine_cpu',
          machine('web-1'),
          timeMs,
          {
            user_seconds: i * 4,
            nice_seconds: 0,
            system_seconds: i,
            irq_seconds: 0,
            softirq_seconds: 0,
          },
          [cpu],
        )
      }
      rows.add('container', shop, timeMs, {
        cpu_usage_seconds: i * 15,
        cpu_periods: i * 100,
        cpu_throttled_periods: i * 20,
        cpu_limit_effective_cores: 2,
        memory_usage_bytes: GIB,
        memory_working_set_bytes: i * 1000,
        memory_limit_effective_bytes: GIB,
        oom_kills: 1,
      })
      // Without a quota: no periods. A counter that was set back has no rate.
      rows.add('container', free, timeMs, {
        cpu_usage_seconds: i < 25 ? i : 0,
        memory_working_set_bytes: 5,
      })
      rows.add('container', group, timeMs, { memory_usage_bytes: GIB })
      rows.add('runtime', jvm('web-1', 77, '/docker/shop'), timeMs, {
        heap_used_bytes: i,
        heap_max_bytes: GIB,
      })
    }
  })
  expect(totals).toEqual({ machine: 1, container: 2, runtime: 1 })
  expect(named(entities, 'web-1')).toEqual({
    kind: 'machine',
    id: String(idOf(machine('web-1'))),
    name: 'web-1',
    machine: 'web-1',
    lastSeenMs: NOW,
    state: 'reporting',
    kernel: '6.12.1',
    cgroups: 'v2',
    agent: '0.1.0',
    cpuCores: 8,
    cpuUsedCores: 1,
    memoryBytes: 32 * GIB,
    memoryUsedBytes: 24 * GIB,
    load1: 1.5,
    uptimeSeconds: 30,
  })
  expect(named(entities, 'shop')).toEqual({
    kind: 'container',
    id: String(idOf(shop)),
    name: 'shop',
    machine: 'web-1',
    path: '/docker/shop',
    runtime: 'docker',
    lastSeenMs: NOW,
    cpuUsedCores: 1.5,
    cpuLimitCores: 2,
    throttledRatio: 0.2,
    memoryWorkingSetBytes: 30_000,
    memoryLimitBytes: GIB,
    oomKills: 1,
  })
  expect(named(entities, 'free')).toEqual({
    kind: 'container',
    id: String(idOf(free)),
    name: 'free',
    machine: 'web-1',
    path: '/docker/free',
    runtime: 'docker',
    lastSeenMs: NOW,
    cpuLimitCores: null,
    memoryWorkingSetBytes: 5,
    memoryLimitBytes: null,
  })
  expect(named(entities, 'shop.Main')).toMatchObject({
    kind: 'runtime',
    pid: 77,
    container: 'shop',
    version: '21.0.5',
    collector: 'G1',
    heapUsedBytes: 30,
    heapMaxBytes: GIB,
    memoryLimitBytes: GIB,
  })
  expect(named(entities, 'shop.Main')).not.toHaveProperty('threads')
})

test('a silent machine stays in the list without figures; what ran on it does not', async () => {
  const { totals, entities } = await listed('silent', (rows) => {
    for (const timeMs of times(NOW - 300_000, NOW - 60_000)) {
      rows.add('machine', machine('web-2'), timeMs, { cpu_cores: 8, load1: 1 })
      rows.add('container', container('web-2', '/docker/a'), timeMs, { memory_usage_bytes: 1 })
      rows.add('runtime', jvm('web-2', 1, '/docker/a'), timeMs, { heap_used_bytes: 1 })
    }
    rows.add('machine', machine('long-ago'), NOW - 90_000_000, { cpu_cores: 8 })
    rows.add('machine', machine('hours-ago'), NOW - 7_200_000, { cpu_cores: 8 })
  })
  expect(totals).toEqual({ machine: 2, container: 0, runtime: 0 })
  expect(entities.map(({ name, lastSeenMs }) => [name, lastSeenMs])).toEqual([
    ['hours-ago', NOW - 7_200_000],
    ['web-2', NOW - 60_000],
  ])
  for (const entity of entities) {
    expect(entity).toMatchObject({ state: 'silent', kernel: '6.12.1' })
    expect(entity).not.toHaveProperty('cpuCores')
  }
})

test('an agent with a long interval is not silent between two passes', async () => {
  const { entities } = await listed('slow', (rows) => {
    for (const ago of [500_000, 380_000, 260_000, 140_000]) {
      rows.add('machine', machine('slow'), NOW - ago, { cpu_cores: 1 })
    }
  })
  expect(named(entities, 'slow')).toMatchObject({ state: 'reporting', cpuCores: 1 })
})

test('tenants do not see each other', async () => {
  const { totals } = await listed('another', () => {})
  expect(totals).toEqual({ machine: 0, container: 0, runtime: 0 })
})

test('many who ask at once are answered by one reading, and a failure is not kept', async () => {
  let asked = 0
  let broken = true
  const store = {
    query: <T>(...args: Parameters<typeof opened.store.query>) => {
      asked += 1
      return broken ? Promise.reject(new Error('away')) : opened.store.query<T>(...args)
    },
  }
  const entities = new Entities({ store, tenant: 'figures' })
  await expect(entities.list(NOW)).rejects.toThrow('away')
  broken = false
  asked = 0
  const [first, second] = await Promise.all([entities.list(NOW), entities.list(NOW + 1)])
  expect(first).toBe(second)
  expect(asked).toBe(4)
  await entities.list(NOW + 10_000)
  expect(asked).toBe(8)
})

test('a clock that went back does not keep an old answer', async () => {
  const entities = new Entities({ store: opened.store, tenant: 'figures' })
  await entities.list(NOW)
  expect((await entities.list(NOW - 3_600_000)).timeMs).toBe(NOW - 3_600_000)
})

test('a JVM in the root cgroup has no limit; one of an unknown cgroup has an unknown one', async () => {
  const unknown = jvm('web-1', 2, '/')
  const { 'candor.cgroup.path': _path, ...attributes } = unknown.attributes
  const { entities } = await listed('root', (rows) => {
    rows
      .add('machine', machine('web-1'), NOW, { cpu_cores: 8 })
      .add('runtime', jvm('web-1', 1, '/'), NOW, { heap_max_bytes: 1 })
      .add('runtime', { ...unknown, attributes }, NOW, { heap_max_bytes: 1 })
  })
  const limit = (pid: number) =>
    entities.find((each) => each.kind === 'runtime' && each.pid === pid)
  expect(limit(1)).toMatchObject({ memoryLimitBytes: null })
  expect(limit(2)).toMatchObject({ pid: 2 })
  expect(limit(2)).not.toHaveProperty('memoryLimitBytes')
})

test('a runtime by its name, else by its main class, else by its pid', async () => {
  const { 'candor.jvm.main': _main, ...nameless } = jvm('web-1', 3, '/').attributes
  const { entities } = await listed('names', (rows) => {
    rows
      .add('machine', machine('web-1'), NOW, { cpu_cores: 8 })
      .add('runtime', jvm('web-1', 1, '/', { 'candor.runtime.name': 'shop.jar' }), NOW, {
        os_threads: 1,
      })
      .add('runtime', jvm('web-1', 2, '/'), NOW, { os_threads: 1 })
      .add('runtime', { kind: 'runtime', attributes: nameless }, NOW, { os_threads: 1 })
  })
  const names = entities.filter(({ kind }) => kind === 'runtime').map(({ name }) => name)
  expect(names.toSorted()).toEqual(['pid 3', 'shop.Main', 'shop.jar'])
})

test('what an agent could not read in its newest pass is told, and forgotten when it could', async () => {
  const { unread } = await listed('unread', (rows) => {
    for (const timeMs of [NOW - 2 * STEP, NOW - STEP, NOW]) {
      rows.add('machine', machine('web-1'), timeMs, { cpu_cores: 8 })
      rows.add('machine_unread', machine('web-1'), timeMs, { entities: 17 }, ['runtime', 'maps'])
    }
    rows.add('machine_unread', machine('web-1'), NOW - STEP, { entities: 2 }, ['container', 'name'])
  })
  expect(unread).toEqual([{ machine: 'web-1', kind: 'runtime', reason: 'maps', count: 17 }])
})
