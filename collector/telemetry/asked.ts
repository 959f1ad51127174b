/**
 * What the environment asks for, in the words of OpenTelemetry. Where it says nothing, nothing is
 * measured for others and no module of theirs is loaded.
 *
 * Source: the OpenTelemetry specification, "Environment Variable Specification" and "OpenTelemetry
 * Protocol Exporter". Unlike there, an exporter is not on by default: an endpoint or an exporter must be
 * named.
 */
import type { Address } from '../../settings/listen.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Asked {
  readonly traces: boolean
  readonly metrics: boolean
}

/** An empty value is none. */
const read = (env: Environment, name: string) => env[name]?.trim() || undefined

const endpointOf = (env: Environment, signal: 'TRACES' | 'METRICS') =>
  read(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ?? read(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')

function asks(env: Environment, signal: 'TRACES' | 'METRICS'): boolean {
  const exporters = read(env, `OTEL_${signal}_EXPORTER`)?.split(',')
  if (exporters === undefined) return endpointOf(env, signal) !== undefined
  return !exporters.some((each) => each.trim() === 'none')
}

export function askedFor(env: Environment): Asked {
  if (read(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') {
    return { traces: false, metrics: false }
  }
  return { traces: asks(env, 'TRACES'), metrics: asks(env, 'METRICS') }
}

const DEFAULT_ENDPOINT = 'http://localhost:4318'
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether spans would go to the collector's own receiver, which keeps none. */
export function tracesLeadTo(env: Environment, { host, port }: Address): boolean {
  const exporter = read(env, 'OTEL_TRACES_EXPORTER') ?? 'otlp'
  const endpoint = endpointOf(env, 'TRACES') ?? DEFAULT_ENDPOINT
  if (exporter !== 'otlp' || !URL.canParse(endpoint)) return false
  const url = new URL(endpoint)
  return url.port === String(port) && (LOOPBACK.has(url.hostname) || url.hostname === host)
}
