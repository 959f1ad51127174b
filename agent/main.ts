/**
 * The agent: a pass every interval, aligned to the wall clock. The newest pass is what /metrics
 * serves, and each pass is handed to the push queue. A scrape costs no reading unless the newest pass
 * is too old, so several scrapers cost as much as one.
 */
import type { Address } from '../settings/listen.ts'
import { type Log, RepeatedWarnings } from '../settings/log.ts'
import { VERSION } from '../settings/version.ts'
import { PassEncoder } from '../wire/otlp-encode.ts'
import type { Row } from '../wire/sample.ts'
import { type AgentPass, READERS, Sampler } from './pass.ts'
import { nextPassMs, offsetMs } from './schedule.ts'
import { countEntities, SelfRows } from './self.ts'
import { realClock } from './ship/clock.ts'
import type { ShipOptions } from './ship/flags.ts'
import { LateSpool } from './ship/late-spool.ts'
import { Push } from './ship/push.ts'
import type { Body } from './web/body.ts'
import { WatchedConfig } from '../settings/web/config-watch.ts'
import { Expositions, type Wanted } from './web/expositions.ts'
import type { ScrapeResult, Served } from './web/handler.ts'
import { Identities } from './identity/identities.ts'
import type { Source } from './identity/source.ts'
import { landingPage } from './web/landing.ts'
import { serve, TELEMETRY_PATH } from './web/serve.ts'

export interface AgentOptions {
  readonly listen: readonly Address[]
  /** The flag that the addresses came by, where it is not web.listen-address. */
  readonly listenFlag?: string
  /** Allows addresses beyond loopback, also without TLS or users. */
  readonly insecure: boolean
  readonly web?: WebOptions
  readonly intervalMs: number
  readonly scrapeMaxAgeMs: number
  /** Absent: nothing is pushed. */
  readonly push?: ShipOptions
  readonly procfs: string
  readonly sysfs: string
  readonly cgroupfs?: string
  readonly rootfs?: string
  /** By the names in `READERS`. */
  readonly readers: Readonly<Record<string, boolean>>
  /** Values of the readers' own flags. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Who is asked whose a container is. */
  readonly identitySources?: readonly Source[]
  readonly log: Log
}

export interface WebOptions {
  /** TLS, headers and users, in the format of exporter-toolkit. */
  readonly configFile?: string
  readonly telemetryPath?: string
  /** Scrapes that are answered at the same time; 0 for any number. */
  readonly maxRequests?: number
  /** Metrics of the agent itself are left out. */
  readonly quiet?: boolean
  /** Descriptors of sockets that listen already, in place of addresses. */
  readonly sockets?: readonly number[]
}

export interface RunningAgent {
  /** Where it listens, as bound. */
  readonly urls: readonly string[]
  /** The newest pass; its rows are overwritten by the next one. */
  latest(): AgentPass | undefined
  /** Makes no more passes, sends what is queued within a bound, closes everything. */
  stop(): Promise<void>
}

/**
 * Listens, makes the first pass, and goes on until `stop`. Throws when it cannot listen, or cannot have
 * its spool.
 */
export async function runAgent(options: AgentOptions): Promise<RunningAgent> {
  const { web = {}, log } = options
  const config =
    web.configFile === undefined ? undefined : await WatchedConfig.open(web.configFile, log)
  const spool = openSpool(options)
  const agent = new Agent(options, config, spool)
  const renew = () => void config?.renew()
  try {
    const server = await serve(agent, {
      ...web,
      addresses: options.listen,
      insecure: options.insecure,
      log,
      ...(options.listenFlag !== undefined && { flag: options.listenFlag }),
      ...(config && { config }),
    })
    // Without such a file the signal ends the process, as it does when a terminal goes away.
    if (config !== undefined) process.on('SIGHUP', renew)
    agent.run()
    options.log.info({ urls: server.urls, version: VERSION }, 'agent started')
    return {
      urls: server.urls,
      latest: () => agent.pass,
      stop: async () => {
        process.off('SIGHUP', renew)
        await server.close()
        await agent.stop()
      },
    }
  } catch (error) {
    await agent.stop()
    throw error
  }
}

function openSpool({ push, procfs, log }: AgentOptions): LateSpool | undefined {
  return push?.spool && LateSpool.at(push.spool, { procfs, clock: realClock, log })
}

/** Slow tables are shipped as often as they are read. */
const SLOW_MS = 60_000

