/**
 * The series `up` (up.ts) where passes are no longer known one by one: of each window it is known how many
 * arrived, and what a machine usually sends. What is missing is 0, but for fewer than three in a row.
 */
import { type Tier, TIERS } from '../../../store/rollup/rolled.ts'
import { ask } from '../ask.ts'
import { arraysOf, rowOf } from '../columns-of.ts'
import { Bound, ofEntities, type Range, TENANT } from '../conditions.ts'
import { allMatchers, placesIn, type Selection } from '../places.ts'
import { endAt, rowsOf, type RolledSeries } from './series.ts'
import { typedSeriesLabels } from '../typed-labels.ts'
import { type Context, entitiesOf } from '../typed.ts'
import { MISSED, SILENT_MS, UP, upTable } from '../up.ts'

/** Of windows that begin in a range; none where the selection is of something else. */
export async function upRolled(
  context: Context,
  selection: Selection,
  tier: Tier,
  { fromMs, toMs }: Range,
  minutesMs: number,
): Promise<RolledSeries[]> {
  const [place] = placesIn(upTable, allMatchers(selection))
  if (place === undefined) return []
  // What was silent when the range began is told by when it was not.
  const range = { fromMs: fromMs - SILENT_MS, toMs }
  const { matched } = await entitiesOf(context, place, range)
  if (matched.size === 0) return []
  const bound = new Bound(context.tenant)
  const rows = (table: string, passes: string) =>
    `SELECT entity, ts, ${passes} AS passes FROM ${table} FINAL
     WHERE ${TENANT} AND ${ofEntities(bound, [...matched.keys()])}
       AND ts >= ${bound.time(range.fromMs)} AND ts < ${bound.time(toMs)}`
  // Where minutes are gone an hour tells that its machine was there.
  const hours =
    tier === '1m' && minutesMs > range.fromMs
      ? `UNION ALL ${rows('machine_1h', '0')} AND ts < ${bound.time(minutesMs)}`
      : ''
  const answer = await ask(
    context,
    `SELECT entity, groupArray(ts) AS at, groupArray(passes) AS n
     FROM (${rows(`machine_${tier}`, 'samples')} ${hours}) GROUP BY entity`,
    bound,
  )
  const times = arraysOf(answer, 'at')
  const counts = arraysOf(answer, 'n')
  return [...answer.ids('entity')].flatMap((id, row) => {
    const found = matched.get(id)
    if (found === undefined) return []
    const { known, endedMs } = found
    const [at, n] = [rowOf(times, row), rowOf(counts, row)]
    const passes = Array.from(at, (startMs, i) => ({ startMs, passes: n[i]! }))
    passes.sort((a, b) => a.startMs - b.startMs)
    const labels = typedSeriesLabels(context.cache, known, upTable, UP, [])
    const series = { labels, ...upOfWindows(passes, TIERS[tier].windowMs, endedMs ?? toMs) }
    if (endedMs !== undefined) endAt(series, endedMs)
    return [series]
  })
}

interface Window {
  readonly startMs: number
  /** None where it is only known that the machine was there. */
  readonly passes: number
}

/** Windows that have passes, ascending, to rows of `up` until a time. */
export function upOfWindows(
  windows: readonly Window[],
  widthMs: number,
  untilMs: number,
): Omit<RolledSeries, 'labels'> {
  const counts = windows.flatMap(({ passes }) => (passes > 0 ? [passes] : []))
  const usual = counts.sort((a, b) => a - b)[counts.length >> 1] ?? 1
  const found: { startMs: number; ones: number; zeros: number }[] = []
  for (const [i, { startMs, passes }] of windows.entries()) {
    const missing = passes === 0 ? 0 : Math.max(0, usual - passes)
    if (passes > 0) {
      found.push({ startMs, ones: passes, zeros: Math.max(0, missing - (MISSED - 1)) })
    }
    let unnoticed = Math.max(0, MISSED - 1 - missing)
    const next = Math.min(windows[i + 1]?.startMs ?? Infinity, untilMs, startMs + SILENT_MS)
    for (let ms = startMs + widthMs; ms < next; ms += widthMs) {
      const zeros = Math.max(0, usual - unnoticed)
      unnoticed = Math.max(0, unnoticed - usual)
      if (zeros > 0) found.push({ startMs: ms, ones: 0, zeros })
    }
  }
  const rows = rowsOf(found.length, ['least', 'most', 'mean', 'last'])
  for (const [row, { startMs, ones, zeros }] of found.entries()) {
    rows.starts[row] = startMs
    rows.ends[row] = startMs + widthMs
    rows.counts[row] = ones + zeros
    rows.mean[row] = ones / (ones + zeros)
    rows.least[row] = zeros > 0 ? 0 : 1
    rows.most[row] = rows.last[row] = ones > 0 ? 1 : 0
  }
  return rows
}
