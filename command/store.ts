/**
 * `candor store …`: what an operator does to a store that no collector has open. A running collector
 * keeps its directory locked, and the commands say so.
 */
import { parseDuration } from '../settings/duration.ts'
import { collectorFlags, retentionOf, storeOf } from '../collector/flags.ts'
import { openStore } from '../collector/store/open-store.ts'
import { backUp, restore } from '../collector/store/operate/backup.ts'
import { compact } from '../collector/store/operate/compact.ts'
import { exportTable } from '../collector/store/operate/export.ts'
import { readStats } from '../collector/store/operate/stats.ts'

import type { Store } from '../collector/store/store.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { makeLog } from '../settings/log.ts'
import { UsageError } from '../settings/usage-error.ts'
import { formatFlag } from './reading.ts'
import { describeStats, size } from './store-report.ts'

const common = {
  'config.file': collectorFlags['config.file'],
  'log.level': { ...collectorFlags['log.level'], default: 'warn' },
  'log.format': collectorFlags['log.format'],
} as const satisfies FlagTable
const embedded = { 'store.path': collectorFlags['store.path'], ...common } as const
const either = {
  ...embedded,
  'store.url': collectorFlags['store.url'],
  'store.username': collectorFlags['store.username'],
  'store.password-file': collectorFlags['store.password-file'],
} as const

export const statsFlags = {
  ...either,
  'store.retention.raw': collectorFlags['store.retention.raw'],
  'store.retention.1m': collectorFlags['store.retention.1m'],
  'store.retention.1h': collectorFlags['store.retention.1h'],
  'store.retention.bytes': collectorFlags['store.retention.bytes'],
  format: formatFlag,
} as const satisfies FlagTable

export const compactFlags = {
  ...either,
  'max-time': {
    type: 'string',
    form: 'duration',
    default: '10m',
    value: 'TIME',
    help: 'Start no further partition after this time.',
  },
} as const satisfies FlagTable

export const exportFlags = {
  ...embedded,
  output: {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: 'Parquet file to write; it must not exist. TABLE.parquet by default.',
  },
  from: { type: 'string', value: 'TIME', help: 'Only rows from this time on (2026-06-01T12:00Z).' },
  to: { type: 'string', value: 'TIME', help: 'Only rows before this time.' },
} as const satisfies FlagTable

export const backupFlags = embedded

type Opening = Settings<typeof common> & Parameters<typeof storeOf>[0]

async function opened<T>(settings: Opening, work: (store: Store) => Promise<T>): Promise<T> {
  const log = makeLog({ level: settings['log.level'], format: settings['log.format'] })
  const store = await openStore(storeOf(settings), log)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

export async function storeStats(settings: Settings<typeof statsFlags>): Promise<number> {
  const retention = retentionOf(settings)
  const stats = await opened(settings, (store) => readStats(store, retention, Date.now()))
  process.stdout.write(
    settings.format === 'json'
      ? `${JSON.stringify(stats, null, 2)}\n`
      : `${describeStats(stats)}\n`,
  )
  return 0
}

export async function storeCompact(settings: Settings<typeof compactFlags>): Promise<number> {
  const startMs = Date.now()
  const forMs = parseDuration(settings['max-time'])!
  const { partitions, left, bytesBefore, bytesAfter } = await opened(settings, (store) =>
    compact(store, startMs, () => Date.now() - startMs > forMs),
  )
  process.stdout.write(
    `${partitions} partitions merged, ${left} left; ${size(bytesBefore)} before, ${size(bytesAfter)} after\n`,
  )
  return 0
}

export async function storeExport(
  settings: Settings<typeof exportFlags>,
  table: string,
): Promise<number> {
  const file = settings.output ?? `${table}.parquet`
  const fromMs = timeOf('from', settings.from)
  const toMs = timeOf('to', settings.to)
  const rows = await opened(settings, (store) =>
    exportTable(
      store,
      { table, ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) },
      file,
    ),
  )
  process.stdout.write(`${rows} rows in ${file}\n`)
  return 0
}

function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--${name}: expected a time such as 2026-06-01T12:00Z, found ${JSON.stringify(text)}`,
    ])
  }
  return ms
}

export async function storeBackup(
  settings: Settings<typeof backupFlags>,
  to: string,
): Promise<number> {
  await backUp(settings['store.path'], to)
  process.stdout.write(`${settings['store.path']} is copied to ${to}\n`)
  return 0
}

export async function storeRestore(
  settings: Settings<typeof backupFlags>,
  from: string,
): Promise<number> {
  await restore(from, settings['store.path'])
  process.stdout.write(`${settings['store.path']} is a store as it was in ${from}\n`)
  return 0
}