class Agent implements Served {
  readonly #options: AgentOptions
  readonly #sampler: Sampler
  readonly #identities: Identities
  readonly #warnings: RepeatedWarnings
  #push: Push | undefined
  readonly #spool: LateSpool | undefined
  readonly #encoder = new PassEncoder({ version: VERSION, slowMs: SLOW_MS })
  #timer: NodeJS.Timeout | undefined
  #passes = 0
  /** Why the last pass was none. */
  #failure: string | undefined = 'no pass was made yet'
  #newest: AgentPass | undefined
  readonly #config: WatchedConfig | undefined
  readonly #expositions: Expositions
  readonly #self = new SelfRows()
  readonly #scrapes = { answered: 0, refused: 0, cut: 0 }
  readonly readers: ReadonlyMap<string, boolean>

  constructor(
    options: AgentOptions,
    config: WatchedConfig | undefined,
    spool: LateSpool | undefined,
  ) {
    this.#options = options
    this.#config = config
    this.#spool = spool
    this.#expositions = new Expositions((pass) => this.#ownRows(pass))
    this.#identities = new Identities(options.identitySources ?? [], () => {
      this.#sampler.learn()
      this.#expositions.drop()
    })
    this.#sampler = new Sampler({
      ...options,
      identities: this.#identities,
      agentVersion: VERSION,
      // A container that ended is seen in no scrape any more, and one that came in the next.
      onChange: () => this.#expositions.drop(),
    })
    this.readers = new Map(
      READERS.map(({ name, offByDefault = false }) => [
        name,
        options.readers[name] ?? !offByDefault,
      ]),
    )
    this.#warnings = new RepeatedWarnings(options.log)
  }

  get pass(): AgentPass | undefined {
    return this.#newest
  }

  /** Makes a pass and plans the next. */
  run(): void {
    if (this.#pass()) this.#tryToShip()
    const { intervalMs } = this.#options
    const now = Date.now()
    const next = nextPassMs(now, intervalMs, offsetMs(this.#machine('host.id'), intervalMs))
    this.#timer = setTimeout(() => this.run(), next - now)
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#identities.stop()
    await this.#push?.stop()
    // Nothing may have been shipped yet.
    await this.#spool?.close()
    this.#sampler.close()
  }

  /** What is too old is not served: the scrape then makes a pass of its own. */
  metrics = (wanted: Wanted): Promise<Body> | undefined => {
    const { scrapeMaxAgeMs } = this.#options
    const { timeMs } = this.#newest ?? { timeMs: Number.NEGATIVE_INFINITY }
    if (Math.abs(Date.now() - timeMs) > scrapeMaxAgeMs) {
      if (!this.#pass()) return undefined
      // What ended is handed out by one pass only.
      this.#tryToShip()
    }
    return this.#expositions.body(this.#newest!, wanted)
  }

  scraped = (result: ScrapeResult): void => {
    this.#scrapes[result] += 1
  }

  notReady = (): string | undefined => this.#failure

  landing = (): string =>
    landingPage({
      version: VERSION,
      machine: this.#machine('host.name'),
      telemetryPath: this.#options.web?.telemetryPath ?? TELEMETRY_PATH,
      readers: this.pass?.readers ?? [],
      entities: this.pass === undefined ? {} : countEntities(this.pass),
      ...(this.#push && { pushUrl: this.#push.shownUrl }),
    })

  /** False when no reader could work at all; the readers' own failures are in their reports. */
  #pass(): boolean {
    const timeMs = Date.now()
    try {
      this.#newest = this.#sampler.pass(timeMs)
      this.#expositions.drop()
      this.#passes += 1
      this.#failure = undefined
      return true
    } catch (err) {
      this.#failure = 'the last pass failed; the log says why'
      this.#warnings.warn('pass', { err }, 'pass failed', timeMs)
      return false
    }
  }

  #ownRows(pass: AgentPass): Row[] {
    return this.#self.of({
      version: VERSION,
      passes: this.#passes,
      pass,
      scrapes: this.#scrapes,
      quiet: this.#options.web?.quiet === true,
      ...(this.#config && { webConfig: this.#config.reload }),
      ...(this.#push && { push: this.#push.stats }),
    })
  }

  /** What cannot be sent costs neither the next pass nor the scrape. */
  #tryToShip(): void {
    try {
      this.#ship()
    } catch (err) {
      this.#warnings.warn('ship', { err }, 'pass not sent', Date.now())
    }
  }

  #ship(): void {
    const { push, log } = this.#options
    if (push === undefined) return
    this.#push ??= new Push({
      ...push,
      sender: `${this.#machine('host.id')}/${this.#machine('candor.boot.id')}`,
      userAgent: `candor/${VERSION}`,
      log,
      spool: this.#spool,
    })
    const pass = this.pass!
    const rows = [...pass.rows, ...this.#ownRows(pass)]
    this.#push.offer(this.#encoder.encode({ ...pass, rows }))
  }

  /** An attribute of the machine as the newest pass has it. */
  #machine(attribute: string): string {
    const machine = this.pass?.rows.find(({ entity }) => entity.kind === 'machine')?.entity
    return machine?.attributes[attribute] ?? 'unknown'
  }
}
