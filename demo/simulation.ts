/**
 * Made-up machines that report as real ones do: a pass each interval at an offset of their own, shipped
 * by the agent's own code over a connection of their own: kept alive, acknowledged, tried again after
 * Retry-After and with full jitter.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { nextPassMs, offsetMs } from '../agent/schedule.ts'
import type { Credentials } from '../agent/ship/credentials.ts'
import { openPoster, type Poster } from '../agent/ship/post.ts'
import { Push } from '../agent/ship/push.ts'
import type { Log } from '../settings/log.ts'
import type { Fleet } from './fleet.ts'
import { Forms, Passes } from './passes.ts'

export interface SimulationOptions {
  readonly fleet: Fleet
  /** Of the receiver of OTLP/HTTP. */
  readonly url: string
  readonly credentials?: Credentials
  readonly intervalMs: number
  /** Version that the instrumentation scope tells. */
  readonly version: string
  readonly log: Log
  /** Of one machine, for what cannot be sent; that of an agent unless it is given. */
  readonly queueBytes?: number
}

/** Passes that were made before the present. */
export interface Past {
  readonly machines: number
  readonly fromMs: number
  readonly toMs: number
  /** Passes in one request. */
  readonly together: number
}

/** One answer to a batch. */
export interface Answered {
  readonly machine: number
  readonly status: number
  readonly ms: number
}

/** How often it is looked whose pass is due. */
const TICK_MS = 50

interface Agent {
  readonly index: number
  readonly passes: Passes
  readonly offsetMs: number
  bootId: string
  push: Push | undefined
  /** When each batch was offered that was not settled at the last offer, and how many were before these. */
  offeredMs: number[]
  before: number
  /** When its next pass is due. */
  dueMs: number
}

/** Batches that wait no longer. */
const settled = ({ push }: Agent): number => {
  if (push === undefined) return 0
  const { stored, rejected, dropped } = push.stats
  return stored + rejected + dropped.pushQueueBytes
}

export class Simulation {
  readonly #options: SimulationOptions
  readonly #forms: Forms
  readonly #agents: Agent[] = []
  /** How many of the agents report. */
  #size = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  /** Points that were offered to be sent, and passes. */
  samples = 0
  passes = 0
  /** Longest that a pass was late, ms: more than a little means that this process lacks CPU. */
  lateMs = 0
  onAnswer: (answered: Answered) => void = () => {}

  constructor(options: SimulationOptions) {
    this.#options = options
    this.#forms = new Forms(options.fleet, options.version)
  }

