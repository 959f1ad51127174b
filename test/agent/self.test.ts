import { expect, test } from 'vitest'
import { type Self, SelfRows } from '../../agent/self.ts'
import { agentTables } from '../../catalog/tables/machine-agent.ts'
import { container } from '../../catalog/tables/container.ts'
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { PassEncoder } from '../../wire/otlp-encode.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import { record } from '../wire/recorder.ts'

const host: Entity = { kind: 'machine', attributes: { 'host.id': 'h' } }
const web: Entity = { kind: 'container', attributes: { 'host.id': 'h' } }
const slice: Entity = {
  kind: 'container',
  attributes: { 'host.id': 'h', 'candor.cgroup.level': 'group' },
}
const self: Self = {
  version: '0.1.0',
  passes: 7,
  pass: {
    timeMs: 1_500,
    rows: [
      emptyRow(machineCpu, host, ['0']),
      emptyRow(machineCpu, host, ['1']),
      emptyRow(container, web),
      emptyRow(container, slice),
    ],
    readers: [],
    unread: [{ kind: 'runtime', reason: 'maps not readable', count: 3 }],
    durationSeconds: 0.25,
    openFiles: 12,
  },
  scrapes: { answered: 3, refused: 2, cut: 1 },
}
const push = {
  stored: 5,
  rejected: 1,
  rejectedPoints: 9,
  retries: 4,
  dropped: {
    pushQueueBytes: 2,
    stopped: 1,
    spoolBytes: 10,
    spoolBatches: 20,
    spoolAge: 30,
    spoolDamaged: 40,
  },
  queueBytes: 100,
}
const spool = {
  isWritable: false,
  bytes: 4_096,
  batches: 6,
  oldestMs: 2_500,
  written: 11,
  cutBytes: 12,
  errors: { open: 1, read: 2, write: 3, sync: 4, remove: 5 },
}

const flatRows = (rows: readonly Row[]) =>
  Object.fromEntries(
    rows.flatMap(({ table, keys, values }) =>
      table.metrics.flatMap(({ prom }, i) =>
        Number.isNaN(values[i]) ? [] : [[[prom, ...keys].join(' '), values[i]!]],
      ),
    ),
  )
const flat = (given: Self) => flatRows(new SelfRows().of(given))

test('entities are counted once, however many rows they have', () => {
  expect(flat(self)).toMatchObject({
    'candor_agent_entities machine': 1,
    'candor_agent_entities container': 1,
    'candor_agent_entities runtime': 0,
    candor_agent_pass_timestamp_seconds: 1.5,
    candor_agent_passes_total: 7,
  })
})

test('what was lost on the way is told by reason', () => {
  expect(flat({ ...self, push })).toMatchObject({
    'candor_agent_push_batches_total stored': 5,
    'candor_agent_push_batches_total rejected': 1,
    'candor_agent_push_batches_total dropped': 103,
    'candor_agent_push_dropped_total pushQueueBytes': 2,
    'candor_agent_push_dropped_total stopped': 1,
    'candor_agent_push_dropped_total spoolAge': 30,
    candor_agent_push_rejected_points_total: 9,
    candor_agent_push_retries_total: 4,
    candor_agent_push_queue_bytes: 100,
  })
})

test('the spool tells what waits in it, since when, and what fails', () => {
  expect(flat({ ...self, push: { ...push, spool } })).toMatchObject({
    candor_agent_spool_up: 0,
    candor_agent_spool_bytes: 4_096,
    candor_agent_spool_batches: 6,
    candor_agent_spool_oldest_timestamp_seconds: 2.5,
    candor_agent_spool_written_batches_total: 11,
    candor_agent_spool_cut_bytes_total: 12,
    'candor_agent_spool_errors_total write': 3,
    'candor_agent_spool_errors_total sync': 4,
  })
  const empty = flat({ ...self, push: { ...push, spool: { ...spool, oldestMs: undefined } } })
  expect(empty).not.toHaveProperty('candor_agent_spool_oldest_timestamp_seconds')
  expect(Object.keys(flat({ ...self, push })).join()).not.toContain('spool_')
})

test('scrapes are told by what became of them', () => {
  expect(flat(self)).toMatchObject({
    'candor_agent_scrapes_total answered': 3,
    'candor_agent_scrapes_total refused': 2,
    'candor_agent_scrapes_total cut': 1,
  })
})

test('with --web.disable-exporter-metrics nothing but the version is told', () => {
  expect(flat({ ...self, push, quiet: true })).toEqual({
    [`candor_agent_build_info 0.1.0 ${process.version}`]: 1,
  })
})

test('every metric of the agent is said, and without a push none of it', () => {
  const webConfig = { success: 1, timeSeconds: 2 }
  const names = (given: Self) =>
    new Set(Object.keys(flat(given)).map((series) => series.split(' ')[0]!))
  const all = { ...self, push: { ...push, spool }, webConfig }
  const ofAgent = agentTables.flatMap(({ metrics }) => metrics.map(({ prom }) => prom))
  expect(names(all)).toEqual(new Set(ofAgent))
  expect([...names(self)].filter((name) => /push|spool|web_config/.test(name))).toEqual([])
})

test('rows are the same from pass to pass, and others where the machine has another name', () => {
  const rows = new SelfRows()
  const first = rows.of({ ...self, push: { ...push, spool } })
  const again = rows.of({
    ...self,
    passes: 8,
    push: { ...push, spool: { ...spool, oldestMs: undefined } },
  })
  expect(again.every((row, i) => row === first[i])).toBe(true)
  expect(again).toHaveLength(first.length)
  const now = flatRows(again)
  expect(now['candor_agent_passes_total']).toBe(8)
  expect(now).not.toHaveProperty('candor_agent_spool_oldest_timestamp_seconds')
  const named: Entity = { kind: 'machine', attributes: { 'host.id': 'other' } }
  const others = rows.of({
    ...self,
    pass: { ...self.pass, rows: [emptyRow(machineCpu, named, ['0'])] },
  })
  expect(new Set(others.map(({ entity }) => entity))).toEqual(new Set([named]))
  expect(rows.of({ ...self, pass: { ...self.pass, rows: [] } })).toEqual([])
})

test('the time of the newest pass is shipped with each, all else once a minute, as it then is', () => {
  const rows = new SelfRows()
  const encoder = new PassEncoder({ slowMs: 60_000 })
  const shipped = (timeMs: number, passes: number, retries: number) => {
    const pass = { ...self.pass, timeMs }
    const own = rows.of({ ...self, pass, passes, push: { ...push, retries } })
    return encoder
      .encode({ timeMs, rows: own })
      .flatMap((body) => record(body).points)
      .map(({ metric, value }) => [metric, value] as const)
  }
  const first = shipped(600_000, 1, 4)
  expect(first.length).toBeGreaterThan(20)
  expect(Object.fromEntries(first)).toMatchObject({
    'candor.agent.pass.time': 600,
    'candor.agent.push.retries': 4,
  })
  for (const [timeMs, passes] of [
    [610_000, 2],
    [659_999, 3],
  ] as const) {
    expect(shipped(timeMs, passes, 5)).toEqual([['candor.agent.pass.time', timeMs / 1_000]])
  }
  const later = shipped(660_000, 4, 6)
  expect(later.map(([metric]) => metric)).toEqual(first.map(([metric]) => metric))
  expect(Object.fromEntries(later)).toMatchObject({
    'candor.agent.passes': 4,
    'candor.agent.push.retries': 6,
  })
})
