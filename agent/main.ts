/**
 * The agent: a pass every interval, aligned to the wall clock. The newest pass is what /metrics
 * serves, and each pass is handed to the push queue. A scrape costs no reading unless the newest pass
 * is too old, so several scrapers cost as much as one.
 */
import { type Address, assertMayListen } from '../settings/listen.ts'
import { type Log, RepeatedWarnings } from '../settings/log.ts'
import { VERSION } from '../settings/version.ts'
import { renderRows } from '../wire/exposition.ts'
import { PassEncoder } from '../wire/otlp-encode.ts'
import { landingPage } from './landing.ts'
import { type AgentPass, Sampler } from './pass.ts'
import { nextPassMs, offsetMs } from './schedule.ts'
import { countEntities, ownSamples } from './self.ts'
import { serve } from './serve.ts'
import { type Compression, Push } from './ship/push.ts'

export interface AgentOptions {
  readonly listen: readonly Address[]
  /** The flag that the addresses came by, where it is not web.listen-address. */
  readonly listenFlag?: string
  /** Allows addresses beyond loopback. */
  readonly insecure: boolean
  readonly intervalMs: number
  readonly scrapeMaxAgeMs: number
  /** Absent: nothing is pushed. */
  readonly push?: { readonly url: string; readonly compression: Compression }
  readonly procfs: string
  readonly sysfs: string
  readonly cgroupfs?: string
  readonly rootfs?: string
  /** By the names in `READERS`. */
  readonly readers: Readonly<Record<string, boolean>>
  /** Values of the readers' own flags. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly log: Log
}

export interface RunningAgent {
  /** Where it listens, as bound. */
  readonly urls: readonly string[]
  /** The newest pass; its rows are overwritten by the next one. */
  latest(): AgentPass | undefined
  /** Makes no more passes, sends what is queued within a bound, closes everything. */
  stop(): Promise<void>
}

/** Listens, makes the first pass, and goes on until `stop`. Throws when it cannot listen. */
export async function runAgent(options: AgentOptions): Promise<RunningAgent> {
  for (const address of options.listen) {
    assertMayListen(address, options.listenFlag ?? 'web.listen-address', options.insecure)
  }
  const agent = new Agent(options)
  try {
    const server = await serve(options.listen, agent, options.log, options.listenFlag)
    agent.run()
    options.log.info({ urls: server.urls, version: VERSION }, 'agent started')
    return {
      urls: server.urls,
      latest: () => agent.pass,
      stop: async () => {
        await server.close()
        await agent.stop()
      },
    }
  } catch (error) {
    await agent.stop()
    throw error
  }
}

/** Slow tables are shipped as often as they are read. */
const SLOW_MS = 60_000

class Agent {
  readonly #options: AgentOptions
  readonly #sampler: Sampler
  readonly #warnings: RepeatedWarnings
  #push: Push | undefined
  readonly #encoder = new PassEncoder({ version: VERSION, slowMs: SLOW_MS })
  #timer: NodeJS.Timeout | undefined
  #passes = 0
  /** Why the last pass was none. */
  #failure: string | undefined = 'no pass was made yet'
  #newest: { readonly pass: AgentPass; exposition?: Buffer } | undefined

  constructor(options: AgentOptions) {
    this.#options = options
    this.#sampler = new Sampler({ ...options, agentVersion: VERSION })
    this.#warnings = new RepeatedWarnings(options.log)
  }

  get pass(): AgentPass | undefined {
    return this.#newest?.pass
  }

  /** Makes a pass and plans the next. */
  run(): void {
    if (this.#pass()) this.#ship()
    const { intervalMs } = this.#options
    const now = Date.now()
    const next = nextPassMs(now, intervalMs, offsetMs(this.#machine('host.id'), intervalMs))
    this.#timer = setTimeout(() => this.run(), next - now)
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#push?.stop()
    this.#sampler.close()
  }

  /** What is too old is not served: the scrape then makes a pass of its own. */
  metrics = (): Buffer | undefined => {
    const { scrapeMaxAgeMs } = this.#options
    const { timeMs } = this.#newest?.pass ?? { timeMs: Number.NEGATIVE_INFINITY }
    if (Math.abs(Date.now() - timeMs) > scrapeMaxAgeMs && !this.#pass()) return undefined
    const newest = this.#newest!
    newest.exposition ??= renderRows(
      newest.pass.rows,
      ownSamples({
        version: VERSION,
        passes: this.#passes,
        pass: newest.pass,
        ...(this.#push && { push: this.#push.stats }),
      }),
    )
    return newest.exposition
  }

  notReady = (): string | undefined => this.#failure

  landing = (): string =>
    landingPage({
      version: VERSION,
      machine: this.#machine('host.name'),
      readers: this.pass?.readers ?? [],
      entities: this.pass === undefined ? {} : countEntities(this.pass),
      ...(this.#push && { pushUrl: this.#push.shownUrl }),
    })

  /** False when no reader could work at all; the readers' own failures are in their reports. */
  #pass(): boolean {
    const timeMs = Date.now()
    try {
      this.#newest = { pass: this.#sampler.pass(timeMs) }
      this.#passes += 1
      this.#failure = undefined
      return true
    } catch (err) {
      this.#failure = 'the last pass failed; the log says why'
      this.#warnings.warn('pass', { err }, 'pass failed', timeMs)
      return false
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
    })
    this.#push.offer(this.#encoder.encode(this.pass!))
  }

  /** An attribute of the machine as the newest pass has it. */
  #machine(attribute: string): string {
    const machine = this.pass?.rows.find(({ entity }) => entity.kind === 'machine')?.entity
    return machine?.attributes[attribute] ?? 'unknown'
  }
}
