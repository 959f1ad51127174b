/**
 * The collector as a process, with the environment of OpenTelemetry, whose SDK exports what it does: to
 * a receiver that keeps the spans, to a second collector, to itself.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../../collector/store/open-store.ts'
import { openTelemetry } from '../../../collector/telemetry/telemetry.ts'
import { UNTRACED } from '../../../collector/telemetry/tracing.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { silentLog } from '../../../settings/log.ts'
import { type Candor, startCandor, until } from '../../end-to-end/candor.ts'
import { catalogued } from '../../catalogued.ts'
import { sdkBodies } from '../../wire/otlp-sdk.ts'

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number }
}
interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code?: number }
  readonly links?: readonly { readonly spanId: string }[]
}
interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

/** A receiver of spans, as the SDK writes them in JSON. */
async function startSink() {
  let text = ''
  const traces: OtlpTraces[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    text += body
    traces.push(JSON.parse(body) as OtlpTraces)
    response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const resources = () => traces.flatMap(({ resourceSpans }) => resourceSpans)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    text: () => text,
    resource: () => told(resources()[0]!.resource.attributes),
    spans: () => resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    close: () => server.close(),
  }
}

const told = (attributes: readonly Attribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  )

/** Says on stderr which modules of OpenTelemetry are loaded; its API comes with the library of /metrics. */
const WATCH = `import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) {
  const isSdk = url.includes('@opentelemetry/') && !url.includes('@opentelemetry/api/')
  if (isSdk) process.stderr.write('LOADED ' + url + '\\n')
  return next(url, context)
} })`
const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(WATCH)}`

const QUIET = ['--evaluation.interval=1s']

function startWith(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return startCandor('collector', [...QUIET, ...args], undefined, [
    'env',
    `NODE_OPTIONS=${NODE_OPTIONS}`,
    ...variables,
  ])
}

const TRACES_AS_JSON = {
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '200',
  OTEL_METRIC_EXPORT_INTERVAL: '500',
}

const PLANTED = 'planted-text-of-a-client'

async function push({ otlp }: Candor, headers: Record<string, string> = {}): Promise<number> {
  const { protobuf } = await sdkBodies((meter) => {
    meter.createCounter('requests').add(3, { path: PLANTED })
  })
  const response = await fetch(`${otlp}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: protobuf,
  })
  return response.status
}

