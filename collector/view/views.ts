/**
 * The views of all tenants that a token or an SLO names. Each is evaluated at an interval of its own,
 * so that one whose queries take long delays nobody else.
 */
import type { Log } from '../../settings/log.ts'
import type { Access } from '../access/access.ts'
import type { Alerts } from '../alert/alerts.ts'
import type { Ourselves } from '../find/findings.ts'
import type { Receiving } from '../receive/receiver.ts'
import { Repeat, type Work } from '../repeat.ts'
import type { LoadedSlo } from '../slo/loaded-slo.ts'
import type { Store } from '../store/store.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { OwnMetrics } from '../web/self-metrics.ts'
import { type Telling, View } from './view.ts'

export interface ViewsOptions {
  readonly store: Store
  /** The process's own; what is said of the default tenant is among it. */
  readonly own: OwnMetrics
  readonly access: Access
  readonly slos: readonly LoadedSlo[]
  /** Tenants that are there without a token. */
  readonly always: readonly string[]
  readonly receiving: Pick<Receiving, 'lastMs'>
  readonly evaluationIntervalMs: number
  readonly log: Log
  readonly tracing?: Tracing
  /** What is judged of the collector itself, for the default tenant to see. */
  readonly ourselves?: Ourselves
}

interface Evaluated {
  readonly view: View
  readonly repeat: Repeat
}

export class Views {
  readonly #options: ViewsOptions
  readonly #slos: ReadonlyMap<string, readonly LoadedSlo[]>
  readonly #views = new Map<string, Evaluated>()
  readonly #stop = new AbortController()
  /** Those that nothing names any more, until they have ended. */
  #ending: Promise<unknown> = Promise.resolve()
  #telling: Telling | undefined

  constructor(options: ViewsOptions) {
    this.#options = options
    this.#slos = Map.groupBy(options.slos, ({ tenant }) => tenant)
    this.#renew()
    options.access.onChange(() => this.#renew())
  }

  /** Of a tenant that a token names. */
  of(tenant: string): View {
    return this.#open(tenant).view
  }

  all(): View[] {
    return [...this.#views.values()].map(({ view }) => view)
  }

  start(alerts: Alerts): void {
    this.#telling = { alerts, recalled: alerts.recall(Date.now(), this.#stop.signal) }
    for (const { repeat } of this.#views.values()) repeat.start()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    const ends = [...this.#views.values()].map(({ repeat }) => repeat.stop())
    await Promise.all([this.#ending, ...ends])
  }

  /** Those that nothing names any more are no longer evaluated. */
  #renew(): void {
    const named = new Set([
      ...this.#options.access.tenants(),
      ...this.#options.always,
      ...this.#slos.keys(),
    ])
    for (const tenant of named) this.#open(tenant)
    for (const [tenant, { repeat }] of this.#views) {
      if (named.has(tenant)) continue
      this.#views.delete(tenant)
      this.#ending = Promise.all([this.#ending, repeat.stop()])
    }
  }

  #open(tenant: string): Evaluated {
    const known = this.#views.get(tenant)
    if (known !== undefined) return known
    const { store, own, receiving, evaluationIntervalMs, log, tracing, ourselves } = this.#options
    const view = new View({
      tenant,
      store,
      own: tenant === '' ? own : new OwnMetrics('tenant'),
      slos: this.#slos.get(tenant) ?? [],
      log: tenant === '' ? log : log.child({ tenant }),
      lastMs: () => receiving.lastMs(tenant),
      evaluationIntervalMs,
      ...(tracing && { tracing }),
      ...(tenant === '' && ourselves && { ourselves }),
    })
    const work: Work = (nowMs, signal) => view.evaluate(nowMs, signal, this.#telling!)
    const repeat = new Repeat('evaluation', work, evaluationIntervalMs, log)
    const evaluated = { view, repeat }
    this.#views.set(tenant, evaluated)
    if (this.#telling !== undefined) repeat.start()
    return evaluated
  }
}
