/**
 * Starts the foreign programs that our tests run against: each on a free loopback port, with its
 * files in a directory of its own, both gone after `stop()`.
 */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { missingPeers, peer, type PeerName } from './list.ts'
import { cgroupVersion } from '../own-cgroup.ts'
import { startServer, type Server } from './server.ts'

export { peer }

/** What a test may ask for besides a program. */
const traits = {
  root: () => process.getuid?.() === 0,
  /** Limits can be set: v1 with its controllers, or v2 with them enabled for the root's children. */
  cgroup: () => cgroupVersion() !== undefined,
  /** A name space of users of one's own, with limits of its own. */
  'user-namespace': () => spawnSync('unshare', ['--map-root-user', 'true']).status === 0,
  /** File systems can be made that answer as a test wants, or never. */
  fuse: () => existsSync('/dev/fuse'),
  /** A file can be a disk. */
  loop: () => existsSync('/dev/loop-control'),
  'cgroup-v1': () => / cgroup \S*\bmemory\b/.test(readFileSync('/proc/self/mounts', 'latin1')),
} as const

type Need = PeerName | keyof typeof traits

/** Everything that a test may ask for and this machine lacks. */
export const missingNeeds = (): Need[] => [
  ...missingPeers(),
  ...(Object.keys(traits) as (keyof typeof traits)[]).filter((name) => !traits[name]()),
]

/**
 * The reason to skip a test, for `test.skipIf(needs('prometheus', 'root'))`; undefined when all is
 * there. With CI=true it throws instead: there a skipped test would look like a passed one.
 */
export function needs(...names: readonly Need[]): string | undefined {
  const missing = missingNeeds().filter((name) => names.includes(name))
  if (missing.length === 0) return undefined
  const reason = `this machine has no ${missing.join(', ')}`
  if (process.env['CI'] === 'true') throw new Error(reason)
  return reason
}

function program(name: PeerName): string {
  const path = peer(name)
  if (path === undefined) throw new Error(`${name} is not installed; see test/peers/install.ts`)
  return path
}

function temporaryFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'candor-peer-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Configuration files are YAML, and JSON is YAML: no text is pasted together. */
const yaml = (value: unknown) => JSON.stringify(value)

/** How Prometheus shows who it is, in the words of its configuration. */
export interface HttpClient {
  readonly authorization?: { readonly credentials: string }
  readonly basic_auth?: { readonly username: string; readonly password: string }
  readonly tls_config?: {
    readonly ca_file: string
    readonly cert_file: string
    readonly key_file: string
  }
}

export interface PrometheusOptions {
  readonly scrape: readonly {
    readonly job: string
    readonly url: string
    readonly client?: HttpClient
  }[]
  /** Text of a rule file. */
  readonly rules?: string
  /** Base addresses that alerts are sent to. */
  readonly alertmanagers?: readonly string[]
  /** Where all samples are written to as well. */
  readonly remoteWrite?: readonly string[]
  readonly writeClient?: HttpClient
  /** Takes remote write. */
  readonly receives?: true
  /** Between scrapes and between evaluations; 1 by default. */
  readonly intervalSeconds?: number
}

export interface PrometheusServer extends Server {
  /** Instant query: what the newest values are. */
  query(expr: string): Promise<{ labels: Record<string, string>; value: number }[]>
}

interface QueryAnswer {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: { metric: Record<string, string>; value: [number, string] }[] }
}

async function query(url: string, expr: string) {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)
  const answer = (await response.json()) as QueryAnswer
  if (answer.status !== 'success') throw new Error(`Prometheus: ${answer.error}`)
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: +value[1] }))
}

function prometheusConfig({
  scrape,
  rules,
  alertmanagers,
  remoteWrite,
  writeClient,
  intervalSeconds,
}: PrometheusOptions) {
  const interval = `${intervalSeconds ?? 1}s`
  return yaml({
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: rules === undefined ? [] : ['rules.yml'],
    alerting: {
      alertmanagers: (alertmanagers ?? []).map((address) => ({
        scheme: new URL(address).protocol.slice(0, -1),
        static_configs: [{ targets: [new URL(address).host] }],
      })),
    },
    remote_write: (remoteWrite ?? []).map((url) => ({
      url,
      queue_config: { batch_send_deadline: '100ms', min_backoff: '30ms', retry_on_http_429: true },
      metadata_config: { send_interval: '1s' },
      ...writeClient,
    })),
    scrape_configs: scrape.map(({ job, url, client }) => ({
      job_name: job,
      scheme: new URL(url).protocol.slice(0, -1),
      metrics_path: new URL(url).pathname,
      static_configs: [{ targets: [new URL(url).host] }],
      ...client,
    })),
  })
}

/** A Prometheus server that scrapes the given addresses. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const folder = temporaryFolder({
    'prometheus.yml': prometheusConfig(options),
    ...(options.rules !== undefined && { 'rules.yml': options.rules }),
  })
  const server = await startServer({
    program: program('prometheus'),
    args: (address) => [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
      ...(options.receives === true ? ['--web.enable-remote-write-receiver'] : []),
    ],
    readyPath: '/-/ready',
    folder,
  })
  return { ...server, query: (expr) => query(server.url, expr) }
}

/** An Alertmanager that hands every alert on to the webhook at once; alone, without gossip. */
export function startAlertmanager(options: { webhookUrl?: string } = {}): Promise<Server> {
  const folder = temporaryFolder({
    'alertmanager.yml': yaml({
      route: {
        receiver: 'hook',
        group_by: ['...'],
        group_wait: '0s',
        group_interval: '1s',
        repeat_interval: '1h',
      },
      receivers: [
        {
          name: 'hook',
          webhook_configs:
            options.webhookUrl === undefined
              ? []
              : [{ url: options.webhookUrl, send_resolved: true }],
        },
      ],
    }),
  })
  return startServer({
    program: program('alertmanager'),
    args: (address) => [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    readyPath: '/-/ready',
    folder,
  })
}

/** A node_exporter of this machine; `args` add to its defaults. */
export const startNodeExporter = (args: readonly string[] = []): Promise<Server> =>
  startServer({
    program: program('node_exporter'),
    args: (address) => [`--web.listen-address=${address}`, '--log.level=warn', ...args],
    readyPath: '/',
  })

export interface PromtoolResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs promtool in a folder that holds `files` and nothing else. */
export async function promtool(
  args: readonly string[],
  options: { input?: string | Uint8Array; files?: Readonly<Record<string, string>> } = {},
): Promise<PromtoolResult> {
  const folder = temporaryFolder(options.files)
  try {
    return await new Promise((resolve, reject) => {
      const child = execFile(
        program('promtool'),
        args,
        { cwd: folder },
        (error, stdout, stderr) => {
          if (error && typeof error.code !== 'number') reject(error)
          else resolve({ code: Number(error?.code ?? 0), stdout, stderr })
        },
      )
      child.stdin?.on('error', () => {}).end(options.input)
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
