/** A real agent ships to a receiver of another's make, and an application with the SDK to a real collector. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { entities, KIND_ATTRIBUTE } from '../../catalog/entity.ts'
import type { Metric, Table } from '../../catalog/metric.ts'
import { agentTables } from '../../catalog/tables/machine-agent.ts'
import { tables } from '../../catalog/tables.ts'
import { openStore } from '../../collector/store/open-store.ts'
import { silentLog } from '../../settings/log.ts'
import { startCandor, until } from '../end-to-end/candor.ts'
import { readExposition } from '../read-exposition.ts'
import { samplesOf, scrape } from './agent.ts'
import { type Received, startPeer } from './opentelemetry.ts'

const columns = tables.flatMap((table: Table) => table.metrics.map((metric) => ({ table, metric })))
const isPart = (
  part: Readonly<Record<string, string>> = {},
  of: Readonly<Record<string, string>>,
) => Object.entries(part).every(([key, value]) => of[key] === value)

/** The labels by which a series of the table is told apart, beside those that its entity has of its own. */
const labelsOf = (table: Table, metric: Metric): string[] => [
  ...Object.keys(metric.labels ?? {}),
  ...entities[table.entity].labels.map(({ label }) => label),
  ...table.keys.map(({ label }) => label),
]

/** The line of /metrics that a point should be. */
function lineOf({ metric: otel, unit, kind, resource, attributes, value }: Received): string {
  const found = columns.filter(
    ({ table, metric }) =>
      metric.otel === otel &&
      table.entity === resource[KIND_ATTRIBUTE] &&
      isPart(metric.attributes, attributes) &&
      Object.keys(attributes).length ===
        Object.keys(metric.attributes ?? {}).length + table.keys.length &&
      table.keys.every(({ attribute }) => attribute in attributes),
  )
  if (found.length !== 1) throw new Error(`${found.length} metrics are ${otel}`)
  const { table, metric } = found[0]!
  expect([otel, unit]).toEqual([otel, metric.unit])
  expect([otel, kind]).toEqual([
    otel,
    metric.kind === 'gauge' || metric.falls === true ? 'gauge' : 'counter',
  ])
  const labels: Record<string, string | undefined> = {
    ...metric.labels,
    ...Object.fromEntries(
      entities[table.entity].labels.map(({ label, attribute }) => [label, resource[attribute]]),
    ),
    ...Object.fromEntries(table.keys.map(({ label, attribute }) => [label, attributes[attribute]])),
  }
  return show(metric.prom, labelsOf(table, metric), labels, value)
}

const MOVING = new Set(
  agentTables
    .filter(({ slow }) => slow === true)
    .flatMap(({ metrics }) => metrics.map(({ prom }) => prom)),
)

const show = (
  name: string,
  labels: readonly string[],
  values: Readonly<Record<string, string | undefined>>,
  value: number,
) => JSON.stringify([name, [...labels].sort().map((label) => [label, values[label] ?? '']), value])

test('what another decodes of a pass is what /metrics says', async () => {
  await using peer = await startPeer()
  // The page is of the first pass, and so is what is shipped.
  const args = ['--interval=1d', '--scrape.max-age=1d', `--push.url=${peer.url}`]
  await using agent = await startCandor('agent', args)
  const page = readExposition(await (await fetch(`${agent.agent}/metrics`)).text())
  const shown = [...page.values()].flatMap(({ name, labels, value }) => {
    const known = columns.find(
      ({ table, metric }) =>
        metric.prom === name &&
        isPart(metric.labels, labels) &&
        Object.keys(labels).every(
          (label) => table.attributeLabels !== undefined || labelsOf(table, metric).includes(label),
        ),
    )
    return known === undefined
      ? []
      : [{ ...known, line: show(name, labelsOf(known.table, known.metric), labels, value) }]
  })
  expect(shown.length).toBeGreaterThan(500)
  // Of slow tables each is shipped in some pass of the minute.
  const paced = shown.filter(({ table }) => table.slow !== true).map(({ line }) => line)
  const sent = () => new Set(peer.requests.flatMap(({ points }) => points).map(lineOf))
  await until(() => {
    const lines = sent()
    return paced.every((line) => lines.has(line))
  }, 'all of the page to be sent')
  // The agent says of itself what is so when it is asked.
  const isMoving = (line: string) => MOVING.has((JSON.parse(line) as [string])[0])
  const all = new Set(shown.map(({ line }) => line))
  expect([...sent()].filter((line) => !all.has(line) && !isMoving(line))).toEqual([])
  const names = new Set([...sent()].map((line) => (JSON.parse(line) as [string])[0]))
  const told = new Set([...page.values()].map(({ name }) => name))
  expect([...MOVING].filter((name) => told.has(name) && !names.has(name))).toEqual([])
  expect(peer.problems).toEqual([])
  for (const { headers, path } of peer.requests) {
    expect(path).toBe('/v1/metrics')
    expect(headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
    })
  }
})

