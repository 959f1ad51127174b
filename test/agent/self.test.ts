import { expect, test } from 'vitest'
import { ownSamples, type Self } from '../../agent/self.ts'
import { own } from '../../catalog/own.ts'
import { container } from '../../catalog/tables/container.ts'
import { machineCpu } from '../../catalog/tables/machine-cpu.ts'
import { emptyRow, type Entity } from '../../wire/sample.ts'

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
  dropped: { pushQueueBytes: 2, stopped: 1 },
  queueBytes: 100,
}

const flat = (given: Self) =>
  Object.fromEntries(
    ownSamples(given).map(({ metric, labelValues, value }) => [
      [metric.prom, ...labelValues].join(' '),
      value,
    ]),
  )

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
    'candor_agent_push_batches_total dropped': 3,
    'candor_agent_push_dropped_total pushQueueBytes': 2,
    'candor_agent_push_dropped_total stopped': 1,
    candor_agent_push_rejected_points_total: 9,
    candor_agent_push_retries_total: 4,
    candor_agent_push_queue_bytes: 100,
  })
})

test('scrapes are told by what became of them', () => {
  expect(flat(self)).toMatchObject({
    'candor_agent_scrapes_total answered': 3,
    'candor_agent_scrapes_total refused': 2,
    'candor_agent_scrapes_total cut': 1,
  })
})

test('with --web.disable-exporter-metrics nothing but the version is told', () => {
  expect(ownSamples({ ...self, push, quiet: true }).map(({ metric }) => metric.prom)).toEqual([
    'candor_agent_build_info',
  ])
})

test('every metric of the agent is said, and without a push none of it', () => {
  const webConfig = { success: 1, timeSeconds: 2 }
  const names = (given: Self) => new Set(ownSamples(given).map(({ metric }) => metric.prom))
  const ofAgent = Object.values(own).filter((metric) => metric.of === 'agent')
  expect(names({ ...self, push, webConfig })).toEqual(new Set(ofAgent.map(({ prom }) => prom)))
  expect([...names(self)].filter((name) => /push|web_config/.test(name))).toEqual([])
})
