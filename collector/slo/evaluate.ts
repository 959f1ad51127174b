/** Evaluates every SLO: new slices, their sums, what they mean, and our own gauges of it. */
import { limits } from '../../catalog/limit.ts'
import { SLO_STATES } from '../../judge/slo/state.ts'
import { closedEnd } from '../../judge/slo/slices.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import { ColumnBatch } from '../store/columns.ts'
import type { Evaluation } from '../find/findings.ts'
import type { Store } from '../store/store.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import type { LoadedSlo } from './loaded-slo.ts'
import { advance, fillBlock, mustResume, type Progress, restart, resume } from './progress.ts'
import { keyOf, newTrack, type Track } from './slices.ts'
import { burnWindows, type SloStatus, statusOf } from './status.ts'
import { sumSlices, type WindowSums } from './sums.ts'

export interface SlosOptions {
  readonly store: Store
  readonly own: OwnMetrics
  readonly log: Log
  /** Of one tenant. */
  readonly slos: readonly LoadedSlo[]
  readonly tenant?: string
  /** Time in an evaluation for SLOs that start and for their older samples. */
  readonly backfillMs?: number
}

/** An engine's message can be as long as the query. */
const REASON_LENGTH = 300
const BATCH_ROWS = 50_000

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH)

type Fail = (tracks: readonly Track[], error: unknown) => void

export class Slos {
  readonly #store: Store
  readonly #own: OwnMetrics
  readonly #warnings: RepeatedWarnings
  readonly #tracks: readonly Track[]
  readonly #tenant: string
  readonly #backfillMs: number
  #statuses: readonly SloStatus[] = []
  #evaluation: Evaluation = { state: 'waiting' }
  #running: Promise<readonly SloStatus[]> | undefined

  constructor({
    store,
    own,
    log,
    slos,
    tenant = '',
    backfillMs = limits.sloBackfillMs.value,
  }: SlosOptions) {
    this.#tenant = tenant
    this.#store = store
    this.#own = own
    this.#warnings = new RepeatedWarnings(log)
    this.#tracks = slos.map(newTrack)
    this.#backfillMs = backfillMs
    for (const { service, slo, target } of slos) own.set('sloObjective', { service, slo }, target)
  }

  /** Of the last evaluation; empty until there was one. */
  list(): readonly SloStatus[] {
    return this.#statuses
  }

  /** Never `stale`: what fails is the status of an SLO. */
  evaluation(): Evaluation {
    return this.#evaluation
  }

