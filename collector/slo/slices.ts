/**
 * Slices of each SLO, out of the samples in the store and into rows for it. What is computed twice is
 * stored once.
 */
import { limits } from '../../catalog/limit.ts'
import { weigh } from '../../judge/slo/budget.ts'
import {
  type IndicatorSeries,
  ratioSlices,
  type Slices,
  sliceStart,
  thresholdSlices,
} from '../../judge/slo/slices.ts'
import { TooMuch } from '../query/query-error.ts'
import { firstSampleMs, isKnownMetric, selectSeries, type Series } from '../query/select.ts'
import { textId } from '../receive/identity.ts'
import type { ColumnBatch } from '../store/columns.ts'
import { id, number, type Shape, text, time } from '../store/shape.ts'
import type { Store } from '../store/store.ts'
import type { Indicator, LoadedSlo, Query } from './loaded-slo.ts'

const BLOCK_MS = 6 * 3_600_000

/** Length of what is read at once: whole slices, about six hours. */
export const blockLength = (sliceMs: number): number =>
  Math.max(sliceMs, sliceStart(BLOCK_MS, sliceMs))

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
  /** Slices before this border are computed, those of `pending` excepted. */
  headMs: number | undefined
  /** Blocks with stored slices, until a plan was made of them; undefined before the store was asked. */
  stored: ReadonlySet<number> | undefined
  /** Starts of older blocks that are to be computed, the newest last. */
  pending: number[]
  sweptMs: number
  /** What the newest slices hold in the store, so that only changes are written. */
  readonly written: Map<number, string>
  /** Whether the good or bad events of a ratio were ever seen. */
  partSeen: boolean
  /** Whether what was not seen of them counts as none. */
  partKnown: boolean
  /** Whether the last evaluation had no time for its newest slices. */
  postponed: boolean
  /** The last evaluation that had time for them, so that those who start take turns. */
  triedMs: number
}

export const newTrack = (slo: LoadedSlo): Track => ({
  slo,
  definition: definitionOf(slo),
  headMs: undefined,
  stored: undefined,
  pending: [],
  sweptMs: -Infinity,
  written: new Map(),
  partSeen: false,
  partKnown: false,
  postponed: false,
  triedMs: -Infinity,
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

export const sliceKey = (service: string, slo: string, definition: string): string =>
  `${service}\0${slo}\0${definition}`

export const keyOf = ({ slo, definition }: Track): string =>
  sliceKey(slo.service, slo.slo, String(definition))

/** [startMs, endMs) */
export type Range = readonly [startMs: number, endMs: number]

/** Slices of a range, read in blocks and in smaller pieces where there is too much for one. */
export async function computeRange(
  store: Store,
  track: Track,
  [startMs, endMs]: Range,
  nowMs: number,
  signal: AbortSignal | undefined,
): Promise<Slices[]> {
  const { sliceMs, budgeting } = track.slo
  const computed: Slices[] = []
  let pieceMs = blockLength(sliceMs)
  for (let fromMs = startMs; fromMs < endMs;) {
    signal?.throwIfAborted()
    const toMs = Math.min(endMs, fromMs + pieceMs)
    try {
      computed.push(weigh(await slicesOf(store, track, fromMs, toMs, nowMs), budgeting))
      fromMs = toMs
    } catch (error) {
      if (!(error instanceof TooMuch) || pieceMs <= sliceMs) throw error
      pieceMs = Math.max(sliceMs, sliceStart(pieceMs / 2, sliceMs))
    }
  }
  return computed
}

/** Rows for what is new or has changed. What is older than `rememberMs` will not be computed again. */
export function addRows(
  batch: ColumnBatch,
  track: Track,
  slices: Slices,
  rememberMs: number,
): void {
  const { tenant, service, slo } = track.slo
  const table = batch.table(sliceShape)
  for (let i = 0; i < slices.good.length; i++) {
    if (slices.measured[i] === 0) continue
    const start = slices.startMs + i * slices.sliceMs
    const [good, total] = [slices.good[i]!, slices.total[i]!]
    const content = `${good} ${total}`
    if (track.written.get(start) === content) continue
    if (start >= rememberMs) track.written.set(start, content)
    table.append([tenant, service, slo, track.definition, start, good, total])
  }
}

/** The slice of the first sample in the window. */
export async function firstSlice(
  store: Store,
  { tenant, indicator, sliceMs }: LoadedSlo,
  fromMs: number,
  nowMs: number,
): Promise<number | undefined> {
  const { selector } = indicator.kind === 'threshold' ? indicator.query : indicator.totalQuery
  const first = await firstSampleMs(store, selector, fromMs, nowMs, {
    session: 'evaluate',
    tenant,
  })
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
  const { tenant, indicator, sliceMs } = slo
  const asked = { session: 'evaluate', tenant } as const
  const bridgeMs = limits.sloBridgeMs.value
  // A pair of samples that crosses the end belongs to both sides.
  const untilMs = Math.min(nowMs + 1, endMs + bridgeMs)
  if (indicator.kind === 'threshold') {
    const series = await selectSeries(store, indicator.query.selector, startMs, endMs, asked)
    const threshold = { operator: indicator.operator, value: indicator.value, series }
    return thresholdSlices(threshold, startMs, endMs, sliceMs)
  }
  const select = async ({ selector }: Query) => {
    const options = { ...asked, priorMs: bridgeMs }
    return (await selectSeries(store, selector, startMs, untilMs, options)).map(withTarget)
  }
  const totalSeries = await select(indicator.totalQuery)
  const partSeries = totalSeries.length === 0 ? [] : await select(indicator.partQuery)
  track.partSeen ||= partSeries.length > 0
  if (!track.partSeen && totalSeries.length > 0) {
    const fromMs = nowMs - slo.windowMs
    const first = await firstSampleMs(store, indicator.partQuery.selector, fromMs, nowMs, asked)
    track.partSeen = first !== undefined
  }
  // A service that never had a good event, or a metric that nobody ever sent, is more likely a query
  // that is wrong. Bad events that never were are none, where their metric is known.
  const { selector } = indicator.partQuery
  track.partKnown ||=
    track.partSeen || (indicator.part === 'bad' && (await isKnownMetric(store, selector, asked)))
  const { part, counter } = indicator
  return ratioSlices(
    { part, counter, bridgeMs, partSeries, totalSeries: track.partKnown ? totalSeries : [] },
    startMs,
    endMs,
    sliceMs,
  )
}

function withTarget({ labels, times, values, firstMs }: Series): IndicatorSeries {
  const target = `${labels['job'] ?? ''}\0${labels['instance'] ?? ''}`
  return { times, values, target, born: times[0]! <= firstMs }
}
