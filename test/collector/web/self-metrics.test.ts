import { expect, test } from 'vitest'
import { own } from '../../../catalog/own.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { needs, promtool } from '../../peers/peers.ts'

const seriesOf = async (metrics: OwnMetrics, name: string) =>
  (await metrics.render()).split('\n').filter((line) => line.startsWith(name))

test('the rows of the collector are registered, each once, and none of the agent', async () => {
  const text = await new OwnMetrics().render()
  const registered = [...text.matchAll(/^# TYPE (candor_\S+) (\w+)$/gm)].map(
    (m) => `${m[1]} ${m[2]}`,
  )
  const rows = Object.values(own).filter((row) => row.of === 'collector')
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
  metrics.set('sloBudget', { service: 'a "b"\n\\c', slo: 'é' }, -1.5)
  const checked = await promtool(['check', 'metrics'], { input: await metrics.render() })
  expect(checked).toMatchObject({ code: 0, stderr: '' })
})