  /** Agents that are to make their first pass, without one that is stored, or with one that waits for so long. */
  behind(ms: number): number {
    const untilMs = Date.now() - ms
    return this.#running.filter((agent) => {
      const waits = agent.offeredMs[settled(agent) - agent.before]
      if (waits === undefined) return settled(agent) === 0 && agent.dueMs <= Date.now()
      return settled(agent) === 0 || waits <= untilMs
    }).length
  }

  /** So many machines report from now on; each begins at its next turn. */
  resize(machines: number): void {
    const nowMs = Date.now()
    for (const agent of this.#first(machines).slice(this.#size)) {
      agent.dueMs = nextPassMs(nowMs, this.#options.intervalMs, agent.offsetMs)
    }
    this.#size = machines
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS)
  }

  /**
   * Before the first `resize`: passes of the past, oldest first, several of them in a request. Resolves
   * when all are stored, or when this stops.
   */
  async backfill({ machines, fromMs, toMs, together }: Past): Promise<void> {
    const span = together * this.#options.intervalMs
    for (let startMs = fromMs; startMs < toMs; startMs += span) {
      const endMs = Math.min(toMs, startMs + span)
      await Promise.all(this.#first(machines).map((agent) => this.#send(agent, startMs, endMs)))
    }
  }

  async #send(agent: Agent, startMs: number, endMs: number): Promise<void> {
    const { intervalMs } = this.#options
    const bodies: Buffer[] = []
    let atMs = nextPassMs(startMs - 1, intervalMs, agent.offsetMs)
    for (; atMs < endMs; atMs += intervalMs) {
      const pass = agent.passes.at(atMs)
      if (pass !== undefined) bodies.push(this.#note(agent, pass))
    }
    if (bodies.length === 0 || this.#stopped) return
    const push = this.#pushOf(agent)
    const before = settled(agent)
    push.offer([Buffer.concat(bodies)])
    while (settled(agent) === before && !this.#stopped) await wait(TICK_MS)
  }

  /** All agents start anew at once, with new connections and a first pass at once, as after an upgrade. */
  restart(): void {
    const nowMs = Date.now()
    for (const agent of this.#running) {
      this.#end(agent)
      agent.passes.forget()
      agent.dueMs = nowMs
    }
  }

  /** Sends what waits, within a bound. */
  async stop(withinMs?: number): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await Promise.all(this.#agents.map(async ({ push }) => push?.stop(withinMs)))
  }

  get #running(): readonly Agent[] {
    return this.#first(this.#size)
  }

  #first(machines: number): readonly Agent[] {
    while (this.#agents.length < machines) this.#agents.push(this.#make(this.#agents.length))
    return this.#agents.slice(0, machines)
  }

  #make(index: number): Agent {
    const passes = new Passes(this.#options.fleet, this.#forms, index)
    const { hostId } = passes.machine
    return {
      index,
      passes,
      offsetMs: offsetMs(hostId, this.#options.intervalMs),
      bootId: '',
      push: undefined,
      offeredMs: [],
      before: 0,
      dueMs: 0,
    }
  }

  #tick(): void {
    const nowMs = Date.now()
    for (let i = 0; i < this.#size; i++) {
      const agent = this.#agents[i]!
      if (agent.dueMs > nowMs) continue
      this.lateMs = Math.max(this.lateMs, nowMs - agent.dueMs)
      agent.dueMs = nextPassMs(nowMs, this.#options.intervalMs, agent.offsetMs)
      const pass = agent.passes.at(nowMs)
      if (pass !== undefined) {
        const body = this.#note(agent, pass)
        this.#pushOf(agent).offer([body])
        const gone = settled(agent) - agent.before
        agent.offeredMs.splice(0, gone)
        agent.before += gone
        agent.offeredMs.push(nowMs)
      }
    }
  }

  /** Its process is gone, and its connection with it. */
  #end(agent: Agent): void {
    void agent.push?.stop(0)
    agent.push = undefined
    agent.offeredMs = []
    agent.before = 0
  }

  #note(agent: Agent, { body, samples, bootId }: NonNullable<ReturnType<Passes['at']>>): Buffer {
    // Whose machine restarted is a new process, too.
    if (agent.bootId !== bootId) {
      this.#end(agent)
      agent.bootId = bootId
    }
    this.samples += samples
    this.passes += 1
    return body
  }

  #pushOf(agent: Agent): Push {
    const { url, version, log, queueBytes, credentials } = this.#options
    return (agent.push ??= new Push({
      url,
      compression: 'zstd',
      sender: `${agent.passes.machine.hostId}/${agent.bootId}`,
      userAgent: `candor/${version} (simulated)`,
      log,
      ...(queueBytes !== undefined && { queueBytes }),
      ...(credentials !== undefined && { credentials }),
      connect: (to) => this.#connect(agent.index, to, credentials),
    }))
  }

  async #connect(machine: number, url: URL, credentials?: Credentials): Promise<Poster> {
    const poster = await openPoster(url, credentials)
    return {
      close: () => poster.close(),
      post: async (request) => {
        const fromMs = performance.now()
        const told = (status: number) =>
          this.onAnswer({ machine, status, ms: performance.now() - fromMs })
        try {
          const answer = await poster.post(request)
          told(answer.status)
          return answer
        } catch (error) {
          told(0)
          throw error
        }
      },
    }
  }
}
