import { afterAll, beforeAll, expect, test } from 'vitest'
import { findingRules } from '../../../catalog/finding.ts'
import { Findings } from '../../../collector/find/findings.ts'
import { Mix } from '../../../collector/find/mix.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'
import { container, FleetRows, jvm, machine, type Seen } from './fleet-rows.ts'
import { type OpenedStore, openedStore } from './opened-store.ts'

const GIB = 2 ** 30
const START = Date.UTC(2026, 10, 1, 12)
const STEP = 10_000
const log = silentLog()

let opened: OpenedStore
beforeAll(async () => {
  opened = await openedStore()
})
afterAll(() => opened[Symbol.asyncDispose]())

/** Each test has a tenant of its own, so that they do not see each other. */
function fleet(tenant: string) {
  const own = new OwnMetrics()
  const findings = new Findings({ store: opened.store, own, log, tenant })
  const insert = async (fill: (rows: FleetRows) => void) => {
    const rows = new FleetRows(tenant)
    fill(rows)
    await opened.store.insertRows(rows.batch)
  }
  return { own, findings, insert }
}

const machineRow = (rows: FleetRows, host: Seen, timeMs: number, cores = 8, gib = 32) =>
  rows.add('machine', host, timeMs, {
    cpu_cores: cores,
    memory_mem_total_bytes: gib * GIB,
    memory_mem_available_bytes: (gib / 2) * GIB,
  })

const limited = (rows: FleetRows, of: Seen, timeMs: number, cores: number, bytes: number) =>
  rows.add('container', of, timeMs, {
    cpu_usage_seconds: timeMs / 1000,
    cpu_quota: cores * 100_000,
    cpu_period: 100_000,
    cpu_limit_effective_cores: cores,
    memory_usage_bytes: bytes / 2,
    memory_limit_bytes: bytes,
    memory_limit_effective_bytes: bytes,
  })

const heap = (rows: FleetRows, of: Seen, timeMs: number, bytes: number) =>
  rows.add('runtime', of, timeMs, {
    heap_max_bytes: bytes,
    heap_committed_bytes: bytes / 4,
    metaspace_committed_bytes: 5e7,
    os_threads: 40,
  })

const gauge = async (own: OwnMetrics, name: string) =>
  (await own.render()).split('\n').filter((line) => line.startsWith(name) && !line.endsWith(' 0'))

test('a heap beyond the limit is found, and gone when the limit is raised', async () => {
  const { own, findings, insert } = fleet('heap')
  const pass = (timeMs: number, limit: number) =>
    insert((rows) => {
      machineRow(rows, machine('web-1'), timeMs)
      limited(rows, container('web-1', '/docker/shop'), timeMs, 2, limit)
      heap(rows, jvm('web-1', 77, '/docker/shop'), timeMs, 6 * GIB)
    })
  expect(findings.evaluation()).toEqual({ state: 'waiting' })

  await pass(START, GIB / 2)
  await findings.evaluate(START)
  const [found] = findings.list()
  expect(findings.list()).toHaveLength(1)
  expect(found).toMatchObject({
    id: 'jvm.heap-exceeds-limit/id-of-web-1/77/2026-11-01T10:00:00Z',
    rule: 'jvm.heap-exceeds-limit',
    severity: 'critical',
    name: 'pid 77 (shop.Main) in shop',
    machine: 'web-1',
    believed: { value: 6 * GIB, unit: 'By' },
    enforced: { value: GIB / 2, unit: 'By', source: '/docker/shop' },
    firstSeenMs: START,
    lastSeenMs: START,
  })
  expect(findings.evaluation()).toEqual({ state: 'current', lastMs: START })
  expect(findings.judged().get('jvm.heap-exceeds-limit')).toBe(1)
  expect(await gauge(own, 'candor_findings{rule="jvm.heap-exceeds-limit"')).toEqual([
    'candor_findings{rule="jvm.heap-exceeds-limit",severity="critical"} 1',
  ])
  // What follows from it is told with it, and counted apart.
  expect(found!.consequences.map(({ rule }) => rule)).toContain(
    'jvm.heap-plus-nonheap-exceeds-limit',
  )
  expect(await gauge(own, 'candor_findings{rule="jvm.heap-plus')).toHaveLength(1)
  expect(await gauge(own, 'candor_fleet_entities{')).toEqual([
    'candor_fleet_entities{kind="machine"} 1',
    'candor_fleet_entities{kind="container"} 1',
    'candor_fleet_entities{kind="runtime"} 1',
  ])
  expect(await gauge(own, 'candor_findings_last_evaluation')).toEqual([
    `candor_findings_last_evaluation_timestamp_seconds ${START / 1000}`,
  ])

  const { clearAfter } = findingRules['jvm.heap-exceeds-limit']
  for (let i = 1; i <= clearAfter; i++) {
    expect(findings.list()).toHaveLength(1)
    await pass(START + i * STEP, 8 * GIB)
    await findings.evaluate(START + i * STEP)
  }
  expect(findings.list()).toEqual([])
  expect(await gauge(own, 'candor_findings{')).toEqual([])
})

