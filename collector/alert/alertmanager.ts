/**
 * One Alertmanager and the alerts that wait for it. Source: Alertmanager's api/v2/openapi.yaml.
 *
 * The queue holds the newest form of each alert. What cannot be delivered stays in it and is tried
 * again with the next send; what Alertmanager refuses as wrong (4xx) would be refused for ever and is
 * dropped. Alerts are small and repeated every minute, so the queue is not kept over a restart; what
 * fired before one is asked of Alertmanager.
 */
import * as v from 'valibot'
import { limits } from '../../catalog/limit.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { ALERT_NAMES, fingerprint, type PostableAlert } from './alert.ts'

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

  /** Alerts of ours that it holds as active, with these labels among theirs. Undefined when it does not say. */
  async active(
    labels: Readonly<Record<string, string>>,
    nowMs: number,
    signal?: AbortSignal,
  ): Promise<PostableAlert[] | undefined> {
    try {
      const url = new URL(this.#url)
      const names = ALERT_NAMES.join('|')
      url.searchParams.append('filter', `alertname=~"${names}"`)
      for (const [name, value] of Object.entries(labels)) {
        url.searchParams.append('filter', `${name}=${JSON.stringify(value)}`)
      }
      const response = await this.#request(url, {}, signal)
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      return readAlerts(await shortText(response))
    } catch (error) {
      if (signal?.aborted === true) return undefined
      const fields = { alertmanager: this.name, reason: reasonOf(error) }
      this.#warnings.warn('active', fields, 'what fired before is not known', nowMs)
      return undefined
    }
  }

  async #post(
    alerts: readonly PostableAlert[],
  ): Promise<{ result: 'sent' } | { result: 'failed' | 'dropped'; reason: string }> {
    try {
      const response = await this.#request(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      })
      await response.body?.cancel()
      if (response.ok) return { result: 'sent' }
      const { status } = response
      const refused = status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS
      return { result: refused ? 'dropped' : 'failed', reason: `HTTP ${status}` }
    } catch (error) {
      return { result: 'failed', reason: reasonOf(error) }
    }
  }

  #request(to: URL, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    const { username, password } = to
    const url = new URL(to)
    url.username = ''
    url.password = ''
    const headers = new Headers(init.headers)
    if (username !== '') {
      const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
      headers.set('authorization', `Basic ${basic.toString('base64')}`)
    }
    const timeout = AbortSignal.timeout(limits.alertTimeoutMs.value)
    return fetch(url, {
      ...init,
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers,
    })
  }

  #count(result: 'sent' | 'failed' | 'dropped', alerts: number): void {
    if (alerts > 0) this.#own.inc('alertsSent', { alertmanager: this.name, result }, alerts)
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

async function shortText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > limits.alertAnswerBytes.value) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const texts = v.record(v.string(), v.string())

/** `gettableAlerts` of API v2, as far as it is ours to say. */
const gettableAlerts = v.array(
  v.object({
    labels: texts,
    annotations: texts,
    startsAt: v.string(),
    endsAt: v.string(),
    generatorURL: v.optional(v.string(), ''),
  }),
)

const readAlerts = (text: string): PostableAlert[] => v.parse(gettableAlerts, JSON.parse(text))
