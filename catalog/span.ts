/**
 * What the collector's traces are made of: spans and their attributes. Those of OpenTelemetry keep
 * their names (semantic conventions); ours begin with `candor.`.
 *
 * No attribute holds a secret, a statement's text or values of a client; what a client wrote and an
 * attribute repeats is cut at `limits.spanTextLength`.
 */
export interface SpanRow {
  readonly kind: 'server' | 'client' | 'internal'
  /** Begins a trace of its own, whatever made it start. */
  readonly root: boolean
  /** As it is called in a trace. */
  readonly title: string
  readonly help: string
  readonly attributes: Readonly<Record<string, string>>
}

const error = { 'error.type': 'Code of the error; absent when all went well.' } as const
const database = {
  'db.system.name': 'clickhouse.',
  'db.operation.name': 'First word of the statement.',
} as const

export const spans = {
  ingest: {
    kind: 'server',
    root: true,
    title: 'POST and the path',
    help: 'A request that was let in, from its body to its answer.',
    attributes: {
      'http.request.method': 'POST.',
      'http.route': 'Path of the receiver.',
      'http.response.status_code': 'Status of the answer.',
      'http.request.body.size': 'Bytes of the body as it was sent, where that is told.',
      'client.address': 'Address that it came from.',
      'candor.batch': 'Name of the batch, of our own agents.',
      'candor.tenant': 'Whose points they are; absent for the default tenant.',
      'candor.points': 'Points that were stored.',
      'candor.points.dropped': 'Points that were rejected.',
      ...error,
    },
  },
  commit: {
    kind: 'client',
    root: true,
    title: 'INSERT',
    help: 'A group of requests that is stored together; linked to the requests.',
    attributes: {
      ...database,
      'db.operation.batch.size': 'Rows of all tables.',
      'candor.requests': 'Requests of the group.',
      'candor.bytes': 'Memory of the rows.',
      ...error,
    },
  },
  query: {
    kind: 'client',
    root: false,
    title: 'first word of the statement, and its first table',
    help: 'A statement that the store runs, the time in which it waits its turn included.',
    attributes: {
      ...database,
      'db.collection.name': 'First table that the statement names.',
      'db.response.returned_rows': 'Rows of the answer.',
      'candor.store.queue': 'Behind whom it waits: ingest, query, evaluate or background.',
      ...error,
    },
  },
  evaluation: {
    kind: 'internal',
    root: true,
    title: 'evaluate and what: slos or findings',
    help: 'An evaluation of one tenant; its queries are below it.',
    attributes: {
      'candor.tenant': 'Whose; absent for the default tenant.',
      ...error,
    },
  },
  upkeep: {
    kind: 'internal',
    root: true,
    title: 'rollup, retention or forgetting',
    help: 'A round of upkeep of the store; its statements are below it.',
    attributes: error,
  },
} as const satisfies Record<string, SpanRow>

export type SpanName = keyof typeof spans
export type SpanAttribute<N extends SpanName> = keyof (typeof spans)[N]['attributes'] & string
