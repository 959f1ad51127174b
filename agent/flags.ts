/** Everything an agent can be told. */
import { parseDuration } from '../settings/duration.ts'
import type { FlagTable } from '../settings/flag.ts'
import { commonFlags, type Settings } from '../settings/flags.ts'
import { parseListen } from '../settings/listen.ts'
import type { Log } from '../settings/log.ts'
import { UsageError } from '../settings/usage-error.ts'
import type { AgentOptions } from './main.ts'
import { READERS } from './pass.ts'
import { type Compression, COMPRESSIONS } from './ship/push.ts'

const readerFlags = Object.fromEntries(
  READERS.map(({ name, help, offByDefault = false }) => [
    `collector.${name}`,
    { type: 'boolean', default: !offByDefault, help: `Read ${name}. ${help}` },
  ]),
) satisfies FlagTable

const settingsOfReaders: FlagTable = Object.assign({}, ...READERS.map(({ flags }) => flags ?? {}))

export const agentFlags = {
  'config.file': commonFlags['config.file'],
  'web.listen-address': {
    type: 'string',
    multiple: true,
    form: 'address',
    default: ['127.0.0.1:9790'],
    value: 'ADDRESS',
    help: 'Where /metrics is served.',
  },
  insecure: {
    type: 'boolean',
    help: 'Listen beyond loopback without TLS or a token.',
  },
  interval: {
    type: 'string',
    form: 'duration',
    default: '10s',
    value: 'TIME',
    help: 'Time from one pass to the next; 1s or more.',
  },
  'scrape.max-age': {
    type: 'string',
    form: 'duration',
    default: '15s',
    value: 'TIME',
    help: 'A scrape makes a pass of its own when the newest is older.',
  },
  'push.url': {
    type: 'string',
    form: 'url',
    value: 'URL',
    help: 'Collector, or any receiver of OTLP/HTTP, that passes are pushed to; /v1/metrics where the URL has no path.',
  },
  'push.compression': {
    type: 'string',
    default: 'gzip',
    choices: COMPRESSIONS,
    value: 'NAME',
    help: 'Compression of pushed bodies. Every receiver knows gzip; zstd is smaller and cheaper.',
  },
  'path.procfs': {
    type: 'string',
    form: 'path',
    default: '/proc',
    value: 'DIRECTORY',
    help: 'Where procfs is mounted.',
  },
  'path.sysfs': {
    type: 'string',
    form: 'path',
    default: '/sys',
    value: 'DIRECTORY',
    help: 'Where sysfs is mounted.',
  },
  'path.cgroupfs': {
    type: 'string',
    form: 'path',
    value: 'DIRECTORY',
    help: 'Where cgroups are mounted, when not at fs/cgroup of sysfs.',
  },
  'path.rootfs': {
    type: 'string',
    form: 'path',
    default: '/',
    value: 'DIRECTORY',
    help: "Where the machine's root directory is mounted, when the agent runs in a container.",
  },
  ...readerFlags,
  ...settingsOfReaders,
  'log.level': commonFlags['log.level'],
  'log.format': commonFlags['log.format'],
} as const satisfies FlagTable

/** Which readers are on, by their names. */
export const enabledReaders = (
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, boolean>> =>
  Object.fromEntries(READERS.map(({ name }) => [name, settings[`collector.${name}`] !== false]))

/** Values of the readers' own flags. */
export const readerSettings = (
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.keys(settingsOfReaders).map((name) => [name, settings[name]]))

const SHORTEST_INTERVAL_MS = 1_000

/** What `runAgent` takes; throws UsageError where values do not fit together. */
export function agentOptions(settings: Settings<typeof agentFlags>, log: Log): AgentOptions {
  const intervalMs = parseDuration(settings.interval)!
  if (intervalMs < SHORTEST_INTERVAL_MS) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--interval: expected 1s or more, found "${settings.interval}"`,
    ])
  }
  const { 'push.url': url, 'push.compression': compression, 'path.cgroupfs': cgroupfs } = settings
  return {
    listen: settings['web.listen-address'].map((text) => parseListen(text)!),
    insecure: settings.insecure,
    intervalMs,
    scrapeMaxAgeMs: parseDuration(settings['scrape.max-age'])!,
    ...(url !== undefined && { push: { url, compression: compression as Compression } }),
    procfs: settings['path.procfs'],
    sysfs: settings['path.sysfs'],
    ...(cgroupfs !== undefined && { cgroupfs }),
    rootfs: settings['path.rootfs'],
    readers: enabledReaders(settings),
    settings: readerSettings(settings),
    log,
  }
}
