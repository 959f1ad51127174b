/**
 * OpenTelemetry's own SDK behind the interface of tracing.ts; nothing else imports it. Everything that
 * OTEL_* can say is for the SDK to read; where it is silent, some defaults are ours.
 */
import { randomUUID } from 'node:crypto'
import {
  context,
  diag,
  type DiagLogger,
  DiagLogLevel,
  metrics,
  type Span as OtelSpan,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { limits } from '../../catalog/limit.ts'
import { type SpanName, type SpanRow, spans } from '../../catalog/span.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import { VERSION } from '../../settings/version.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import type { Asked } from './asked.ts'
import { exportOwnMetrics } from './own-export.ts'
import type { Telemetry } from './telemetry.ts'
import { errorType, type Span, type Tracing } from './tracing.ts'

const SCOPE = 'candor'
/** Tells requests of this very process from all others. */
const ORIGIN_HEADER = 'candor-origin'

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const satisfies Record<SpanRow['kind'], SpanKind>

/** One SDK a process, for that is how OpenTelemetry keeps its own. */
export function startSdk(asked: Asked, own: OwnMetrics, log: Log): Telemetry {
  const origin = randomUUID()
  setDefaults(process.env, origin)
  const sdk = new NodeSDK({
    ...(isNamed(process.env) ? {} : { serviceName: 'candor-collector' }),
    // Logs go to stderr alone.
    logRecordProcessors: [],
    ...(!asked.traces && { spanProcessors: [] }),
    ...(!asked.metrics && { metricReaders: [] }),
  })
  // The SDK has put one that writes to stdout in place where OTEL_LOG_LEVEL is set.
  diag.setLogger(diagnostics(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  sdk.start()
  const ended = asked.metrics ? exportOwnMetrics(metrics.getMeter(SCOPE, VERSION), own) : () => {}
  log.info({ traces: asked.traces, metrics: asked.metrics }, 'telemetry of the collector started')
  return {
    tracing: tracingOf(trace.getTracer(SCOPE, VERSION), origin),
    stop: async () => {
      await atMost(limits.telemetryStopMs.value, sdk.shutdown()).catch((err: unknown) => {
        log.warn({ err }, 'the last telemetry of the collector could not be exported')
      })
      ended()
      for (const api of [trace, metrics, context, diag]) api.disable()
    },
  }
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(() => late.reject(new Error(`not done after ${ms} ms`)), ms)
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}

/** Where nothing else is said. The command line is nobody's business but the operator's. */
function setDefaults(env: NodeJS.ProcessEnv, origin: string): void {
  env['OTEL_NODE_RESOURCE_DETECTORS'] ||= 'env,host,os,serviceinstance'
  const headers = env['OTEL_EXPORTER_OTLP_HEADERS']
  const others = headers?.split(',').filter((each) => !each.startsWith(`${ORIGIN_HEADER}=`)) ?? []
  env['OTEL_EXPORTER_OTLP_HEADERS'] = [...others, `${ORIGIN_HEADER}=${origin}`]
    .filter((each) => each !== '')
    .join(',')
}

const isNamed = (env: NodeJS.ProcessEnv) =>
  Boolean(env['OTEL_SERVICE_NAME']) ||
  /(^|,)\s*service\.name\s*=/.test(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '')

const MESSAGE_LENGTH = 300

function diagnostics(log: Log): DiagLogger {
  const warnings = new RepeatedWarnings(log)
  const warn = (message: string) => {
    const [line] = message.split('\n', 1)
    const reason = line!.slice(0, MESSAGE_LENGTH)
    warnings.warn(reason, { reason }, 'OpenTelemetry has a problem', Date.now())
  }
  const silent = () => {}
  return { error: warn, warn, info: silent, debug: silent, verbose: silent }
}

function tracingOf(tracer: Tracer, origin: string): Tracing {
  return {
    isOwn: (headers) => headers[ORIGIN_HEADER] === origin,
    run: (name, title, work, links = []) => {
      const { kind, root }: SpanRow = spans[name]
      return tracer.startActiveSpan(
        title(),
        { kind: KINDS[kind], root, links: links.map((each) => ({ context: each })) },
        async (otel) => {
          const span = new RunningSpan(otel)
          try {
            return await work(span)
          } catch (error) {
            span.failed(errorType(error))
            throw error
          } finally {
            otel.end()
          }
        },
      )
    },
  }
}

class RunningSpan implements Span<SpanName> {
  readonly link
  readonly #otel: OtelSpan
  #isTold = false

  constructor(otel: OtelSpan) {
    this.#otel = otel
    this.link = otel.spanContext()
  }

  set(attributes: Readonly<Record<string, string | number | undefined>>): void {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined) continue
      this.#otel.setAttribute(
        name,
        typeof value === 'string' ? value.slice(0, limits.spanTextLength.value) : value,
      )
    }
  }

  fail(type: string, isFault: boolean): void {
    this.#isTold = true
    this.#otel.setAttribute('error.type', type)
    if (isFault) this.#otel.setStatus({ code: SpanStatusCode.ERROR })
  }

  /** The work has thrown; it may have said why already. */
  failed(type: string): void {
    if (!this.#isTold) this.fail(type, true)
  }
}
