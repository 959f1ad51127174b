/** Everything a collector can be told. */
import { limits } from '../catalog/limit.ts'
import { parseDuration } from '../settings/duration.ts'
import type { FlagTable } from '../settings/flag.ts'
import { commonFlags, type Settings } from '../settings/flags.ts'
import { parseListen } from '../settings/listen.ts'
import type { Log } from '../settings/log.ts'
import { parseSize } from '../settings/size.ts'
import { UsageError } from '../settings/usage-error.ts'
import type { CollectorOptions } from './main.ts'
import type { QuerySettings } from './query/store-queries.ts'
import { isClusterName } from './store/cluster.ts'
import type { Retention } from './store/retention.ts'
import type { StoreOptions } from './store/store.ts'

export const collectorFlags = {
  'config.file': commonFlags['config.file'],
  'web.listen-address': {
    type: 'string',
    form: 'address',
    default: '127.0.0.1:9791',
    value: 'ADDRESS',
    help: 'Where the console, the API and /metrics are served.',
  },
  'web.config.file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: "TLS and users of both listeners, in the format of Prometheus' exporter-toolkit; read again when it changes and at SIGHUP.",
  },
  'web.token-file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: 'Tokens of both listeners: who may write and read, and as which tenant; read again when it changes and at SIGHUP.',
  },
  'web.external-url': {
    type: 'string',
    form: 'url',
    value: 'URL',
    help: 'How people reach the console; links in alerts start with it.',
  },
  'otlp.listen-address': {
    type: 'string',
    form: 'address',
    default: '127.0.0.1:4318',
    value: 'ADDRESS',
    help: 'Where OTLP/HTTP and Prometheus remote write are received.',
  },
  'store.path': {
    type: 'string',
    form: 'path',
    default: 'data',
    value: 'DIRECTORY',
    help: 'Directory of the embedded store.',
  },
  'store.url': {
    type: 'string',
    form: 'url',
    value: 'URL',
    help: 'A ClickHouse server, in place of the embedded store.',
  },
  'store.username': { type: 'string', value: 'NAME', help: 'User of the ClickHouse server.' },
  'store.password-file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: 'File that holds the password of the ClickHouse server.',
  },
  'store.cluster': {
    type: 'string',
    value: 'NAME',
    help: 'Cluster of the ClickHouse server, on all servers of which the tables are made.',
  },
  'store.retention.raw': {
    type: 'string',
    form: 'duration',
    default: '15d',
    value: 'TIME',
    help: 'How long samples are kept as they came; 2d or more.',
  },
  'store.retention.1m': {
    type: 'string',
    form: 'duration',
    default: '90d',
    value: 'TIME',
    help: 'How long rollups by minute are kept.',
  },
  'store.retention.1h': {
    type: 'string',
    form: 'duration',
    default: '400d',
    value: 'TIME',
    help: 'How long rollups by hour are kept, and what is known of things that are gone.',
  },
  'store.retention.bytes': {
    type: 'string',
    form: 'size',
    value: 'SIZE',
    help: 'Size of the store on disk beyond which the oldest samples go, whatever their age.',
  },
  'query.timeout': {
    type: 'string',
    form: 'duration',
    default: '20s',
    value: 'TIME',
    help: 'How long a query may take.',
  },
  'query.max-samples': {
    type: 'string',
    form: 'count',
    default: '20000000',
    value: 'NUMBER',
    help: 'Samples that a query may hold in memory, of 16 bytes each.',
  },
  'query.max-concurrency': {
    type: 'string',
    form: 'count',
    default: '4',
    value: 'NUMBER',
    help: 'Queries that are answered at a time; others wait.',
  },
  'query.lookback-delta': {
    type: 'string',
    form: 'duration',
    default: '5m',
    value: 'TIME',
    help: 'How far back a selector looks for the newest sample of a series.',
  },
  'slo.file': {
    type: 'string',
    multiple: true,
    form: 'path',
    value: 'FILE',
    help: 'OpenSLO file.',
  },
  'alert.label': {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    help: 'Label that is put on every alert.',
  },
  'alertmanager.url': {
    type: 'string',
    multiple: true,
    form: 'url',
    value: 'URL',
    help: 'Alertmanager; alerts are sent to every one.',
  },
  'evaluation.interval': {
    type: 'string',
    form: 'duration',
    default: '15s',
    value: 'TIME',
    help: 'Time between two evaluations of findings and SLOs.',
  },
  insecure: {
    type: 'boolean',
    default: false,
    help: 'Listen beyond loopback without TLS, users or a token.',
  },
  'log.level': commonFlags['log.level'],
  'log.format': commonFlags['log.format'],
} as const satisfies FlagTable

