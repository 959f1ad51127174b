/**
 * What the collector knows of one tenant and what it makes of that: its findings, SLOs and entities,
 * and the series in which /metrics tells them. No query and no list is of more than one tenant.
 */
import type { Log } from '../../settings/log.ts'
import type { Alerts } from '../alert/alerts.ts'
import { burnAlerts } from '../alert/slo-alerts.ts'
import { Entities } from '../find/entities.ts'
import { Findings, type Ourselves } from '../find/findings.ts'
import { Slos } from '../slo/evaluate.ts'
import type { LoadedSlo } from '../slo/loaded-slo.ts'
import type { Store } from '../store/store.ts'
import { type Tracing, UNTRACED } from '../telemetry/tracing.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'

export interface ViewOptions {
  readonly tenant: string
  readonly store: Store
  /** For the series of this tenant. */
  readonly own: OwnMetrics
  readonly slos: readonly LoadedSlo[]
  readonly log: Log
  /** When the tenant last sent something to this collector, Unix ms. */
  readonly lastMs: () => number | undefined
  readonly tracing?: Tracing
  /** What else is judged, of the collector itself. */
  readonly ourselves?: Ourselves
  readonly evaluationIntervalMs?: number
}

/** Who is told. */
export interface Telling {
  readonly alerts: Alerts
  /** When it is known what fired before this start. */
  readonly recalled: Promise<void>
}

/** A tenant that has nothing and sends nothing is looked at once in so many intervals. */
const IDLE_INTERVALS = 20

export class View {
  readonly tenant: string
  readonly store: Store
  readonly own: OwnMetrics
  readonly findings: Findings
  readonly slos: Slos
  readonly entities: Entities
  readonly #lastMs: () => number | undefined
  readonly #tracing: Tracing
  #evaluatedMs = -Infinity
  #skipped = 0

  constructor(options: ViewOptions) {
    const { tenant, store, own, slos, log, lastMs, tracing = UNTRACED, ourselves } = options
    const { evaluationIntervalMs: intervalMs } = options
    this.tenant = tenant
    this.store = store
    this.own = own
    this.findings = new Findings({
      store,
      own,
      log,
      tenant,
      ...(ourselves && { ourselves }),
      ...(intervalMs !== undefined && { intervalMs }),
    })
    this.slos = new Slos({ store, own, log, slos, tenant })
    this.entities = new Entities({ store, tenant })
    this.#lastMs = lastMs
    this.#tracing = tracing
  }

  /** Never rejects: each part keeps its last answer and says that it is old. What pages comes first, once it is known what fired before. */
  async evaluate(nowMs: number, signal: AbortSignal, { alerts, recalled }: Telling): Promise<void> {
    const judged = this.#traced('slos', () => this.slos.evaluate(nowMs, signal))
    const [statuses] = await Promise.all([judged, recalled])
    if (signal.aborted) return
    alerts.update(burnAlerts(statuses, this.tenant), nowMs, this.tenant)
    if (this.#isIdle()) {
      this.#skipped += 1
      return
    }
    this.#skipped = 0
    this.#evaluatedMs = nowMs
    await this.#traced('findings', () => this.findings.evaluate(nowMs))
  }

  #traced<T>(what: 'slos' | 'findings', work: () => Promise<T>): Promise<T> {
    return this.#tracing.run(
      'evaluation',
      () => `evaluate ${what}`,
      (span) => {
        if (this.tenant !== '') span.set({ 'candor.tenant': this.tenant })
        return work()
      },
    )
  }

  /** Whether there can be nothing new. Another collector may receive what this one judges. */
  #isIdle(): boolean {
    if (this.tenant === '' || this.#skipped >= IDLE_INTERVALS) return false
    if ((this.#lastMs() ?? -Infinity) >= this.#evaluatedMs) return false
    return this.findings.evaluation().state === 'current' && this.findings.sees === 0
  }
}
