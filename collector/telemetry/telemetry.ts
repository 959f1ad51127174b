/**
 * Traces and metrics of the collector itself, for any OTLP backend: only when OTEL_* in the environment
 * asks for them is OpenTelemetry's SDK loaded, which takes 40 MiB and a third of a second.
 */
import type { Address } from '../../settings/listen.ts'
import type { Log } from '../../settings/log.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { askedFor, type Environment, tracesLeadTo } from './asked.ts'
import { type Tracing, UNTRACED } from './tracing.ts'

export interface Telemetry {
  readonly tracing: Tracing
  /** Exports what is left. Never rejects. */
  stop(): Promise<void>
}

export interface TelemetryOptions {
  readonly env: Environment
  /** Of the receiver: spans that would go there are not made, for it keeps none. */
  readonly otlpListen: Address
  readonly own: OwnMetrics
  readonly log: Log
}

const SILENT: Telemetry = { tracing: UNTRACED, stop: async () => {} }

/** A collector that cannot trace collects all the same: what is wrong is in the log. */
export async function openTelemetry({
  env,
  otlpListen,
  own,
  log,
}: TelemetryOptions): Promise<Telemetry> {
  const asked = askedFor(env)
  const toItself = asked.traces && tracesLeadTo(env, otlpListen)
  if (toItself) log.info('spans are not exported to this collector, which keeps metrics alone')
  const traces = asked.traces && !toItself
  if (!traces && !asked.metrics) return SILENT
  try {
    const { startSdk } = await import('./sdk.ts')
    return startSdk({ traces, metrics: asked.metrics }, own, log)
  } catch (err) {
    log.error({ err }, 'OTEL_* asks for telemetry, but @opentelemetry/sdk-node cannot be used')
    return SILENT
  }
}
