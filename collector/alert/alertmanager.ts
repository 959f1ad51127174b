/**
 * One Alertmanager and the alerts that wait for it. Source: Alertmanager's api/v2/openapi.yaml.
 *
 * The queue holds the newest form of each alert. What cannot be delivered stays in it and is tried
 * again with the next send; what Alertmanager refuses as wrong (4xx) would be refused for ever and is
 * dropped. Alerts are small and repeated every minute, so nothing is kept over a restart.
 */
import { limits } from '../../catalog/limit.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { fingerprint, type PostableAlert } from './alert.ts'

const TOO_MANY_REQUESTS = 429

export class Alertmanager {
  /** Without credentials; a label of our own metrics. */
  readonly name: string
  readonly #url: URL
  readonly #own: OwnMetrics
  readonly #warnings: RepeatedWarnings
  readonly #queue = new Map<string, PostableAlert>()
  #sending: Promise<void> | undefined

  constructor(url: string, own: OwnMetrics, log: Log) {
    const base = new URL(url)
    this.#url = new URL(`${base.pathname.replace(/\/$/, '')}/api/v2/alerts`, base)
    this.name = `${base.origin}${base.pathname.replace(/\/$/, '')}`
    this.#own = own
    this.#warnings = new RepeatedWarnings(log)
  }

  get waiting(): number {
    return this.#queue.size
  }

  queue(alerts: readonly PostableAlert[]): void {
    for (const alert of alerts) {
      const key = fingerprint(alert.labels)
      // Deleted first, so that the map stays in the order of arrival.
      this.#queue.delete(key)
      this.#queue.set(key, alert)
    }
    let dropped = 0
    for (const key of this.#queue.keys()) {
      if (this.#queue.size <= limits.alertQueue.value) break
      this.#queue.delete(key)
      dropped += 1
    }
    this.#count('dropped', dropped)
  }

  /** Sends what waits, once; a send that runs is waited for. Never rejects. */
  send(nowMs: number): Promise<void> {
    this.#sending ??= this.#sendAll(nowMs).finally(() => {
      this.#sending = undefined
    })
    return this.#sending
  }

  async #sendAll(nowMs: number): Promise<void> {
    const waiting = [...this.#queue]
    for (let i = 0; i < waiting.length; i += limits.alertBatch.value) {
      const batch = waiting.slice(i, i + limits.alertBatch.value)
      const outcome = await this.#post(batch.map(([, alert]) => alert))
      this.#count(outcome.result, batch.length)
      if (outcome.result !== 'sent') {
        const fields = { alertmanager: this.name, alerts: batch.length, reason: outcome.reason }
        this.#warnings.warn(outcome.result, fields, `alerts were ${outcome.result}`, nowMs)
      }
      if (outcome.result === 'failed') return
      for (const [key, alert] of batch) {
        // A newer form may have come while this one was on its way.
        if (this.#queue.get(key) === alert) this.#queue.delete(key)
      }
    }
  }

  async #post(
    alerts: readonly PostableAlert[],
  ): Promise<{ result: 'sent' } | { result: 'failed' | 'dropped'; reason: string }> {
    try {
      const { username, password } = this.#url
      const url = new URL(this.#url)
      url.username = ''
      url.password = ''
      const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(limits.alertTimeoutMs.value),
        headers: {
          'content-type': 'application/json',
          ...(username === '' ? {} : { authorization: `Basic ${basic.toString('base64')}` }),
        },
        body: JSON.stringify(alerts),
      })
      await response.body?.cancel()
      if (response.ok) return { result: 'sent' }
      const { status } = response
      const refused = status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS
      return { result: refused ? 'dropped' : 'failed', reason: `HTTP ${status}` }
    } catch (error) {
      const { message, cause } = error as Error
      return {
        result: 'failed',
        reason: cause instanceof Error ? `${message}: ${cause.message}` : message,
      }
    }
  }

  #count(result: 'sent' | 'failed' | 'dropped', alerts: number): void {
    if (alerts > 0) this.#own.inc('alertsSent', { alertmanager: this.name, result }, alerts)
  }
}
