/**
 * `candor`: agent, collector and embedded store in one process. The agent pushes to the collector
 * over loopback, as it would to one elsewhere: what is seen here is what runs in a fleet.
 */
import { styleText } from 'node:util'
import { agentFlags, agentOptions } from '../agent/flags.ts'
import { runAgent } from '../agent/main.ts'
import { Sampler } from '../agent/pass.ts'
import type { Credentials } from '../agent/ship/credentials.ts'
import { collectorFlags, collectorOptions } from '../collector/flags.ts'
import { runCollector } from '../collector/main.ts'
import type { FlagTable } from '../settings/flag.ts'
import type { Settings } from '../settings/flags.ts'
import { makeLog } from '../settings/log.ts'
import { VERSION } from '../settings/version.ts'
import { lookAt } from './check.ts'
import { describe } from './report.ts'
import { untilSignal } from './until-signal.ts'

/** Both sides listen: the plain name is the collector's, the agent's has its name in front. */
const {
  'web.listen-address': agentListen,
  'push.url': _pushUrl,
  'push.compression': _pushCompression,
  'push.order': _pushOrder,
  'push.token-file': _pushTokenFile,
  'push.ca-file': _pushCaFile,
  'push.cert-file': _pushCertFile,
  'push.key-file': _pushKeyFile,
  'spool.path': _spoolPath,
  'spool.max-bytes': { default: spoolMaxBytes },
  'spool.max-age': { default: spoolMaxAge },
  'spool.fsync': { default: spoolFsync },
  'web.telemetry-path': { default: telemetryPath },
  'web.max-requests': { default: maxRequests },
  'web.disable-exporter-metrics': _disableExporterMetrics,
  'web.config.file': _webConfigFile,
  'web.systemd-socket': _systemdSocket,
  'list-readers': _listReaders,
  format: _format,
  ...agentOnly
} = agentFlags

export const togetherFlags = {
  ...collectorFlags,
  'agent.web.listen-address': agentListen,
  ...agentOnly,
} as const satisfies FlagTable

/** Passes that the first look takes its rates from lie this far apart. */
const FIRST_LOOK_MS = 1_000

/** Where who runs in this process ships to. */
export interface House {
  readonly url: string
  readonly credentials: Credentials
}

/** Something that runs beside agent and collector. */
export interface Beside {
  /** Resolves when what it says is true. */
  readonly ready: Promise<void>
  /** For people. */
  readonly lines: readonly string[]
  stop(): Promise<void>
}

export async function together(
  settings: Settings<typeof togetherFlags>,
  start?: (house: House) => Beside,
): Promise<number> {
  const log = makeLog({ level: settings['log.level'], format: settings['log.format'] })
  // What a person asked for is checked before anything is opened.
  const options = {
    ...agentOptions(
      {
        ...settings,
        'web.listen-address': settings['agent.web.listen-address'],
        'web.telemetry-path': telemetryPath,
        'web.max-requests': maxRequests,
        'web.disable-exporter-metrics': false,
        'web.config.file': undefined,
        'web.systemd-socket': false,
        'list-readers': false,
        format: 'text',
        'push.url': undefined,
        'push.compression': 'zstd',
        'push.order': 'live-first',
        'push.token-file': undefined,
        'push.ca-file': undefined,
        'push.cert-file': undefined,
        'push.key-file': undefined,
        'spool.path': undefined,
        'spool.max-bytes': spoolMaxBytes,
        'spool.max-age': spoolMaxAge,
        'spool.fsync': spoolFsync,
      },
      log,
    ),
    listenFlag: 'agent.web.listen-address',
  }
  const collector = await runCollector({
    ...collectorOptions(settings, log),
    withHouse: true,
  })
  const { url, token } = collector.house
  const credentials: Credentials = token ? { token } : {}
  const push = { url, compression: 'zstd', credentials } as const
  const agent = await runAgent({ ...options, push }).catch(async (error: unknown) => {
    await collector.stop()
    throw error
  })
  const beside = start?.({ url, credentials })
  const sampler = new Sampler({ ...options, agentVersion: VERSION })
  const picture = await lookAt(sampler, FIRST_LOOK_MS).finally(() => sampler.close())
  await beside?.ready
  const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
  process.stdout.write(
    [
      describe(picture),
      '',
      `store    ${collector.store}`,
      `otlp     ${collector.otlpUrl}/v1/metrics`,
      ...agent.urls.map((each) => `agent    ${each}/metrics`),
      ...(beside?.lines ?? []),
      `console  ${bold(`${collector.consoleUrl}/`)}`,
      '',
    ].join('\n'),
  )
  log.info({ signal: await untilSignal() }, 'candor stops')
  await beside?.stop()
  await agent.stop()
  await collector.stop()
  return 0
}
