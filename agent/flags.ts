/** Everything an agent can be told. */
import { collectorsWithoutReader, flagsWithoutEffect } from '../catalog/exporter-flags.ts'
import { parseDuration } from '../settings/duration.ts'
import type { FlagTable } from '../settings/flag.ts'
import { commonFlags, type Settings } from '../settings/flags.ts'
import { parseListen } from '../settings/listen.ts'
import type { Log } from '../settings/log.ts'
import { UsageError } from '../settings/usage-error.ts'
import { identityFlags, sourcesOf } from './identity/sources.ts'
import type { AgentOptions, WebOptions } from './main.ts'
import { READERS } from './pass.ts'
import { MAX_REQUESTS, TELEMETRY_PATH } from './web/serve.ts'
import { inheritedSockets } from './web/systemd-socket.ts'
import { shipFlags, shipOptions } from './ship/flags.ts'

const DISABLE_DEFAULTS = 'collector.disable-defaults'

const readerFlags = Object.fromEntries(
  READERS.map(({ name, help, offByDefault = false }) => [
    `collector.${name}`,
    {
      type: 'boolean',
      default: !offByDefault,
      offWith: DISABLE_DEFAULTS,
      help: `Read ${name}. ${help}`,
    },
  ]),
) satisfies FlagTable

const settingsOfReaders: FlagTable = Object.assign({}, ...READERS.map(({ flags }) => flags ?? {}))

/** Of command lines of node_exporter, which go on working. */
const foreignFlags: FlagTable = Object.fromEntries([
  ...Object.entries(collectorsWithoutReader).map(([name, reason]) => [
    `collector.${name}`,
    { type: 'boolean', default: false, help: `Taken, not read. ${reason}` },
  ]),
  ...Object.entries(flagsWithoutEffect).map(([name, { type, reason }]) => [
    name,
    {
      type,
      ...(type === 'string' && { multiple: true }),
      help: `Taken, without effect. ${reason}`,
    },
  ]),
])

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
  'web.telemetry-path': {
    type: 'string',
    default: TELEMETRY_PATH,
    value: 'PATH',
    help: 'Path under which metrics are served.',
  },
  'web.max-requests': {
    type: 'string',
    default: String(MAX_REQUESTS),
    value: 'COUNT',
    help: 'Scrapes that are answered at the same time; 0 for any number.',
  },
  'web.disable-exporter-metrics': {
    type: 'boolean',
    help: 'Leave out the metrics of the agent itself (candor_agent_*, process_*), except its version; also of what is pushed.',
  },
  'web.config.file': {
    type: 'string',
    form: 'path',
    value: 'FILE',
    help: "TLS and users, in the format of Prometheus' exporter-toolkit; read again when it changes and at SIGHUP.",
  },
  'web.systemd-socket': {
    type: 'boolean',
    help: 'Listen on the sockets that systemd opened, in place of addresses.',
  },
  insecure: {
    type: 'boolean',
    help: 'Listen beyond loopback without TLS or a token.',
  },
  'list-readers': {
    type: 'boolean',
    help: 'Print the readers, which of them work on this machine, and what others lack; then end.',
  },
  format: {
    type: 'string',
    default: 'text',
    choices: ['text', 'json'],
    value: 'FORMAT',
    help: 'Form of --list-readers.',
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
  ...shipFlags,
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
  [DISABLE_DEFAULTS]: {
    type: 'boolean',
    help: 'Read only what is switched on by a flag of its own.',
  },
  ...readerFlags,
  ...settingsOfReaders,
  ...identityFlags,
  ...foreignFlags,
  'log.level': commonFlags['log.level'],
  'log.format': commonFlags['log.format'],
} as const satisfies FlagTable

const offByDefault = new Set(
  READERS.flatMap(({ name, offByDefault: off }) => (off === true ? [name] : [])),
)

