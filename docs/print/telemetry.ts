/** The page about the collector's own traces and metrics. */
import { limits } from '../../catalog/limit.ts'
import { type SpanRow, spans } from '../../catalog/span.ts'
import { code, page, table } from './table.ts'

const ASKING = [
  ['`OTEL_EXPORTER_OTLP_ENDPOINT=http://backend:4318`', 'Spans and metrics go there.'],
  [
    '`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`',
    'One of the two alone.',
  ],
  [
    '`OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`',
    '`otlp` asks without an endpoint (it is http://localhost:4318 then), `none` takes one of the two away; `console` and others of the SDK work too.',
  ],
  ['`OTEL_SDK_DISABLED=true`', 'Takes all of it away.'],
] as const

const spanSection = (name: string, { kind, title, help, root, attributes }: SpanRow) =>
  [
    `## Span ${code(name)}`,
    help,
    `Kind: ${kind}. Title: ${title}. ${root ? 'It begins a trace.' : 'It is below the span that it runs in, where there is one.'}`,
    table(
      ['Attribute', 'Meaning'],
      Object.entries(attributes).map(([attribute, meaning]) => [code(attribute), meaning]),
    ),
  ].join('\n\n')

export const telemetryPage = (): string =>
  page(
    'Telemetry of the collector',
    'The collector traces and measures itself by OpenTelemetry where `OTEL_*` in its environment asks for it. Without that nothing of its SDK is loaded; /metrics is there in any case, and its series in the store, see [query.md](query.md).',
    '## Asking for it',
    table(['Variable', 'Effect'], ASKING),
    'Everything else that the SDK reads holds as well: protocols, headers, samplers, limits, intervals. `OTEL_CONFIG_FILE` is not read. Where nothing names it, the service is `candor-collector`. What the environment tells of processes is left out of the resource: host, operating system and a random instance are in it.',
    'Metrics are those of [metrics.md](metrics.md), named with dots, without `_total` and without the unit, which is told apart: `candor_store_rows_total` is `candor.store.rows`.',
    'An endpoint may be the collector itself: it keeps the metrics and, since it keeps no spans, sends itself none. Its own exports carry a random header by which it knows them: they are stored, and make no span.',
    `No attribute holds a token, a statement or a value that a client sent; texts are cut at ${limits.spanTextLength.value} characters. A \`traceparent\` of a sender is ignored: who sends does not decide what is sampled.`,
    ...Object.entries<SpanRow>(spans).map(([name, row]) => spanSection(name, row)),
  )