test('what another says is understood: in part, later, never', async () => {
  await using peer = await startPeer()
  peer.answers.push(
    { rejectedPoints: 2, message: 'two too many' },
    { status: 503, message: 'not now' },
  )
  const args = ['--collector.disable-defaults', '--collector.loadavg', '--scrape.max-age=1ms']
  await using agent = await startCandor('agent', [
    ...args,
    '--interval=1d',
    `--push.url=${peer.url}`,
  ])
  for (let i = 0; i < 2; i++) await scrape(agent)
  const said = async (series: string) => (await scrape(agent)).get(series)
  await until(() => peer.requests.length >= 3, 'what was to come later')
  expect(await said('candor_agent_push_rejected_points_total')).toBe(2)
  expect(await said('candor_agent_push_retries_total')).toBe(1)
  expect(agent.stderr()).toContain('two too many')
  expect(agent.stderr()).toContain('not now')
  peer.answers.push({ status: 400, message: 'no such thing' })
  await scrape(agent)
  await until(() => agent.stderr().includes('no such thing'), 'the reason of a refusal')
  expect(await said('candor_agent_push_batches_total{result="rejected"}')).toBe(1)
  expect(peer.problems).toEqual([])
})

/** As docs/receiving.md says. */
const ENVIRONMENT = (url: string) => ({
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/v1/metrics`,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative',
  OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_SERVICE_NAME: 'shop',
})
const APPLICATION = `
  import { metrics } from '@opentelemetry/api'
  import { NodeSDK } from '@opentelemetry/sdk-node'
  const sdk = new NodeSDK()
  sdk.start()
  const meter = metrics.getMeter('shop')
  const orders = meter.createCounter('orders', { unit: '{order}' })
  orders.add(3, { kind: 'book' })
  orders.add(4, { kind: 'DROP TABLE point' })
  meter.createGauge('stock').record(-1.5)
  const took = meter.createHistogram('took', { unit: 's', advice: { explicitBucketBoundaries: [0.5, 1] } })
  for (const seconds of [0.1, 0.7, 5]) took.record(seconds)
  await sdk.shutdown()`

test("an application's SDK, set up by its environment, is stored to the last figure", async () => {
  await using collector = await startCandor('collector')
  const application = spawn(process.execPath, ['--input-type=module', '-e', APPLICATION], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: { ...process.env, ...ENVIRONMENT(collector.otlp) },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  expect(await once(application, 'exit')).toEqual([0, null])
  const own = await (await fetch(`${collector.console}/metrics`)).text()
  expect(samplesOf(own).get('candor_receive_points_total{protocol="otlp"}')).toBeGreaterThan(0)
  expect(await collector.stop()).toBe(0)
  const store = await openStore({ path: collector.store }, silentLog())
  try {
    const rows = await store.query<{ line: string }>(
      `SELECT concat(name, ' ', arrayStringConcat(
          arrayMap(label -> concat(label, '=', labels[label]), arraySort(mapKeys(labels))), ' '),
          ' ', toString(value)) AS line
       FROM point FINAL JOIN (SELECT series, any(name) AS name, any(labels) AS labels
         FROM series FINAL GROUP BY series) AS s USING (series)
       WHERE name LIKE 'orders%' OR name LIKE 'stock%' OR name LIKE 'took%'`,
    )
    const lines = rows.map(({ line }) => line.replace(/ instance=\S+/, '')).sort()
    expect(lines).toEqual(
      [
        'orders_total job=shop kind=DROP TABLE point 4',
        'orders_total job=shop kind=book 3',
        'stock job=shop -1.5',
        'took_seconds_bucket job=shop le=0.5 1',
        'took_seconds_bucket job=shop le=1 2',
        'took_seconds_bucket job=shop le=+Inf 3',
        'took_seconds_count job=shop 3',
        'took_seconds_sum job=shop 5.8',
      ].sort(),
    )
  } finally {
    await store.close()
  }
})