/** Which readers are on, by their names; a part goes off with what it is part of. */
export function enabledReaders(
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, boolean>> {
  const isOn = (name: string) => settings[`collector.${name}`] !== false
  const isPartOn = (name: string, partOf: string) =>
    settings[DISABLE_DEFAULTS] === true
      ? isOn(name) || isOn(partOf)
      : isOn(name) && (offByDefault.has(partOf) || isOn(partOf))
  return Object.fromEntries(
    READERS.map(({ name, partOf }) => [
      name,
      partOf === undefined ? isOn(name) : isPartOn(name, partOf),
    ]),
  )
}

/** Values of the readers' own flags. */
export const readerSettings = (
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.keys(settingsOfReaders).map((name) => [name, settings[name]]))

function webOptions(settings: WebSettings): WebOptions {
  const telemetryPath = settings['web.telemetry-path']
  if (!/^\/[^?#\s]*$/.test(telemetryPath) || /^\/(?:-\/.*|healthz)?$/.test(telemetryPath)) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--web.telemetry-path: expected a path such as ${TELEMETRY_PATH} that serves nothing else, found "${telemetryPath}"`,
    ])
  }
  const maxRequests = settings['web.max-requests']
  if (!/^\d{1,6}$/.test(maxRequests)) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--web.max-requests: expected a whole number, found "${maxRequests}"`,
    ])
  }
  const configFile = settings['web.config.file']
  return {
    telemetryPath,
    maxRequests: Number(maxRequests),
    quiet: settings['web.disable-exporter-metrics'],
    ...(configFile !== undefined && { configFile }),
    ...(settings['web.systemd-socket'] && { sockets: inheritedSockets(process.env, process.pid) }),
  }
}

type WebSettings = Pick<
  Settings<typeof agentFlags>,
  | 'web.telemetry-path'
  | 'web.max-requests'
  | 'web.disable-exporter-metrics'
  | 'web.config.file'
  | 'web.systemd-socket'
>

const SHORTEST_INTERVAL_MS = 1_000
/** Far below what a timer can wait. */
const LONGEST_INTERVAL_MS = 86_400_000

/** Says what was asked for and is not done. */
function warnOfForeign(settings: Readonly<Record<string, unknown>>, log: Log): void {
  for (const [collector, reason] of Object.entries(collectorsWithoutReader)) {
    if (settings[`collector.${collector}`] === true) {
      log.warn({ collector, reason }, 'collector is not read')
    }
  }
  for (const [flag, { reason }] of Object.entries(flagsWithoutEffect)) {
    const value = settings[flag]
    if (value === true || (Array.isArray(value) && value.length > 0)) {
      log.warn({ flag, reason }, 'flag has no effect')
    }
  }
}

/** What `runAgent` takes; throws UsageError where values do not fit together. */
export function agentOptions(settings: Settings<typeof agentFlags>, log: Log): AgentOptions {
  warnOfForeign(settings, log)
  const intervalMs = parseDuration(settings.interval)!
  if (intervalMs < SHORTEST_INTERVAL_MS || intervalMs > LONGEST_INTERVAL_MS) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--interval: expected 1s to 1d, found "${settings.interval}"`,
    ])
  }
  const { 'path.cgroupfs': cgroupfs } = settings
  const push = shipOptions(settings, process.env)
  return {
    listen: settings['web.listen-address'].map((text) => parseListen(text)!),
    insecure: settings.insecure,
    web: webOptions(settings),
    intervalMs,
    scrapeMaxAgeMs: parseDuration(settings['scrape.max-age'])!,
    ...(push && { push }),
    procfs: settings['path.procfs'],
    sysfs: settings['path.sysfs'],
    ...(cgroupfs !== undefined && { cgroupfs }),
    rootfs: settings['path.rootfs'],
    readers: enabledReaders(settings),
    settings: readerSettings(settings),
    identitySources: sourcesOf(settings, settings['path.rootfs']),
    log,
  }
}
