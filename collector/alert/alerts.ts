/**
 * The life of alerts, as Prometheus keeps it (rules/alerting.go): an alert fires from the first
 * evaluation that says so, is told again every minute with an end a few minutes ahead, and when it is
 * over it is told as resolved for a quarter of an hour. Every Alertmanager is told everything; they
 * deduplicate among themselves. What was not measured changes nothing, over a restart too: the first
 * update goes on with what an Alertmanager says has fired, when it is listed again as firing or as
 * unknown. What is not listed then is over or another collector's, and is left to end on its own; so
 * is what fired when no Alertmanager answered, or when none is told for as long as an alert lives.
 */
import type { Log } from '../../settings/log.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { type Alert, ALERT_NAMES, fingerprint, type PostableAlert } from './alert.ts'
import { Alertmanager } from './alertmanager.ts'

const RESEND_MS = 60_000
const KEEP_RESOLVED_MS = 15 * 60_000
/** A firing alert outlives this many evaluations that fail to tell it again. */
const LIVES = 4

export interface AlertsOptions {
  readonly alertmanagers: readonly string[]
  /** How people reach the console, without a slash at the end. */
  readonly externalUrl: string
  readonly own: OwnMetrics
  readonly log: Log
  /** Labels of this collector, on every alert; an alert's own win. */
  readonly externalLabels?: Readonly<Record<string, string>>
  /** Between two updates. */
  readonly intervalMs?: number
}

interface Active {
  /** Whose evaluations tell of it. */
  readonly tenant: string
  alert: Alert
  startedMs: number
  resolvedMs: number | undefined
  sentMs: number
}

export interface AlertState {
  readonly state: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startedMs: number
  readonly resolvedMs?: number
}

export class Alerts {
  readonly #alertmanagers: readonly Alertmanager[]
  readonly #externalUrl: string
  readonly #externalLabels: Readonly<Record<string, string>>
  readonly #own: OwnMetrics
  readonly #livesMs: number
  readonly #active = new Map<string, Active>()
  /** What fired before this start, by fingerprint; asked until the first update of a tenant. */
  readonly #before = new Map<string, PostableAlert>()
  /** Tenants of which something was told since this start. */
  readonly #told = new Set<string>()
  /** Of the last update. */
  #nowMs = 0

  constructor({
    alertmanagers,
    externalUrl,
    own,
    log,
    externalLabels = {},
    intervalMs = RESEND_MS,
  }: AlertsOptions) {
    this.#alertmanagers = [...new Set(alertmanagers)].map((url) => new Alertmanager(url, own, log))
    this.#externalUrl = externalUrl.replace(/\/$/, '')
    this.#externalLabels = externalLabels
    this.#own = own
    this.#livesMs = LIVES * Math.max(intervalMs, RESEND_MS)
  }

  /** What fires, and what was resolved lately. */
  list(): AlertState[] {
    return [...this.#active.values()].map(({ alert, startedMs, resolvedMs }) => ({
      state: resolvedMs === undefined ? 'firing' : 'resolved',
      labels: { ...this.#externalLabels, ...alert.labels },
      annotations: alert.annotations,
      startedMs,
      ...(resolvedMs === undefined ? {} : { resolvedMs }),
    }))
  }

  /** Asks what fired before this start; for before the first update. Never rejects. */
  async recall(nowMs: number, signal?: AbortSignal): Promise<void> {
    const answers = await Promise.all(
      this.#alertmanagers.map((each) => each.active(this.#externalLabels, nowMs, signal)),
    )
    for (const alert of answers.flatMap((answer) => answer ?? [])) {
      const living = Date.parse(alert.startsAt) <= nowMs && Date.parse(alert.endsAt) > nowMs
      if (living) this.#before.set(fingerprint(alert.labels), alert)
    }
  }

  /**
   * All alerts of an evaluation of one tenant: one that fired and is missing is resolved. Sends on its
   * own.
   */
  update(alerts: readonly Alert[], nowMs: number, tenant = ''): void {
    this.#nowMs = nowMs
    const missing = new Set<string>()
    for (const [key, active] of this.#active) if (active.tenant === tenant) missing.add(key)
    for (const alert of alerts) {
      const key = fingerprint(alert.labels)
      missing.delete(key)
      const active = this.#active.get(key) ?? this.#recalled(key, alert, tenant)
      if (alert.condition === 'unknown') continue
      if (active === undefined || active.resolvedMs !== undefined) {
        const fresh = { tenant, alert, startedMs: nowMs, resolvedMs: undefined, sentMs: -Infinity }
        this.#active.set(key, fresh)
      } else {
        active.alert = alert
      }
    }
    for (const key of missing) {
      const active = this.#active.get(key)! // keys of #active
      if (active.resolvedMs !== undefined) continue
      active.resolvedMs = nowMs
      active.sentMs = -Infinity
    }
    this.#told.add(tenant)
    this.#tell(nowMs)
    this.#count()
  }

  #recalled(key: string, alert: Alert, tenant: string): Active | undefined {
    if (this.#told.has(tenant)) return undefined
    const before = this.#before.get(fingerprint({ ...this.#externalLabels, ...alert.labels }))
    if (before === undefined) return undefined
    const { explain_url: _page, ...annotations } = before.annotations
    const active = {
      tenant,
      alert: { ...alert, annotations },
      startedMs: Date.parse(before.startsAt),
      resolvedMs: undefined,
      sentMs: -Infinity,
    }
    this.#active.set(key, active)
    return active
  }

  /** Resolves when what waits was sent or has failed. */
  async flush(): Promise<void> {
    await Promise.all(this.#alertmanagers.map((alertmanager) => alertmanager.send(this.#nowMs)))
  }

  /** The send that runs and one more for what waits. Firing alerts end on their own at their endsAt. */
  async stop(): Promise<void> {
    await this.flush()
    if (this.#alertmanagers.some(({ waiting }) => waiting > 0)) await this.flush()
  }

  #tell(nowMs: number): void {
    const due: PostableAlert[] = []
    for (const [key, active] of this.#active) {
      const { resolvedMs } = active
      if (resolvedMs !== undefined && nowMs - resolvedMs > KEEP_RESOLVED_MS) {
        this.#active.delete(key)
      } else if (nowMs < active.sentMs || nowMs - active.sentMs >= RESEND_MS) {
        active.sentMs = nowMs
        due.push(this.#postable(active, nowMs))
      }
    }
    for (const alertmanager of this.#alertmanagers) {
      alertmanager.queue(due)
      if (alertmanager.waiting > 0) void alertmanager.send(nowMs)
    }
  }

  #postable({ alert, startedMs, resolvedMs }: Active, nowMs: number): PostableAlert {
    const page = `${this.#externalUrl}${alert.page}`
    return {
      labels: { ...this.#externalLabels, ...alert.labels },
      annotations: { ...alert.annotations, explain_url: page },
      startsAt: new Date(startedMs).toISOString(),
      endsAt: new Date(resolvedMs ?? nowMs + this.#livesMs).toISOString(),
      generatorURL: page,
    }
  }

  #count(): void {
    const firing = new Map<string, number>(ALERT_NAMES.map((name) => [name, 0]))
    for (const { alert, resolvedMs } of this.#active.values()) {
      const name = alert.labels['alertname'] ?? ''
      firing.set(name, (firing.get(name) ?? 0) + (resolvedMs === undefined ? 1 : 0))
    }
    for (const [alertname, count] of firing) this.#own.set('alertsActive', { alertname }, count)
  }
}