const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/

function labels(texts: readonly string[]): Record<string, string> {
  const problems: string[] = []
  const entries = texts.map((text) => {
    const match = LABEL.exec(text)
    if (match === null) problems.push(`--alert.label: expected NAME=VALUE, found "${text}"`)
    return [match?.[1] ?? '', match?.[2] ?? ''] as const
  })
  if (problems.length > 0) throw new UsageError('ERR_BAD_FLAG', problems)
  return Object.fromEntries(entries)
}

/** Rows may come late, and are rolled up then, for as long as samples must be there. */
const RAW_LEAST = '2d'

type RetentionFlag = `store.retention.${'raw' | '1m' | '1h' | 'bytes'}`

export function retentionOf(
  settings: Pick<Settings<typeof collectorFlags>, RetentionFlag>,
): Retention {
  const raw = parseDuration(settings['store.retention.raw'])!
  if (raw < parseDuration(RAW_LEAST)!) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--store.retention.raw: expected ${RAW_LEAST} or more, found "${settings['store.retention.raw']}"`,
    ])
  }
  const size = settings['store.retention.bytes']
  return {
    raw,
    minutes: parseDuration(settings['store.retention.1m'])!,
    hours: parseDuration(settings['store.retention.1h'])!,
    ...(size !== undefined && { bytes: parseSize(size)! }),
  }
}

type StoreFlag = `store.${'path' | 'url' | 'username' | 'password-file' | 'cluster'}`

export function storeOf(
  settings: Pick<Settings<typeof collectorFlags>, 'store.path'> &
    Partial<Pick<Settings<typeof collectorFlags>, StoreFlag>>,
): StoreOptions {
  const {
    'store.url': url,
    'store.username': username,
    'store.password-file': passwordFile,
  } = settings
  if (url === undefined) return { path: settings['store.path'] }
  return {
    url,
    ...(username !== undefined && { username }),
    ...(passwordFile !== undefined && { passwordFile }),
  }
}

function withCluster(settings: Settings<typeof collectorFlags>): StoreOptions {
  const store = storeOf(settings)
  const name = settings['store.cluster']
  if (name === undefined) return store
  if (!isClusterName(name)) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--store.cluster: expected letters, digits, _ and -, found ${JSON.stringify(name.slice(0, 80))}`,
    ])
  }
  if ('path' in store) {
    throw new UsageError('ERR_BAD_FLAG', ['--store.cluster: needs --store.url'])
  }
  return { ...store, cluster: { name, retention: retentionOf(settings) } }
}

type QueryFlag = `query.${'timeout' | 'max-samples' | 'max-concurrency' | 'lookback-delta'}`

const queryOf = (settings: Pick<Settings<typeof collectorFlags>, QueryFlag>): QuerySettings => ({
  timeoutMs: parseDuration(settings['query.timeout'])!,
  maxSamples: Number(settings['query.max-samples']),
  maxSeries: limits.querySeries.value,
  memoryBytes: limits.queryMemoryBytes.value,
  maxConcurrency: Number(settings['query.max-concurrency']),
  lookbackMs: parseDuration(settings['query.lookback-delta'])!,
})

/** Secrets are in files, of which only the names are told. */
const inForce = (settings: Settings<typeof collectorFlags>): Record<string, string> =>
  Object.fromEntries(
    Object.keys(collectorFlags).flatMap((name) => {
      const value = settings[name as keyof typeof settings]
      return value === undefined ? [] : [[name, String(value)] as const]
    }),
  )

/** What `runCollector` takes; throws UsageError where values do not fit together. */
export function collectorOptions(
  settings: Settings<typeof collectorFlags>,
  log: Log,
): CollectorOptions {
  const {
    'web.external-url': externalUrl,
    'web.config.file': configFile,
    'web.token-file': tokenFile,
  } = settings
  return {
    listen: parseListen(settings['web.listen-address'])!,
    otlpListen: parseListen(settings['otlp.listen-address'])!,
    insecure: settings.insecure,
    accessFiles: {
      ...(configFile !== undefined && { configFile }),
      ...(tokenFile !== undefined && { tokenFile }),
    },
    ...(externalUrl !== undefined && { externalUrl }),
    store: withCluster(settings),
    retention: retentionOf(settings),
    query: queryOf(settings),
    flags: inForce(settings),
    sloFiles: settings['slo.file'],
    alertmanagers: settings['alertmanager.url'],
    alertLabels: labels(settings['alert.label']),
    evaluationIntervalMs: parseDuration(settings['evaluation.interval'])!,
    log,
  }
}
