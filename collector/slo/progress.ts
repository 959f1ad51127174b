/**
 * How an SLO moves through time.
 *
 * An evaluation computes what was closed since the last one, and the newest few minutes again, since
 * points may come late. Every ten minutes the sweep goes back as far as a late point may still change
 * something (limits.sloLateMs).
 *
 * A start computes the newest hours first, for they decide about alerts. Older blocks follow, the
 * newest first, as many an evaluation as it has time for; until they are all there, figures of the
 * period are of the share that the coverage names. A block is stored whole or not at all, so the
 * store itself tells a later start which ones are missing. A start is also what follows a long
 * pause, and a clock that was ahead: what was computed by it is looked up in the store again.
 */
import { limits } from '../../catalog/limit.ts'
import { pageTier } from '../../judge/slo/burn-rate.ts'
import { closedEnd, sliceStart } from '../../judge/slo/slices.ts'
import type { ColumnBatch } from '../store/columns.ts'
import type { Store } from '../store/store.ts'
import type { LoadedSlo } from './loaded-slo.ts'
import {
  addRows,
  blockLength,
  computeRange,
  firstSlice,
  keyOf,
  type Range,
  sliceKey,
  type Track,
} from './slices.ts'

const REOPEN_MS = 5 * 60_000
const SWEEP_EVERY_MS = 10 * 60_000

const endOf = (nowMs: number, sliceMs: number) =>
  closedEnd(nowMs, sliceMs, limits.sloIngestDelayMs.value)

/** Where a start begins: a border of blocks before all that alerts and late points need. */
function liveStart({ windowMs, sliceMs }: LoadedSlo, endMs: number): number {
  const { longMs } = pageTier(windowMs, sliceMs)
  return sliceStart(endMs - Math.max(longMs, limits.sloLateMs.value), blockLength(sliceMs))
}

/** Whether what the store holds has to be looked up before the track can go on. */
export function mustResume({ slo, headMs, stored }: Track, nowMs: number): boolean {
  const endMs = endOf(nowMs, slo.sliceMs)
  if (headMs === undefined) return stored === undefined
  return headMs > endMs || (stored === undefined && headMs < liveStart(slo, endMs))
}

/** Forgets how far a track has come. */
export function restart(track: Track): void {
  track.headMs = undefined
  track.stored = undefined
  track.pending = []
  track.sweptMs = -Infinity
  track.written.clear()
}

/** Looks up which blocks of the window have stored slices, and where those end. */
export async function resume(
  store: Store,
  tenant: string,
  tracks: readonly Track[],
  nowMs: number,
): Promise<void> {
  for (const [sliceMs, group] of Map.groupBy(tracks, ({ slo }) => slo.sliceMs)) {
    const endMs = endOf(nowMs, sliceMs)
    const found = await storedBlocks(store, tenant, sliceMs, [
      endMs - Math.max(...group.map(({ slo }) => slo.windowMs)),
      endMs,
    ])
    for (const track of group) {
      const row = found.get(keyOf(track))
      restart(track)
      track.stored = new Set(row?.blocks)
      if (row !== undefined) track.headMs = row.newest + sliceMs
    }
  }
}

interface StoredRow {
  readonly service: string
  readonly slo: string
  readonly definition: string
  readonly newest: number
  readonly blocks: readonly number[]
}

async function storedBlocks(
  store: Store,
  tenant: string,
  sliceMs: number,
  [from, end]: Range,
): Promise<Map<string, StoredRow>> {
  const rows = await store.query<StoredRow>(
    `SELECT service, slo, definition, toFloat64(max(at)) AS newest,
       groupUniqArray(toFloat64(intDiv(at, {block:Int64}) * {block:Int64})) AS blocks
     FROM
     (
       SELECT service, slo, definition, toUnixTimestamp64Milli(start) AS at
       FROM slice
       WHERE tenant = {tenant:String}
         AND start >= fromUnixTimestamp64Milli({from:Int64})
         AND start < fromUnixTimestamp64Milli({end:Int64})
     )
     GROUP BY service, slo, definition`,
    { tenant, block: blockLength(sliceMs), from, end },
    { session: 'evaluate' },
  )
  return new Map(rows.map((row) => [sliceKey(row.service, row.slo, row.definition), row]))
}

/** How far a track has come once the rows of its batch are stored. */
export type Progress = Pick<Track, 'headMs' | 'stored' | 'pending' | 'sweptMs'>

/** Computes what was closed by now, into the batch. Undefined while there is no sample at all. */
export async function advance(
  store: Store,
  batch: ColumnBatch,
  track: Track,
  nowMs: number,
  signal?: AbortSignal,
): Promise<Progress | undefined> {
  const { slo, headMs } = track
  const endMs = endOf(nowMs, slo.sliceMs)
  const liveMs = liveStart(slo, endMs)
  let { pending } = track
  if (track.stored !== undefined) {
    const firstMs = await firstSlice(store, slo, endMs - slo.windowMs, nowMs)
    if (firstMs === undefined && headMs === undefined) return undefined
    pending = missingBlocks(track.stored, firstMs ?? liveMs, liveMs, blockLength(slo.sliceMs))
  }
  const sweep = nowMs < track.sweptMs || nowMs - track.sweptMs >= SWEEP_EVERY_MS
  const backMs = sweep ? limits.sloLateMs.value : REOPEN_MS
  const computed = []
  for (const range of rangesOf({ slo, headMs, pending }, backMs, [liveMs, endMs])) {
    computed.push(...(await computeRange(store, track, range, nowMs, signal)))
  }
  const rememberMs = endMs - limits.sloLateMs.value - SWEEP_EVERY_MS
  for (const slices of computed) addRows(batch, track, slices, rememberMs)
  for (const start of track.written.keys()) if (start < rememberMs) track.written.delete(start)
  return { headMs: endMs, stored: undefined, pending, sweptMs: sweep ? nowMs : track.sweptMs }
}

function missingBlocks(
  stored: ReadonlySet<number>,
  firstMs: number,
  endMs: number,
  blockMs: number,
): number[] {
  const missing: number[] = []
  for (let start = sliceStart(firstMs, blockMs); start < endMs; start += blockMs) {
    if (!stored.has(start)) missing.push(start)
  }
  return missing
}

/** From the head to the end; over a long pause only its edges, what is between is pending. */
function rangesOf(
  { slo, headMs, pending }: Pick<Track, 'slo' | 'headMs' | 'pending'>,
  backMs: number,
  [liveMs, endMs]: Range,
): Range[] {
  if (headMs === undefined) return [[liveMs, endMs]]
  const blockMs = blockLength(slo.sliceMs)
  // A part of a missing block would make it look as if it were stored.
  const floorMs = Math.max(
    ...pending.map((start) => start + blockMs).filter((end) => end <= headMs),
  )
  const startMs = Math.max(floorMs, sliceStart(headMs - backMs, slo.sliceMs))
  if (headMs >= liveMs) return [[startMs, endMs]]
  return [
    [startMs, sliceStart(headMs - 1, blockMs) + blockMs],
    [liveMs, endMs],
  ]
}

/** Computes the newest missing block, into the batch. */
export async function fillBlock(
  store: Store,
  batch: ColumnBatch,
  track: Track,
  nowMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const startMs = track.pending.at(-1)!
  const range: Range = [startMs, startMs + blockLength(track.slo.sliceMs)]
  const computed = await computeRange(store, track, range, nowMs, signal)
  for (const slices of computed) addRows(batch, track, slices, Infinity)
  track.pending.pop()
}
