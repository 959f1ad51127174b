/**
 * The collector: what arrives by OTLP goes into the store and is acknowledged then; every evaluation
 * interval SLOs and findings are judged from the store, and alerts follow from SLOs.
 */
import './thread-pool.ts'
import type { FastifyInstance } from 'fastify'
import { type Address, assertMayListen } from '../settings/listen.ts'
import { type Log, RepeatedWarnings } from '../settings/log.ts'
import { VERSION } from '../settings/version.ts'
import { Alerts } from './alert/alerts.ts'
import { burnAlerts } from './alert/slo-alerts.ts'
import { Findings } from './find/findings.ts'
import { protocols } from './receive/protocols.ts'
import { registerReceiver } from './receive/receiver.ts'
import { Slos } from './slo/evaluate.ts'
import { loadSlos } from './slo/openslo.ts'
import { openStore } from './store/open-store.ts'
import type { Retention } from './store/retention.ts'
import type { Store, StoreOptions } from './store/store.ts'
import { telling, Upkeep } from './store/upkeep.ts'
import { makeApp } from './web/app.ts'
import { listen } from './web/listen.ts'
import { OwnMetrics } from './web/self-metrics.ts'
import { buildServer } from './web/server.ts'

export interface CollectorOptions {
  readonly listen: Address
  readonly otlpListen: Address
  /** Allows addresses beyond loopback. */
  readonly insecure: boolean
  /** How people reach the console; its own address unless it is told. */
  readonly externalUrl?: string
  readonly store: StoreOptions
  readonly retention: Retention
  readonly sloFiles: readonly string[]
  readonly alertmanagers: readonly string[]
  readonly alertLabels: Readonly<Record<string, string>>
  readonly evaluationIntervalMs: number
  readonly log: Log
}

export interface RunningCollector {
  /** Base addresses, as bound. */
  readonly consoleUrl: string
  readonly otlpUrl: string
  /** For people: where the rows are. */
  readonly store: string
  /** Takes no more, finishes what it has taken, closes everything. */
  stop(): Promise<void>
}

/** Throws UsageError, ListenError or StoreError when it cannot start; nothing is left open then. */
export async function runCollector(options: CollectorOptions): Promise<RunningCollector> {
  const { insecure, log } = options
  assertMayListen(options.listen, 'web.listen-address', insecure)
  assertMayListen(options.otlpListen, 'otlp.listen-address', insecure)
  // What a person wrote is read before anything is opened.
  const slos = loadSlos(options.sloFiles)
  const own = new OwnMetrics()
  const store = await openStore(options.store, log)
  const apps: FastifyInstance[] = []
  try {
    const findings = new Findings({ store, own, log })
    const evaluator = new Slos({ store, own, log, slos })
    const upkeep = new Upkeep({ store, own, log, retention: options.retention })
    const otlp = makeApp(log)
    apps.push(otlp)
    const receiving = registerReceiver(otlp, protocols, {
      store: telling(store, (batch) => upkeep.stored(batch)),
      own,
      log,
    })
    const web = await buildServer({
      store,
      own,
      findings,
      slos: evaluator,
      receiving,
      log,
      externalUrl: options.externalUrl,
    })
    apps.push(web)
    const otlpUrl = await listen(otlp, options.otlpListen, 'otlp.listen-address')
    const consoleUrl = await listen(web, options.listen, 'web.listen-address')
    const alerts = new Alerts({
      alertmanagers: options.alertmanagers,
      externalUrl: options.externalUrl ?? consoleUrl,
      externalLabels: options.alertLabels,
      intervalMs: options.evaluationIntervalMs,
      own,
      log,
    })
    const judge = new Evaluation(
      { store, own, findings, slos: evaluator, alerts, log },
      options.evaluationIntervalMs,
    )
    judge.run()
    upkeep.run()
    log.info({ consoleUrl, otlpUrl, version: VERSION }, 'collector started')
    return {
      consoleUrl,
      otlpUrl,
      store: store.describe,
      stop: async () => {
        // Requests that were taken are answered before the store closes under them.
        await Promise.all(apps.map((app) => app.close()))
        await judge.stop()
        await upkeep.stop()
        await alerts.stop()
        await store.close()
      },
    }
  } catch (error) {
    for (const app of apps) await app.close()
    await store.close()
    throw error
  }
}

interface Judges {
  readonly store: Store
  readonly own: OwnMetrics
  readonly findings: Findings
  readonly slos: Slos
  readonly alerts: Alerts
  readonly log: Log
}

/**
 * Judges at every interval; an evaluation that takes longer delays the next one. A stop waits for the
 * query that runs, not for the evaluation.
 */
class Evaluation {
  readonly #judges: Judges
  readonly #intervalMs: number
  readonly #warnings: RepeatedWarnings
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  readonly #stop = new AbortController()
  #recalled = false

  constructor(judges: Judges, intervalMs: number) {
    this.#judges = judges
    this.#intervalMs = intervalMs
    this.#warnings = new RepeatedWarnings(judges.log)
  }

  run(): void {
    const startedMs = Date.now()
    this.#running = this.#evaluate(startedMs).finally(() => {
      if (this.#stop.signal.aborted) return
      const wait = Math.max(0, startedMs + this.#intervalMs - Date.now())
      this.#timer = setTimeout(() => this.run(), wait)
    })
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  /** Never rejects: each part keeps its last answer and says that it is old. What pages comes first. */
  async #evaluate(nowMs: number): Promise<void> {
    const { store, own, findings, slos, alerts } = this.#judges
    const { signal } = this.#stop
    try {
      const [statuses] = await Promise.all([slos.evaluate(nowMs, signal), this.#recall(nowMs)])
      if (signal.aborted) return
      alerts.update(burnAlerts(statuses), nowMs)
      await findings.evaluate(nowMs)
      if (signal.aborted) return
      own.set('storeDetached', {}, (await store.detachedParts()) ?? Number.NaN)
    } catch (err) {
      this.#warnings.warn('evaluation', { err }, 'evaluation failed', nowMs)
    }
  }

  /** Once: what fired before this start. */
  async #recall(nowMs: number): Promise<void> {
    if (this.#recalled) return
    this.#recalled = true
    await this.#judges.alerts.recall(nowMs, this.#stop.signal)
  }
}