test('a limit that was removed is not remembered', async () => {
  const { findings, insert } = fleet('removed')
  const shop = container('web-1', '/docker/shop')
  await insert((rows) => {
    for (const timeMs of [START, START + STEP]) {
      machineRow(rows, machine('web-1'), timeMs)
      heap(rows, jvm('web-1', 77, '/docker/shop'), timeMs, 6 * GIB)
    }
    limited(rows, shop, START, 2, GIB / 2)
    rows.add('container', shop, START + STEP, { memory_usage_bytes: GIB })
  })
  await findings.evaluate(START + STEP)
  expect(findings.list()).toEqual([])
  expect(findings.judged().get('jvm.heap-exceeds-limit')).toBe(1)
})

test('an entity that its machine no longer reports takes its findings with it', async () => {
  const { findings, insert } = fleet('gone')
  const pass = (step: number, withJvm: boolean) =>
    insert((rows) => {
      const timeMs = START + step * STEP
      machineRow(rows, machine('web-1'), timeMs)
      limited(rows, container('web-1', '/docker/shop'), timeMs, 2, GIB / 2)
      if (withJvm) heap(rows, jvm('web-1', 77, '/docker/shop'), timeMs, 6 * GIB)
    })
  const found = async (step: number) => {
    await findings.evaluate(START + step * STEP)
    return findings.list().length
  }
  await pass(0, true)
  await pass(1, true)
  expect(await found(1)).toBe(1)
  // One pass or two without it may be a reader that failed; a third is not.
  await pass(2, false)
  await pass(3, false)
  expect(await found(3)).toBe(1)
  await pass(4, false)
  expect(await found(4)).toBe(0)
})

test('a machine that goes silent keeps its findings, not judged, for a day', async () => {
  const { findings, insert } = fleet('silent')
  await insert((rows) => {
    for (const timeMs of [START, START + STEP]) {
      machineRow(rows, machine('web-1'), timeMs)
      limited(rows, container('web-1', '/docker/shop'), timeMs, 2, GIB / 2)
      heap(rows, jvm('web-1', 77, '/docker/shop'), timeMs, 6 * GIB)
    }
  })
  await findings.evaluate(START + 2 * STEP)
  expect(findings.list()).toHaveLength(1)
  await findings.evaluate(START + 7 * STEP)
  expect(findings.list()).toHaveLength(1)
  expect(findings.notJudged()).toContainEqual({
    rule: 'jvm.heap-exceeds-limit',
    count: 1,
    reasons: [{ reason: 'its machine is silent', count: 1 }],
  })
  await findings.evaluate(START + 86_400_000 + 7 * STEP)
  expect(findings.list()).toEqual([])
})

test('a JVM whose cgroup was not read is not judged, not fine', async () => {
  const { own, findings, insert } = fleet('blind')
  await insert((rows) => {
    machineRow(rows, machine('web-1'), START)
    heap(rows, jvm('web-1', 77, '/docker/unread'), START, 6 * GIB)
  })
  await findings.evaluate(START)
  expect(findings.judged().get('jvm.heap-exceeds-limit')).toBeUndefined()
  expect(findings.notJudged()).toContainEqual({
    rule: 'jvm.heap-exceeds-limit',
    count: 1,
    reasons: [{ reason: 'the limits of its cgroup were not read', count: 1 }],
  })
  // 0 findings would be a lie while nothing could be judged: the series are absent.
  const page = await own.render()
  expect(page).not.toContain('candor_findings{rule="jvm.heap-exceeds-limit"')
  expect(page).toContain('candor_findings_not_judged{rule="jvm.heap-exceeds-limit"} 1')
})

