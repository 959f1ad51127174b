/** What shipping can be told. */
import { join } from 'node:path'
import { parseDuration } from '../../settings/duration.ts'
import type { FlagTable } from '../../settings/flag.ts'
import type { Settings } from '../../settings/flags.ts'
import { parseSize } from '../../settings/size.ts'
import { UsageError } from '../../settings/usage-error.ts'
import { type Credentials, credentialProblems } from './credentials.ts'
import { type Compression, COMPRESSIONS } from './compress.ts'
import type { SpoolSettings } from './late-spool.ts'
import { type Order, ORDERS } from './outbox.ts'
import { type Fsync, FSYNC_POLICIES } from './fsync.ts'

export const shipFlags = {
  'push.url': {
    type: 'string',
    form: 'url',
    value: 'URL',
    help: 'Collector, or any receiver of OTLP/HTTP, that passes are pushed to; /v1/metrics where the URL has no path.',
  },
  'push.compression': {
    type: 'string',
    default: 'auto',
    choices: COMPRESSIONS,
    value: 'NAME',
    help: 'Compression of pushed bodies. `auto` is zstd, which is smaller and cheaper, where the receiver says that it takes it, and gzip elsewhere.',
  },
  'push.token-file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: 'File that holds the token by which the receiver knows the agent; read again for each request.',
  },
  'push.ca-file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: "Authorities (PEM) that the receiver's certificate is trusted by, in place of the usual ones.",
  },
  'push.cert-file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: 'Certificate (PEM) that is shown to a receiver which asks for one.',
  },
  'push.key-file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: 'Key (PEM) of that certificate.',
  },
  'push.order': {
    type: 'string',
    default: 'live-first',
    choices: ORDERS,
    value: 'ORDER',
    help: 'What goes first after an outage: the newest, with what waits beside it, or the oldest, for receivers that refuse what is older than what they have.',
  },
  'spool.path': {
    type: 'string',
    form: 'path',
    value: 'DIRECTORY',
    help: 'Where batches wait that cannot be sent; a directory of this agent alone. Under systemd with StateDirectory= its subdirectory `spool`; elsewhere batches wait in memory.',
  },
  'spool.max-bytes': {
    type: 'string',
    form: 'size',
    default: '256MiB',
    value: 'SIZE',
    help: 'Size of the spool beyond which its oldest batches are dropped; 16MiB or more.',
  },
  'spool.max-age': {
    type: 'string',
    form: 'duration',
    default: '14d',
    value: 'TIME',
    help: 'Age beyond which batches in the spool are dropped.',
  },
  'spool.fsync': {
    type: 'string',
    default: 'interval',
    choices: FSYNC_POLICIES,
    value: 'POLICY',
    help: 'What the spool is sure to hold after a power cut: what is older than a second or two (`interval`), every batch, each of which is on the disk before it is sent (`always`), or what the kernel had written (`never`).',
  },
} as const satisfies FlagTable

export interface ShipOptions {
  readonly url: string
  readonly compression: Compression
  readonly order?: Order
  readonly credentials?: Credentials
  /** Absent: batches wait in memory. */
  readonly spool?: SpoolSettings
}

const LEAST_BYTES = 16 << 20

function credentialsOf(settings: Settings<typeof shipFlags>): Credentials {
  const {
    'push.token-file': tokenFile,
    'push.ca-file': caFile,
    'push.cert-file': certFile,
    'push.key-file': keyFile,
  } = settings
  return {
    ...(tokenFile !== undefined && { tokenFile }),
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  }
}

/** Undefined where nothing is pushed; throws UsageError where values do not fit together. */
export function shipOptions(
  settings: Settings<typeof shipFlags>,
  env: Readonly<Record<string, string | undefined>>,
): ShipOptions | undefined {
  const { 'push.url': url, 'spool.path': given } = settings
  const maxBytes = parseSize(settings['spool.max-bytes'])!
  const credentials = credentialsOf(settings)
  const problems = [
    ...credentialProblems(credentials, url),
    ...(given !== undefined && url === undefined
      ? ['--spool.path: nothing is pushed; give --push.url']
      : []),
    ...(maxBytes < LEAST_BYTES
      ? [`--spool.max-bytes: expected 16MiB or more, found "${settings['spool.max-bytes']}"`]
      : []),
  ]
  if (problems.length > 0) throw new UsageError('ERR_BAD_FLAG', problems)
  if (url === undefined) return undefined
  // Several directories are separated by colons.
  const state = env['STATE_DIRECTORY']?.split(':')[0]
  const path = given ?? (state ? join(state, 'spool') : undefined)
  return {
    url,
    compression: settings['push.compression'] as Compression,
    order: settings['push.order'] as Order,
    credentials,
    ...(path !== undefined && {
      spool: {
        path,
        fsync: settings['spool.fsync'] as Fsync,
        maxBytes,
        maxAgeMs: parseDuration(settings['spool.max-age'])!,
      },
    }),
  }
}