  /**
   * An evaluation that is asked for while one runs is that one. Never rejects: a failure is a status.
   * One that is aborted stores what is whole and leaves the statuses as they were.
   */
  evaluate(nowMs: number, signal?: AbortSignal): Promise<readonly SloStatus[]> {
    this.#running ??= this.#evaluate(nowMs, signal).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #evaluate(nowMs: number, signal?: AbortSignal): Promise<readonly SloStatus[]> {
    const failures = new Map<Track, string>()
    const fail: Fail = (tracks, error) => {
      for (const track of tracks) failures.set(track, reasonOf(error))
    }
    await this.#resume(nowMs, fail)
    await this.#advance(nowMs, failures, fail, signal)
    if (signal?.aborted === true) return this.#statuses
    const sums = await this.#sums(nowMs, fail)
    const statuses = this.#tracks.map((track) =>
      statusOf(track, sums.get(keyOf(track)), nowMs, failures.get(track)),
    )
    for (const [track, reason] of failures) this.#warn(track, reason, nowMs)
    if (failures.size === 0) this.#own.set('sloEvaluated', {}, nowMs / 1_000)
    for (const status of statuses) this.#gauge(status)
    this.#statuses = statuses
    this.#evaluation = { state: 'current', lastMs: nowMs }
    return statuses
  }

  #warn({ slo }: Track, reason: string, nowMs: number): void {
    this.#own.inc('sloFailures', {})
    const fields = { service: slo.service, slo: slo.slo, reason }
    this.#warnings.warn(`${slo.service}/${slo.slo}`, fields, 'SLO was not evaluated', nowMs)
  }

  async #resume(nowMs: number, fail: Fail): Promise<void> {
    const tracks = this.#tracks.filter((track) => mustResume(track, nowMs))
    if (tracks.length === 0) return
    try {
      await resume(this.#store, this.#tenant, tracks, nowMs)
    } catch (error) {
      fail(tracks, error)
    }
  }

  /** New slices of all SLOs, then older ones while there is time, in as few inserts as there can be. */
  async #advance(
    nowMs: number,
    failures: ReadonlyMap<Track, string>,
    fail: Fail,
    signal?: AbortSignal,
  ): Promise<void> {
    const batch = new ColumnBatch()
    const waiting = new Map<Track, Partial<Progress>>()
    const commit = async () => {
      try {
        if (batch.rows > 0) await this.#store.insertRows(batch)
        for (const [track, progress] of waiting) Object.assign(track, progress)
      } catch (error) {
        fail([...waiting.keys()], error)
        // What did not reach the store was not written; what did is asked of the store.
        for (const track of waiting.keys()) restart(track)
      }
      batch.clear()
      waiting.clear()
    }
    const deadlineMs = performance.now() + this.#backfillMs
    const inTime = () => performance.now() < deadlineMs
    const aborted = () => signal?.aborted === true
    const [going, starting] = this.#byStart(failures)
    let started = 0
    for (const track of [...going, ...starting]) {
      if (aborted()) break
      track.postponed = track.stored !== undefined && started > 0 && !inTime()
      if (track.postponed) continue
      if (track.stored !== undefined) started += 1
      track.triedMs = nowMs
      try {
        const progress = await advance(this.#store, batch, track, nowMs, signal)
        if (progress !== undefined) waiting.set(track, progress)
      } catch (error) {
        fail([track], error)
      }
      if (batch.rows > BATCH_ROWS) await commit()
    }
    await commit()
    const failed = new Set<Track>()
    do {
      const track = this.#mostPending(failed)
      if (track === undefined || aborted()) break
      try {
        await fillBlock(this.#store, batch, track, nowMs, signal)
        waiting.set(track, {})
      } catch (error) {
        failed.add(track)
        if (!aborted()) this.#warn(track, reasonOf(error), nowMs)
      }
      if (batch.rows > BATCH_ROWS) await commit()
    } while (inTime())
    await commit()
  }

  /** Those that go on, and those that start, who waited longest first. */
  #byStart(failures: ReadonlyMap<Track, string>): [going: Track[], starting: Track[]] {
    const ready = this.#tracks.filter((track) => !failures.has(track))
    return [
      ready.filter(({ stored }) => stored === undefined),
      ready.filter(({ stored }) => stored !== undefined).sort((a, b) => a.triedMs - b.triedMs),
    ]
  }

  /** The one with the most older blocks to compute, so that all get on alike. */
  #mostPending(except: ReadonlySet<Track>): Track | undefined {
    let most: Track | undefined
    for (const track of this.#tracks) {
      if (track.pending.length > (most?.pending.length ?? 0) && !except.has(track)) most = track
    }
    return most
  }

  /** By sliceKey; one query for all SLOs of a slice length, whose closed slices end together. */
  async #sums(nowMs: number, fail: Fail): Promise<Map<string, WindowSums>> {
    const all = new Map<string, WindowSums>()
    for (const [sliceMs, tracks] of Map.groupBy(this.#tracks, ({ slo }) => slo.sliceMs)) {
      const windows = new Set(tracks.flatMap(({ slo }) => [slo.windowMs, ...burnWindows(slo)]))
      const endMs = closedEnd(nowMs, sliceMs, limits.sloIngestDelayMs.value)
      const ours = new Set(tracks.map(keyOf))
      try {
        for (const [key, sums] of await sumSlices(this.#store, this.#tenant, endMs, [...windows])) {
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
