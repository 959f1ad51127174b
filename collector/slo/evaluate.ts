/** Evaluates every SLO: new slices, their sums, what they mean, and our own gauges of it. */
import { limits } from '../../catalog/limit.ts'
import { SLO_STATES } from '../../judge/slo/state.ts'
import { closedEnd } from '../../judge/slo/slices.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import { ColumnBatch } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import type { LoadedSlo } from './loaded-slo.ts'
import { advance, keyOf, newTrack, type Progress, resume, type Track } from './slices.ts'
import { burnWindows, type SloStatus, statusOf } from './status.ts'
import { sumSlices, type WindowSums } from './sums.ts'

export interface SlosOptions {
  readonly store: Store
  readonly own: OwnMetrics
  readonly log: Log
  readonly slos: readonly LoadedSlo[]
}

/** An engine's message can be as long as the query. */
const REASON_LENGTH = 300
const BATCH_ROWS = 50_000

type Fail = (tracks: readonly Track[], error: unknown) => void

export class Slos {
  readonly #store: Store
  readonly #own: OwnMetrics
  readonly #warnings: RepeatedWarnings
  readonly #tracks: readonly Track[]
  #resumed = false
  #statuses: readonly SloStatus[] = []
  #running: Promise<SloStatus[]> | undefined

  constructor({ store, own, log, slos }: SlosOptions) {
    this.#store = store
    this.#own = own
    this.#warnings = new RepeatedWarnings(log)
    this.#tracks = slos.map(newTrack)
    for (const { service, slo, target } of slos) own.set('sloObjective', { service, slo }, target)
  }

  /** Of the last evaluation; empty until there was one. */
  list(): readonly SloStatus[] {
    return this.#statuses
  }

  /** An evaluation that is asked for while one runs is that one. Never rejects: a failure is a status. */
  evaluate(nowMs: number): Promise<SloStatus[]> {
    this.#running ??= this.#evaluate(nowMs).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #evaluate(nowMs: number): Promise<SloStatus[]> {
    const failures = new Map<Track, string>()
    const fail: Fail = (tracks, error) => {
      const message = error instanceof Error ? error.message : String(error)
      for (const track of tracks) failures.set(track, message.slice(0, REASON_LENGTH))
    }
    await this.#resume(fail)
    if (this.#resumed) await this.#advance(nowMs, fail)
    const sums = await this.#sums(nowMs, fail)
    const statuses = this.#tracks.map((track) =>
      statusOf(track, sums.get(keyOf(track)), nowMs, failures.get(track)),
    )
    for (const [{ slo }, reason] of failures) {
      this.#own.inc('sloFailures', {})
      const fields = { service: slo.service, slo: slo.slo, reason }
      this.#warnings.warn(`${slo.service}/${slo.slo}`, fields, 'SLO was not evaluated', nowMs)
    }
    if (failures.size === 0) this.#own.set('sloEvaluated', {}, nowMs / 1_000)
    for (const status of statuses) this.#gauge(status)
    this.#statuses = statuses
    return statuses
  }

  async #resume(fail: Fail): Promise<void> {
    if (this.#resumed) return
    try {
      await resume(this.#store, this.#tracks)
      this.#resumed = true
    } catch (error) {
      fail(this.#tracks, error)
    }
  }

  /** New slices of all SLOs, in as few inserts as there can be. */
  async #advance(nowMs: number, fail: Fail): Promise<void> {
    const batch = new ColumnBatch()
    const waiting = new Map<Track, Progress>()
    const commit = async () => {
      try {
        if (batch.rows > 0) await this.#store.insertRows(batch)
        for (const [track, progress] of waiting) Object.assign(track, progress)
      } catch (error) {
        fail([...waiting.keys()], error)
        // What did not reach the store was not written.
        for (const track of this.#tracks) track.written.clear()
      }
      batch.clear()
      waiting.clear()
    }
    for (const track of this.#tracks) {
      try {
        const progress = await advance(this.#store, batch, track, nowMs)
        if (progress !== undefined) waiting.set(track, progress)
      } catch (error) {
        fail([track], error)
      }
      if (batch.rows > BATCH_ROWS) await commit()
    }
    await commit()
  }

  /** By sliceKey; one query for all SLOs of a slice length, whose closed slices end together. */
  async #sums(nowMs: number, fail: Fail): Promise<Map<string, WindowSums>> {
    const all = new Map<string, WindowSums>()
    for (const [sliceMs, tracks] of Map.groupBy(this.#tracks, ({ slo }) => slo.sliceMs)) {
      const windows = new Set(tracks.flatMap(({ slo }) => [slo.windowMs, ...burnWindows(slo)]))
      const endMs = closedEnd(nowMs, sliceMs, limits.sloIngestDelayMs.value)
      const ours = new Set(tracks.map(keyOf))
      try {
        for (const [key, sums] of await sumSlices(this.#store, endMs, [...windows])) {
          if (ours.has(key)) all.set(key, sums)
        }
      } catch (error) {
        fail(tracks, error)
      }
    }
    return all
  }

  /** A figure that is not measured has no series: NaN is absent. */
  #gauge(status: SloStatus): void {
    const { service, slo } = status
    const labels = { service, slo }
    const measured = status.state !== 'unmeasured'
    this.#own.set('sloIndicator', labels, measured ? (status.sli ?? Number.NaN) : Number.NaN)
    this.#own.set(
      'sloBudget',
      labels,
      measured ? (status.budgetRemaining ?? Number.NaN) : Number.NaN,
    )
    this.#own.set('sloCoverage', labels, status.coverage)
    for (const { window, value } of status.burnRates) {
      const burn = measured ? (value ?? Number.NaN) : Number.NaN
      this.#own.set('sloBurn', { ...labels, slo_window: window }, burn)
    }
    for (const state of SLO_STATES) {
      this.#own.set('sloState', { ...labels, state }, state === status.state ? 1 : 0)
    }
  }
}
