/** `candor collector`: receives, stores, judges and tells until it is told to stop. */
import { collectorFlags, collectorOptions } from '../collector/flags.ts'
import { runCollector } from '../collector/main.ts'
import { clusterSchema } from '../collector/store/cluster.ts'
import { readSchema } from '../collector/store/migrate.ts'
import type { StoreOptions } from '../collector/store/store.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { makeLog } from '../settings/log.ts'
import { untilSignal } from './until-signal.ts'

export const collectorCommandFlags = {
  ...collectorFlags,
  'print-schema': {
    type: 'boolean',
    default: false,
    help: 'Print the tables and views, of a cluster where one is told, and end.',
  },
} as const satisfies FlagTable

export async function collectorCommand(
  settings: Settings<typeof collectorCommandFlags>,
): Promise<number> {
  const log = makeLog({ level: settings['log.level'], format: settings['log.format'] })
  const options = collectorOptions(settings, log)
  if (settings['print-schema']) {
    process.stdout.write(await schemaOf(options.store))
    return 0
  }
  const collector = await runCollector(options)
  process.stdout.write(
    [
      `store    ${collector.store}`,
      `otlp     ${collector.otlpUrl}/v1/metrics`,
      `console  ${collector.consoleUrl}/`,
      '',
    ].join('\n'),
  )
  log.info({ signal: await untilSignal() }, 'collector stops')
  await collector.stop()
  return 0
}

/** Statements as `clickhouse-client --multiquery` takes them. */
async function schemaOf(store: StoreOptions): Promise<string> {
  const schema = await readSchema()
  const cluster = 'url' in store ? store.cluster : undefined
  const statements =
    cluster === undefined
      ? [...schema.tables.values(), ...schema.views.values()]
      : clusterSchema(schema, cluster.name, cluster.retention)
  return statements.map((statement) => `${statement.trimEnd()};\n`).join('\n')
}