test('CPU behind a wall of memory is found after an hour, not before', async () => {
  const { findings, insert } = fleet('strand')
  const hour = (fromMs: number, toMs: number) =>
    insert((rows) => {
      for (let timeMs = fromMs; timeMs < toMs; timeMs += 60_000) {
        machineRow(rows, machine('db-1'), timeMs, 32, 32)
        rows.add(
          'machine_cpu',
          machine('db-1'),
          timeMs,
          {
            user_seconds: timeMs / 1000,
            nice_seconds: 0,
            system_seconds: 0,
            irq_seconds: 0,
            softirq_seconds: 0,
          },
          ['0'],
        )
        for (const name of ['a', 'b', 'c']) {
          limited(rows, container('db-1', `/docker/${name}`), timeMs, 2, 10 * GIB)
        }
      }
    })
  const evaluate = async (nowMs: number) => {
    await findings.evaluate(nowMs)
    await findings.evaluate(nowMs + 1000)
  }
  await hour(START, START + 1_800_000)
  await evaluate(START + 1_800_000)
  expect(findings.list()).toEqual([])
  expect(findings.notJudged().find(({ rule }) => rule === 'strand.cpu')).toMatchObject({
    count: 1,
    reasons: [{ reason: '1740 s of history, 3600 s are needed', count: 1 }],
  })

  await hour(START + 1_800_000, START + 3_720_000)
  await evaluate(START + 3_720_000)
  expect(findings.notJudged()).toEqual([])
  expect(findings.list().map(({ rule }) => rule)).toEqual(['strand.cpu'])
  const [found] = findings.list()
  expect(found!.machine).toBe('db-1')
  const [free, left, share] = found!.evidence
  expect(free).toMatchObject({ value: 26, unit: '{cpu}' })
  expect(left).toMatchObject({ value: 2 * GIB, unit: 'By' })
  expect(share).toMatchObject({ value: 1 })
})

test('the same rows sent twice change nothing', async () => {
  const { findings, insert } = fleet('twice')
  const send = () =>
    insert((rows) => {
      for (let timeMs = START; timeMs <= START + 30_000; timeMs += STEP) {
        machineRow(rows, machine('web-1'), timeMs)
        limited(rows, container('web-1', '/docker/shop'), timeMs, 2, GIB / 2)
        heap(rows, jvm('web-1', 77, '/docker/shop'), timeMs, 6 * GIB)
      }
    })
  await send()
  await findings.evaluate(START + 30_000)
  const once = findings.list()
  await send()
  await findings.evaluate(START + 30_000)
  expect(findings.list()).toEqual(once)
  expect(once).toHaveLength(1)
})

test('a failed evaluation keeps the list and says that it is old', async () => {
  const { own, insert } = fleet('stale')
  await insert((rows) => {
    machineRow(rows, machine('web-1'), START)
    limited(rows, container('web-1', '/docker/shop'), START, 2, GIB / 2)
    heap(rows, jvm('web-1', 77, '/docker/shop'), START, 6 * GIB)
  })
  let broken = true
  const store = {
    query: <T>(...args: Parameters<typeof opened.store.query>) =>
      broken
        ? Promise.reject(new Error('the engine is away\nSELECT a whole query'))
        : opened.store.query<T>(...args),
  }
  const findings = new Findings({ store, own, log, tenant: 'stale' })
  await findings.evaluate(START)
  expect(findings.evaluation()).toEqual({ state: 'waiting', error: 'the engine is away' })

  broken = false
  await findings.evaluate(START)
  const before = findings.list()
  expect(before).toHaveLength(1)

  broken = true
  await findings.evaluate(START + STEP)
  expect(findings.list()).toBe(before)
  expect(findings.evaluation()).toEqual({
    state: 'stale',
    lastMs: START,
    error: 'the engine is away',
  })
  expect(await gauge(own, 'candor_findings_evaluation_failures_total')).toEqual([
    'candor_findings_evaluation_failures_total 2',
  ])
  expect(await gauge(own, 'candor_findings_last_evaluation')).toEqual([
    `candor_findings_last_evaluation_timestamp_seconds ${START / 1000}`,
  ])

  broken = false
  await findings.evaluate(START + STEP)
  expect(findings.evaluation().state).toBe('current')
})

