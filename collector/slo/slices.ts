/**
 * Slices of each SLO, out of the samples in the store and back into it.
 *
 * An evaluation computes what was closed since the last one, and the newest few minutes again, since
 * points may come late. Every ten minutes the sweep goes back as far as a late point may still change
 * something (limits.sloLateMs). The first evaluation ever starts at the first sample in the SLO's
 * window, the first after a restart where the stored slices end. What is computed twice is stored
 * once.
 */
import { limits } from '../../catalog/limit.ts'
import { weigh } from '../../judge/slo/budget.ts'
import {
  closedEnd,
  type IndicatorSeries,
  ratioSlices,
  type Slices,
  sliceStart,
  thresholdSlices,
} from '../../judge/slo/slices.ts'
import { TooMuch } from '../query/query-error.ts'
import { firstSampleMs, selectSeries, type Series } from '../query/select.ts'
import { textId } from '../receive/identity.ts'
import type { ColumnBatch } from '../store/columns.ts'
import { id, number, type Shape, text, time } from '../store/shape.ts'
import type { Store } from '../store/store.ts'
import type { Indicator, LoadedSlo, Query } from './loaded-slo.ts'

const REOPEN_MS = 5 * 60_000
const SWEEP_EVERY_MS = 10 * 60_000
const CHUNK_MS = 6 * 3_600_000

const sliceShape: Shape = {
  table: 'slice',
  columns: [
    text('tenant'),
    text('service'),
    text('slo'),
    id('definition'),
    time('start'),
    number('good'),
    number('total'),
  ],
}

/** One SLO on its way through time. */
export interface Track {
  readonly slo: LoadedSlo
  /** Tells slices of this indicator from those of an earlier version of the SLO. */
  readonly definition: bigint
  /** Slices before this border are computed. */
  headMs: number | undefined
  sweptMs: number
  /** What the newest slices hold in the store, so that only changes are written. */
  readonly written: Map<number, string>
  /** Whether the good or bad events of a ratio were ever seen. */
  partSeen: boolean
}

export const newTrack = (slo: LoadedSlo): Track => ({
  slo,
  definition: definitionOf(slo),
  headMs: undefined,
  sweptMs: -Infinity,
  written: new Map(),
  partSeen: false,
})

/** Id of everything that decides what a slice holds. */
function definitionOf({ indicator, sliceMs, budgeting }: LoadedSlo): bigint {
  const queries = Object.entries(queriesOf(indicator)).map(([part, query]) => [part, query.text])
  const threshold = indicator.kind === 'threshold' ? [indicator.operator, indicator.value] : []
  const counter = indicator.kind === 'ratio' && indicator.counter
  return textId(JSON.stringify([queries, threshold, counter, sliceMs, budgeting]))
}

export const queriesOf = (indicator: Indicator): Record<string, Query> =>
  indicator.kind === 'threshold'
    ? { threshold: indicator.query }
    : { [indicator.part]: indicator.partQuery, total: indicator.totalQuery }

/** Where the stored slices of each track end. */
export async function resume(store: Store, tracks: readonly Track[]): Promise<void> {
  const rows = await store.query<{
    service: string
    slo: string
    definition: string
    newest: number
  }>(
    `SELECT service, slo, definition, toFloat64(toUnixTimestamp64Milli(max(start))) AS newest
     FROM slice WHERE tenant = '' GROUP BY service, slo, definition`,
    {},
    { session: 'evaluate' },
  )
  const newest = new Map(
    rows.map((row) => [sliceKey(row.service, row.slo, row.definition), row.newest]),
  )
  for (const track of tracks) {
    const start = newest.get(keyOf(track))
    if (start !== undefined) track.headMs = start + track.slo.sliceMs
  }
}

export const sliceKey = (service: string, slo: string, definition: string): string =>
  `${service}\0${slo}\0${definition}`

export const keyOf = ({ slo, definition }: Track): string =>
  sliceKey(slo.service, slo.slo, String(definition))

/** How far a track has come once the rows of its batch are stored. */
export interface Progress {
  readonly headMs: number
  readonly sweptMs: number
}

