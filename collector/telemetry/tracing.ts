/**
 * How the collector says what it does: spans around its work. Without OTEL_* in the environment it is
 * `UNTRACED`, which calls the work and nothing else.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { SpanAttribute, SpanName } from '../../catalog/span.ts'

/** Names a span to others that are about the same. */
export interface Link {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

export interface Span<N extends SpanName> {
  /** Absent where nothing is traced: what would be said of the span need not be made then. */
  readonly link?: Link
  set(attributes: Readonly<Partial<Record<SpanAttribute<N>, string | number>>>): void
  /** What failed without being thrown, or is no fault of ours: `isFault` marks the span itself. */
  fail(type: string, isFault: boolean): void
}

export interface Tracing {
  /** Does the work in a span; what it throws is noted by its code and thrown on. */
  run<N extends SpanName, T>(
    name: N,
    title: () => string,
    work: (span: Span<N>) => Promise<T>,
    links?: readonly Link[],
  ): Promise<T>
  /** Whether a request is an export of this very process: a span of it would be exported in turn. */
  isOwn(headers: IncomingHttpHeaders): boolean
}

const NO_SPAN = { set: () => {}, fail: () => {} } as const

export const UNTRACED: Tracing = {
  run: (_name, _title, work) => work(NO_SPAN),
  isOwn: () => false,
}

/** A code of ours or of Node.js where there is one; never a message, which may hold anything. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : error.name
}