test('the mix is asked for as the history grows, and of whole rows that came in parts', async () => {
  const tenant = 'mix'
  let asked = 0
  const store = {
    query: <T>(...args: Parameters<typeof opened.store.query>) => {
      asked += 1
      return opened.store.query<T>(...args)
    },
  }
  const { insert } = fleet(tenant)
  const unit = (i: number) => container('web-1', `/docker/${i}`, { 'candor.cgroup.inode': `${i}` })
  const mix = new Mix(store, tenant)
  const read = async (nowMs: number) => {
    const before = asked
    const answer = await mix.read(nowMs)
    return { ...answer, asked: asked - before }
  }
  expect(await read(START)).toEqual({ containers: 0, asked: 1 })
  await insert((rows) => limited(rows, unit(1), START, 1, GIB))
  // Two halves of one row, as two requests may bring them.
  await insert((rows) =>
    rows.add('container', unit(2), START, {
      cpu_quota: 300_000,
      cpu_period: 100_000,
      cpu_limit_effective_cores: 3,
    }),
  )
  await insert((rows) =>
    rows.add('container', unit(2), START, {
      memory_limit_bytes: 3 * GIB,
      memory_limit_effective_bytes: 3 * GIB,
    }),
  )
  const both = { containers: 2, medianCpuCores: 2, medianMemoryBytes: 2 * GIB }
  expect(await read(START + 60_000)).toEqual({ ...both, asked: 1 })
  expect(await read(START + 65_000)).toEqual({ ...both, asked: 0 })
  // The newest limit counts; one that was removed is not remembered.
  await insert((rows) => {
    limited(rows, unit(1), START + 66_000, 5, 5 * GIB)
    rows.add('container', unit(2), START + 66_000, { cpu_usage_seconds: 1, memory_usage_bytes: 1 })
  })
  const one = { containers: 1, medianCpuCores: 5, medianMemoryBytes: 5 * GIB }
  expect(await read(START + 70_000)).toEqual({ ...one, asked: 1 })
  expect(await read(START + 86_400_000)).toEqual({ ...one, asked: 1 })
  expect(await read(START + 86_400_000 + 599_000)).toEqual({ ...one, asked: 0 })
  expect(await read(START + 86_400_000 + 600_000)).toEqual({ ...one, asked: 1 })
  // A clock that went back.
  expect(await read(START + 86_400_000)).toEqual({ ...one, asked: 1 })
})

test('a large fleet is asked about at its pace, and a machine that is new at once', async () => {
  const tenant = 'large'
  const asked: string[] = []
  const query = <T>(...args: Parameters<typeof opened.store.query>) => {
    asked.push(args[0])
    return opened.store.query<T>(...args)
  }
  const own = new OwnMetrics()
  const findings = new Findings({ store: { query }, own, log, tenant })
  const { insert } = fleet(tenant)
  const HOSTS = 700
  const pass = (timeMs: number, hosts: number) =>
    insert((rows) => {
      for (let i = 0; i < hosts; i++) machineRow(rows, machine(`web-${i}`), timeMs)
    })
  const evaluate = async (timeMs: number) => {
    asked.length = 0
    await findings.evaluate(timeMs)
    return asked.length
  }
  const machines = () => gauge(own, 'candor_fleet_entities{kind="machine"')
  for (const step of [0, 1, 2]) await pass(START + step * STEP, HOSTS)
  const now = START + 2 * STEP
  expect(await evaluate(now)).toBeGreaterThan(0)
  expect(await machines()).toEqual([`candor_fleet_entities{kind="machine"} ${HOSTS}`])
  // 700 machines: every 2 s, and what each is every 21 s.
  expect(await evaluate(now + 1_000)).toBe(0)
  expect(await evaluate(now + 2_000)).toBeGreaterThan(0)
  expect(asked.filter((sql) => sql.includes('cpu_cores'))).toEqual([])
  await pass(now + 5_000, HOSTS + 1)
  expect(await evaluate(now + 5_000)).toBeGreaterThan(0)
  expect(asked.filter((sql) => sql.includes('cpu_cores'))).toHaveLength(1)
  expect(await machines()).toEqual([`candor_fleet_entities{kind="machine"} ${HOSTS + 1}`])
  // A clock that went back.
  expect(await evaluate(now)).toBeGreaterThan(0)
})

test('an evaluation that takes longer than it may says so', async () => {
  const own = new OwnMetrics()
  const findings = (intervalMs: number) =>
    new Findings({ store: opened.store, own, log, tenant: 'late', intervalMs })
  await findings(60_000).evaluate(START)
  expect(await gauge(own, 'candor_findings_evaluations_late_total')).toEqual([])
  await findings(0).evaluate(START)
  expect(await gauge(own, 'candor_findings_evaluations_late_total')).toEqual([
    'candor_findings_evaluations_late_total 1',
  ])
})
