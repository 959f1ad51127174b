import { expect, test } from 'vitest'
import { own } from '../../../catalog/own.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { needs, promtool } from '../../peers/peers.ts'

const seriesOf = async (metrics: OwnMetrics, name: string) =>
  (await metrics.render()).split('\n').filter((line) => line.startsWith(name))

test('each row of the catalogue is registered once', async () => {
  const text = await new OwnMetrics().render()
  const registered = [...text.matchAll(/^# TYPE (candor_\S+) (\w+)$/gm)].map(
    (m) => `${m[1]} ${m[2]}`,
  )
  const rows = Object.values(own)
  expect(registered).toEqual(rows.map((row) => `${row.prom} ${row.kind}`))
})

test('a gauge that was never set is absent, a counter starts at 0', async () => {
  const metrics = new OwnMetrics()
  expect(await seriesOf(metrics, own.findingsEvaluated.prom)).toEqual([])
  expect(await seriesOf(metrics, own.sloIndicator.prom)).toEqual([])
  expect(await seriesOf(metrics, own.findingsFailures.prom)).toEqual([
    `${own.findingsFailures.prom} 0`,
  ])
})

test('inc, set, remove', async () => {
  const metrics = new OwnMetrics()
  metrics.inc('receivePoints', { protocol: 'otlp' }, 5)
  metrics.inc('receivePoints', { protocol: 'otlp' })
  expect(await seriesOf(metrics, own.receivePoints.prom)).toEqual([
    `${own.receivePoints.prom}{protocol="otlp"} 6`,
  ])

  metrics.set('findings', { rule: 'strand.cpu', severity: 'warning' }, 2)
  metrics.set('findings', { rule: 'strand.mem', severity: 'info' }, 1)
  metrics.remove('findings', { rule: 'strand.cpu', severity: 'warning' })
  expect(await seriesOf(metrics, 'candor_findings{')).toEqual([
    'candor_findings{rule="strand.mem",severity="info"} 1',
  ])
  metrics.remove('findings')
  expect(await seriesOf(metrics, 'candor_findings{')).toEqual([])

  metrics.set('findingsEvaluated', {}, 1_790_000_000)
  metrics.remove('findingsEvaluated')
  expect(await seriesOf(metrics, own.findingsEvaluated.prom)).toEqual([])
})

test('what a histogram observes is counted by its buckets, and told to who asks', async () => {
  const metrics = new OwnMetrics()
  const told: unknown[] = []
  const end = metrics.onObserve((...observed) => told.push(observed))
  metrics.observe('storeCommits', { result: 'stored' }, 0.07)
  end()
  metrics.observe('storeCommits', { result: 'stored' }, 60)
  expect(told).toEqual([['storeCommits', { result: 'stored' }, 0.07]])
  const { prom, buckets } = own.storeCommits
  const lines = await seriesOf(metrics, `${prom}_`)
  expect(lines).toHaveLength(buckets.length + 3)
  expect(lines).toContain(`${prom}_bucket{le="0.05",result="stored"} 0`)
  expect(lines).toContain(`${prom}_bucket{le="0.1",result="stored"} 1`)
  expect(lines).toContain(`${prom}_bucket{le="+Inf",result="stored"} 2`)
  expect(lines).toContain(`${prom}_count{result="stored"} 2`)
})

test('counters and gauges can be read, those that are absent are not among them', async () => {
  const metrics = new OwnMetrics()
  metrics.inc('receiveDropped', { reason: 'future' }, 2)
  metrics.set('storeFreeBytes', {}, 7)
  metrics.set('storeGrowth', {}, Number.NaN)
  const values = await metrics.values()
  expect(values).toContainEqual({ name: 'receiveDropped', labels: { reason: 'future' }, value: 2 })
  expect(values).toContainEqual({ name: 'storeFreeBytes', labels: {}, value: 7 })
  expect(values.map(({ name }) => name)).not.toContain('storeGrowth')
})

test('NaN takes the series away', async () => {
  const metrics = new OwnMetrics()
  metrics.set('sloIndicator', { service: 'shop', slo: 'checkout' }, 0.999)
  metrics.set('sloIndicator', { service: 'shop', slo: 'checkout' }, Number.NaN)
  expect(await seriesOf(metrics, own.sloIndicator.prom)).toEqual([])
})

test('unknown names, wrong labels and wrong kinds do not type-check', () => {
  const metrics = new OwnMetrics()
  // @ts-expect-error: not a row of the catalogue
  expect(() => metrics.inc('nobody', {})).toThrow(TypeError)
  // @ts-expect-error: a row of the agent
  expect(() => metrics.inc('agentPasses', {})).toThrow(TypeError)
  // @ts-expect-error: a label that the row does not have
  expect(() => metrics.set('fleetEntities', { kind: 'machine', zone: 'a' }, 1)).toThrow(/label/)
  // @ts-expect-error: a counter has no `set`
  expect(() => metrics.set('receivePoints', { protocol: 'otlp' }, 1)).toThrow(TypeError)
})

test.skipIf(needs('promtool'))('promtool finds nothing to mend', async () => {
  const metrics = new OwnMetrics()
  metrics.inc('receiveRequests', { protocol: 'otlp', code: '200' })
  metrics.observe('storeCommits', { result: 'stored' }, 0.07)
  metrics.set('storeFullIn', {}, Infinity)
  for (const name of ['storeGrowth', 'storeBytes', 'storeDiskBytes', 'storeFinalBytes'] as const) {
    metrics.set(name, {}, 1)
  }
  metrics.set('sloBudget', { service: 'a "b"\n\\c', slo: 'é' }, -1.5)
  const checked = await promtool(['check', 'metrics'], { input: await metrics.render() })
  expect(checked).toMatchObject({ code: 0, stderr: '' })
})