/** Computes what was closed by now, into the batch. Undefined while there is no sample at all. */
export async function advance(
  store: Store,
  batch: ColumnBatch,
  track: Track,
  nowMs: number,
): Promise<Progress | undefined> {
  const { sliceMs, windowMs } = track.slo
  const endMs = closedEnd(nowMs, sliceMs, limits.sloIngestDelayMs.value)
  const oldestMs = sliceStart(endMs - windowMs, sliceMs)
  const headMs = track.headMs ?? (await firstSlice(store, track.slo, oldestMs, nowMs))
  if (headMs === undefined) return undefined
  const sweep = nowMs - track.sweptMs >= SWEEP_EVERY_MS
  const backMs = sweep ? limits.sloLateMs.value : REOPEN_MS
  const startMs = Math.max(oldestMs, sliceStart(headMs - backMs, sliceMs))
  await computeRange(store, batch, track, startMs, endMs, nowMs)
  const forgetMs = endMs - limits.sloLateMs.value - SWEEP_EVERY_MS
  for (const start of track.written.keys()) if (start < forgetMs) track.written.delete(start)
  return { headMs: Math.max(headMs, endMs), sweptMs: sweep ? nowMs : track.sweptMs }
}

/** In chunks, smaller ones where there is too much for one. */
async function computeRange(
  store: Store,
  batch: ColumnBatch,
  track: Track,
  startMs: number,
  endMs: number,
  nowMs: number,
): Promise<void> {
  const { sliceMs, budgeting } = track.slo
  let chunkMs = Math.max(sliceMs, sliceStart(CHUNK_MS, sliceMs))
  for (let fromMs = startMs; fromMs < endMs;) {
    const toMs = Math.min(endMs, fromMs + chunkMs)
    try {
      addRows(batch, track, weigh(await slicesOf(store, track, fromMs, toMs, nowMs), budgeting))
      fromMs = toMs
    } catch (error) {
      if (!(error instanceof TooMuch) || chunkMs <= sliceMs) throw error
      chunkMs = Math.max(sliceMs, sliceStart(chunkMs / 2, sliceMs))
    }
  }
}

function addRows(batch: ColumnBatch, track: Track, slices: Slices): void {
  const { service, slo } = track.slo
  const table = batch.table(sliceShape)
  for (let i = 0; i < slices.good.length; i++) {
    if (slices.measured[i] === 0) continue
    const start = slices.startMs + i * slices.sliceMs
    const [good, total] = [slices.good[i]!, slices.total[i]!]
    const content = `${good} ${total}`
    if (track.written.get(start) === content) continue
    track.written.set(start, content)
    table.append(['', service, slo, track.definition, start, good, total])
  }
}

async function firstSlice(
  store: Store,
  { indicator, sliceMs }: LoadedSlo,
  fromMs: number,
  nowMs: number,
): Promise<number | undefined> {
  const { selector } = indicator.kind === 'threshold' ? indicator.query : indicator.totalQuery
  const first = await firstSampleMs(store, selector, fromMs, nowMs, { session: 'evaluate' })
  return first === undefined ? undefined : sliceStart(first, sliceMs)
}

async function slicesOf(
  store: Store,
  track: Track,
  startMs: number,
  endMs: number,
  nowMs: number,
): Promise<Slices> {
  const { slo } = track
  const { indicator, sliceMs } = slo
  const bridgeMs = limits.sloBridgeMs.value
  // A pair of samples that crosses the end belongs to both sides.
  const untilMs = Math.min(nowMs + 1, endMs + bridgeMs)
  if (indicator.kind === 'threshold') {
    const series = await selectSeries(store, indicator.query.selector, startMs, endMs, {
      session: 'evaluate',
    })
    const threshold = { operator: indicator.operator, value: indicator.value, series }
    return thresholdSlices(threshold, startMs, endMs, sliceMs)
  }
  const select = async ({ selector }: Query) => {
    const options = { session: 'evaluate' as const, priorMs: bridgeMs }
    return (await selectSeries(store, selector, startMs, untilMs, options)).map(withTarget)
  }
  const totalSeries = await select(indicator.totalQuery)
  const partSeries = totalSeries.length === 0 ? [] : await select(indicator.partQuery)
  track.partSeen ||= partSeries.length > 0
  if (!track.partSeen && totalSeries.length > 0) {
    const fromMs = nowMs - slo.windowMs
    const { selector } = indicator.partQuery
    const first = await firstSampleMs(store, selector, fromMs, nowMs, { session: 'evaluate' })
    track.partSeen = first !== undefined
  }
  // A service that never had a good event is more likely a selector that is wrong.
  const known = indicator.part === 'bad' || track.partSeen
  const { part, counter } = indicator
  return ratioSlices(
    { part, counter, bridgeMs, partSeries, totalSeries: known ? totalSeries : [] },
    startMs,
    endMs,
    sliceMs,
  )
}

function withTarget({ labels, times, values, firstMs }: Series): IndicatorSeries {
  const target = `${labels['job'] ?? ''}\0${labels['instance'] ?? ''}`
  return { times, values, target, born: times[0]! <= firstMs }
}