const figure = async ({ console: url }: Candor, series: string) => {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

test('without OTEL_* nothing of the SDK is loaded', async () => {
  await using collector = await startWith({ OTEL_SERVICE_NAME: 'nobody-asks' })
  expect(await push(collector)).toBe(200)
  expect(await collector.stop()).toBe(0)
  expect(collector.stderr()).not.toContain('LOADED')
})

describe('with endpoints', () => {
  let sink: Awaited<ReturnType<typeof startSink>>
  let second: Candor
  let first: Candor
  beforeAll(async () => {
    sink = await startSink()
    second = await startCandor('collector', QUIET)
    first = await startWith({
      ...TRACES_AS_JSON,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${second.otlp}/v1/metrics`,
    })
  })
  afterAll(async () => {
    await first[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
    sink.close()
  })

  const spansNamed = (name: string) => sink.spans().filter((each) => each.name === name)
  const seen = async (name: string): Promise<OtlpSpan> => {
    await until(() => spansNamed(name).length > 0, `a span ${name}`)
    return spansNamed(name)[0]!
  }

  test('the SDK is loaded, and says who speaks', async () => {
    expect(first.stderr()).toContain('LOADED')
    await seen('evaluate findings')
    expect(sink.resource()).toMatchObject({
      'service.name': 'candor-collector',
      'host.name': expect.any(String),
    })
    expect(Object.keys(sink.resource()).filter((name) => name.startsWith('process'))).toEqual([])
  })

  test('a request has a span, its commit one that is linked to it; nothing of the body is told', async () => {
    const status = await push(first, {
      'candor-batch': 'cafe/beef/7',
      authorization: 'Bearer secret-of-a-client',
      'user-agent': PLANTED,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    })
    expect(status).toBe(200)
    const ingest = await seen('POST /v1/metrics')
    expect(ingest).toMatchObject({ kind: 2, status: { code: 0 } })
    expect(ingest.parentSpanId ?? '').toBe('')
    expect(ingest.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c')
    expect(told(ingest.attributes)).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/metrics',
      'http.response.status_code': 200,
      'http.request.body.size': expect.any(Number),
      'client.address': '127.0.0.1',
      'candor.batch': 'cafe/beef/7',
      'candor.points': 1,
      'candor.points.dropped': 0,
    })
    const commit = await seen('INSERT')
    expect(commit.links!.map(({ spanId }) => spanId)).toEqual([ingest.spanId])
    expect(told(commit.attributes)).toMatchObject({
      'db.system.name': 'clickhouse',
      'db.operation.name': 'INSERT',
      'db.operation.batch.size': 2,
      'candor.requests': 1,
    })
    expect(sink.text()).not.toContain(PLANTED)
    expect(sink.text()).not.toContain('secret-of-a-client')
  })

  test('what the sender did wrong is told by its code, and is no error of ours', async () => {
    const refused = await fetch(`${first.otlp}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: 'no protobuf',
    })
    expect(refused.status).toBe(400)
    const ofRefused = () =>
      spansNamed('POST /v1/metrics').find(
        ({ attributes }) => told(attributes)['http.response.status_code'] === 400,
      )
    await until(() => ofRefused() !== undefined, 'the span of what was refused')
    expect(told(ofRefused()!.attributes)['error.type']).toBe('ERR_BODY_MALFORMED')
    expect(ofRefused()!.status.code).toBe(0)
  })

  test('evaluations and upkeep have spans, with their statements below', async () => {
    const below = (parent: OtlpSpan) =>
      sink.spans().filter(({ parentSpanId }) => parentSpanId === parent.spanId)
    const evaluation = await seen('evaluate findings')
    const statements = below(evaluation)
    expect(statements.map(({ name }) => name)).toContain('SELECT machine')
    expect(told(statements[0]!.attributes)).toMatchObject({
      'db.system.name': 'clickhouse',
      'db.operation.name': 'SELECT',
      'candor.store.queue': 'evaluate',
      'db.response.returned_rows': expect.any(Number),
    })
    const upkeep = await seen('rollup')
    expect(below(upkeep).length).toBeGreaterThan(0)
    await seen('evaluate slos')
  })

  test('its metrics arrive in another collector, histograms too', async () => {
    const points = () => figure(second, 'candor_receive_points_total{protocol="otlp"}')
    await until(async () => ((await points()) ?? 0) > 0, 'points in the second collector')
    // What was pushed above is told by an export that comes after it.
    await wait(1_500)
    expect(await first.stop()).toBe(0)
    expect(await second.stop()).toBe(0)
    const store = await openStore({ path: second.store }, silentLog())
    try {
      const rows = await store.query<{ name: string; kind: string; job: string }>(
        "SELECT name, any(kind) AS kind, any(labels['job']) AS job FROM series FINAL GROUP BY name",
      )
      const names = new Map(rows.map(({ name, kind }) => [name, kind]))
      expect(names.get('candor_store_rows_total')).toBe('counter')
      expect(names.get('candor_store_disk_free_bytes')).toBe('gauge')
      expect(names.get('candor_store_commit_duration_seconds_bucket')).toBe('counter')
      expect([...names.keys()].filter((name) => !catalogued.has(name))).toEqual([])
      expect(new Set(rows.map(({ job }) => job))).toEqual(new Set(['candor-collector']))
      const [stored] = await store.query<{ most: number }>(
        `SELECT max(value) AS most FROM point WHERE series IN
           (SELECT series FROM series WHERE name = 'candor_receive_points_total')`,
      )
      expect(stored!.most).toBeGreaterThanOrEqual(1)
    } finally {
      await store.close()
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('a collector that sends its metrics to itself makes no spans of that', async () => {
  const sink = await startSink()
  const port = await freePort()
  await using collector = await startWith(
    {
      ...TRACES_AS_JSON,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: sink.url,
    },
    [`--otlp.listen-address=127.0.0.1:${port}`],
  )
  const requests = () =>
    figure(collector, 'candor_receive_requests_total{protocol="otlp",code="200"}')
  await until(async () => ((await requests()) ?? 0) >= 3, 'three exports to itself')
  await until(() => sink.spans().length > 0, 'spans')
  expect(await collector.stop()).toBe(0)
  const names = new Set(sink.spans().map(({ name }) => name))
  expect(names).toContain('evaluate findings')
  expect(names).not.toContain('POST /v1/metrics')
  expect(names).not.toContain('INSERT')
  sink.close()
})

test('spans for itself are not made at all', async () => {
  const { tracing } = await openTelemetry({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_METRICS_EXPORTER: 'none' },
    otlpListen: { host: '127.0.0.1', port: 4318 },
    own: new OwnMetrics(),
    log: silentLog(),
  })
  expect(tracing).toBe(UNTRACED)
})

test('a backend that is not there costs a line in the log, and no request', async () => {
  const port = await freePort()
  await using collector = await startWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  })
  expect(await push(collector)).toBe(200)
  await until(() => collector.stderr().includes('OpenTelemetry has a problem'), 'a warning', 30_000)
  expect(await push(collector)).toBe(200)
  expect(await collector.stop()).toBe(0)
})
