/**
 * `candor sql 'SELECT …'`: a statement that reads a store which no collector has open, or a ClickHouse server.
 * docs/sql.md says what there is to ask.
 */
import { text as textOf } from 'node:stream/consumers'
import { limits } from '../catalog/limit.ts'
import { collectorFlags, storeOf } from '../collector/flags.ts'
import { answer, type Door, doorSettings } from '../collector/store/door/door.ts'
import { parseDuration } from '../settings/duration.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { makeLog } from '../settings/log.ts'
import { parseSize } from '../settings/size.ts'
import { UsageError } from '../settings/usage-error.ts'
import { describeRows, type SqlRows } from './sql-report.ts'

/** Name of each form in the engine. */
const FORMATS = {
  text: 'JSONCompact',
  json: 'JSON',
  csv: 'CSVWithNames',
  tsv: 'TabSeparatedWithNames',
  parquet: 'Parquet',
} as const

export const sqlFlags = {
  'store.path': collectorFlags['store.path'],
  'store.url': collectorFlags['store.url'],
  'store.username': collectorFlags['store.username'],
  'store.password-file': collectorFlags['store.password-file'],
  'config.file': collectorFlags['config.file'],
  'log.level': { ...collectorFlags['log.level'], default: 'warn' },
  'log.format': collectorFlags['log.format'],
  tenant: {
    type: 'string',
    value: 'NAME',
    help: 'Whose rows are read; those of the default tenant otherwise.',
  },
  'max-time': {
    type: 'string',
    form: 'duration',
    default: '1m',
    value: 'TIME',
    help: 'How long the statement may take.',
  },
  'max-memory': {
    type: 'string',
    form: 'size',
    default: `${limits.queryMemoryBytes.value >> 20}MiB`,
    value: 'SIZE',
    help: 'Memory that the statement may take.',
  },
  format: {
    type: 'string',
    default: 'text',
    choices: Object.keys(FORMATS),
    value: 'FORMAT',
    help: 'A table for people, or rows for programs.',
  },
} as const satisfies FlagTable

export async function sql(settings: Settings<typeof sqlFlags>, given: string): Promise<number> {
  const format = settings.format as keyof typeof FORMATS
  if (format === 'parquet' && process.stdout.isTTY) {
    throw new UsageError('ERR_BAD_FLAG', ['--format=parquet: expected a file or a pipe behind it'])
  }
  const text = given === '-' ? await textOf(process.stdin) : given
  const door = await opened(settings)
  try {
    const found = await answer(door, text, FORMATS[format])
    process.stdout.write(format === 'text' ? `${table(found)}\n` : found)
  } finally {
    await door.close()
  }
  return 0
}

const table = (found: Uint8Array): string =>
  describeRows(JSON.parse(Buffer.from(found).toString() || EMPTY) as SqlRows)

/** What the engine says where a statement gives nothing at all. */
const EMPTY = '{"meta":[],"data":[]}'

async function opened(settings: Settings<typeof sqlFlags>): Promise<Door> {
  const timeMs = parseDuration(settings['max-time'])!
  const memoryBytes = parseSize(settings['max-memory'])!
  const inForce = await doorSettings(settings.tenant ?? '', { timeMs, memoryBytes })
  const store = storeOf(settings)
  if ('url' in store) {
    const { openServerDoor } = await import('../collector/store/door/server.ts')
    return openServerDoor(store, inForce, timeMs)
  }
  const { openEmbeddedDoor } = await import('../collector/store/door/embedded.ts')
  const log = makeLog({ level: settings['log.level'], format: settings['log.format'] })
  return openEmbeddedDoor(store.path, inForce, log)
}
