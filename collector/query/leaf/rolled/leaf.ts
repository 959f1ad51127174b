/**
 * Leaves whose windows begin before samples do: values over their grid, of which older steps are made of
 * rollups and the others of samples. What rollups do not reach, since they are made some minutes later, is
 * added to them out of samples, so that a window of weeks that ends now has all of its time. What came from
 * where is said beside the answer.
 */
import { BRIDGE_MS, type Tier, TIERS } from '../../../store/rollup/rolled.ts'
import { type Grid, type GridSeries, type SampleSeries, stepsOf } from '../../grid/grid.ts'
import { overRange, rangeFunctions } from '../../grid/range/functions.ts'
import { newest } from '../../grid/range/newest.ts'
import { windowsOf } from '../../grid/range/windows.ts'
import { formatDuration } from '../../language/duration.ts'
import type { Leaf, LeafAnswer } from '../../leaf.ts'
import { Pace } from '../../pace.ts'
import { QueryError, TooMuch } from '../../query-error.ts'
import type { Range } from '../conditions.ts'
import { type Narrow, narrowOf, narrowSamples } from '../narrow.ts'
import { haveTwins, inTurns } from '../one-series.ts'
import { allMatchers, placesIn, typedPlaces } from '../places.ts'
import {
  canMerge,
  haveSketches,
  narrowRolled,
  type RolledRead,
  sketchedQuantiles,
  typedRolled,
} from './rows.ts'
import { goingOn, minutesOf, rolledInTurns, type RolledSeries } from './series.ts'
import { upRolled } from './up.ts'
import { overRolled, type RolledAsk, samplesIn, takesSamples } from './values.ts'
import { ALL_SAMPLES, type Piece, piecesOf, type Reach, type Tiers } from './tiers.ts'
import { type Context, type Entities, entitiesOf, typedSamples } from '../typed.ts'
import { upSamples, upTable } from '../up.ts'

type Now = Context & { readonly nowMs: number }

/** Undefined where samples have all of it. `ofSamples` answers a leaf out of samples alone. */
export async function rolledAnswer(
  context: Now,
  leaf: Leaf,
  tiers: Tiers,
  ofSamples: (leaf: Leaf) => Promise<LeafAnswer>,
): Promise<LeafAnswer | undefined> {
  const { grid, windowMs } = leaf
  const range: Range = { fromMs: grid.startMs - windowMs, toMs: lastOf(grid) }
  const places = typedPlaces(leaf)
  const isUp = placesIn(upTable, allMatchers(leaf)).length > 0
  const tables = [
    ...new Set([...places.map(({ table }) => table.name), ...(isUp ? ['machine'] : [])]),
  ]
  const all = await tiers.reach(context, [...tables, 'point'], range.fromMs)
  if (all === ALL_SAMPLES) return undefined
  const narrow = await narrowOf(context, leaf, range)
  const isNarrow = narrow.ids.length > 0
  const reach = isNarrow ? all : await tiers.reach(context, tables, range.fromMs)
  if (reach === ALL_SAMPLES) return undefined
  const entities: Entities[] = []
  for (const place of places) entities.push(await entitiesOf(context, place, range))
  const asked = { context, leaf, reach, entities, narrow, said: new Set<string>() }
  return leaf.ask.kind === 'samples' ? samples(asked, ofSamples) : values(asked, ofSamples)
}

/** What rollups have bit by bit, where windows are made of whole ones; of counters only what was counted. */
const EXACT: ReadonlySet<string> = new Set([
  'avg_over_time',
  'count_over_time',
  'increase',
  'max_over_time',
  'min_over_time',
  'present_over_time',
  'rate',
  'sum_over_time',
])
const OF_ANY: ReadonlySet<string> = new Set([
  'count_over_time',
  'increase',
  'present_over_time',
  'rate',
])

/**
 * Instead of samples that are more than a query may hold: rollups, where they say the same. Undefined where
 * they do not.
 */
export async function exactAnswer(
  context: Now,
  leaf: Leaf,
  tiers: Tiers,
): Promise<LeafAnswer | undefined> {
  const { ask, grid, windowMs } = leaf
  const isUp = placesIn(upTable, allMatchers(leaf)).length > 0
  if (ask.kind !== 'function' || !EXACT.has(ask.name) || isUp) return undefined
  const tier = (['1h', '1m'] as const).find((each) => isOfWhole(leaf, TIERS[each].windowMs))
  if (tier === undefined) return undefined
  const range: Range = { fromMs: grid.startMs - windowMs, toMs: lastOf(grid) }
  const places = typedPlaces(leaf)
  const narrow = await narrowOf(context, leaf, range)
  const isNarrow = narrow.ids.length > 0
  const isLevel =
    places.every(({ metrics }) => metrics.every(({ kind }) => kind === 'gauge')) &&
    [...narrow.known.values()].every(({ kind }) => kind === 'gauge')
  if (!isLevel && !OF_ANY.has(ask.name)) return undefined
  const tables = [...places.map(({ table }) => table.name), ...(isNarrow ? ['point'] : [])]
  const made = await tiers.made(context, tables, tier)
  if (made <= range.fromMs) return undefined
  const entities: Entities[] = []
  for (const place of places) entities.push(await entitiesOf(context, place, range))
  const reach: Reach = {
    samplesMs: Infinity,
    minutesMs: tier === '1h' ? Infinity : -Infinity,
    madeMs: { '1m': -Infinity, '1h': -Infinity, [tier]: made },
  }
  const said = new Set([
    `samples are too many for this query: its windows are of whole rollups of ${tier}, which are read`,
  ])
  const series = await finest({ context, leaf, reach, entities, narrow, said }, tier)
  return { kind: 'values', series, isAggregated: false, infos: [...said] }
}

const isOfWhole = ({ grid, windowMs }: Leaf, widthMs: number): boolean =>
  [grid.startMs, windowMs, stepsOf(grid) === 1 ? 0 : grid.stepMs].every((ms) => ms % widthMs === 0)

interface Asked {
  readonly context: Now
  readonly leaf: Leaf
  readonly reach: Reach
  readonly entities: readonly Entities[]
  readonly narrow: Narrow
  /** What is to be said beside the answer. */
  readonly said: Set<string>
}

const lastOf = (grid: Grid) => grid.startMs + (stepsOf(grid) - 1) * grid.stepMs

async function values(
  asked: Asked,
  ofSamples: (leaf: Leaf) => Promise<LeafAnswer>,
): Promise<LeafAnswer | undefined> {
  const { leaf, reach, said } = asked
  const pieces = piecesOf(leaf.grid, leaf.windowMs, reach)
  if (pieces.every(({ origin }) => origin === 'samples')) return undefined
  tellBorders(asked, pieces)
  const whole = new Whole(leaf.grid)
  // Put together series by series: who asks aggregates them.
  const { aggregation: _, ...ofSeries } = leaf
  for (const piece of pieces) {
    const its = { ...ofSeries, grid: piece.grid }
    const found =
      piece.origin === 'samples'
        ? overGrid(its, await ofSamples(its))
        : await finest({ ...asked, leaf: its }, piece.origin)
    whole.add(found, piece.before)
  }
  return { kind: 'values', series: whole.series, isAggregated: false, infos: [...said] }
}

/** Series over a grid, put together out of their parts. */
class Whole {
  readonly #steps: number
  readonly #series = new Map<string, GridSeries>()

  constructor(grid: Grid) {
    this.#steps = stepsOf(grid)
  }

  get series(): GridSeries[] {
    return [...this.#series.values()]
  }

  /** Series of the same labels, in one part, stay several. */
  add(parts: readonly GridSeries[], before: number): void {
    const twins = new Map<string, number>()
    for (const { labels, dropsName, values: part, present } of parts) {
      const twin = twins.get(labels.key) ?? 0
      twins.set(labels.key, twin + 1)
      const key = `${twin} ${labels.key}`
      let series = this.#series.get(key)
      if (series === undefined) {
        const values = new Float64Array(this.#steps)
        series = { labels, dropsName, values, present: new Uint8Array(this.#steps) }
        this.#series.set(key, series)
      }
      series.values.set(part, before)
      series.present.set(present, before)
    }
  }
}

/** What samples give over the grid of a leaf. */
function overGrid({ ask, grid, windowMs }: Leaf, answer: LeafAnswer): readonly GridSeries[] {
  if (answer.kind === 'values') return answer.series
  const windows = windowsOf(grid, windowMs)
  return answer.series.flatMap((series) => {
    if (ask.kind !== 'function') return newest(series, windows) ?? []
    const parameters = ask.parameters.map((value) => () => value)
    return overRange(rangeFunctions[ask.name]!, series, windows, parameters) ?? []
  })
}

/**
 * Where minutes are more than a query may hold, hours answer; where these are, too, one half of the steps
 * after the other.
 */
async function finest(asked: Asked, tier: Tier): Promise<readonly GridSeries[]> {
  const { leaf, reach, said } = asked
  const { startMs, endMs, stepMs } = leaf.grid
  const steps = stepsOf(leaf.grid)
  try {
    return await ofTier(asked, tier)
  } catch (error) {
    if (!isTooMany(error)) throw error
    if (tier === '1m' && reach.madeMs['1h'] > -Infinity) {
      said.add('rollups of 1m are too many samples for this query, and those of 1h are read')
      return await finest(asked, '1h')
    }
    if (steps === 1) throw error
  }
  const half = steps >> 1
  const of = (grid: Grid) => finest({ ...asked, leaf: { ...leaf, grid } }, tier)
  const whole = new Whole(leaf.grid)
  whole.add(await of({ startMs, endMs: startMs + (half - 1) * stepMs, stepMs }), 0)
  whole.add(await of({ startMs: startMs + half * stepMs, endMs, stepMs }), half)
  return whole.series
}

export const isTooMany = (error: unknown): boolean =>
  error instanceof QueryError && error.cause instanceof TooMuch && error.cause.what === 'samples'

async function ofTier(asked: Asked, tier: Tier): Promise<readonly GridSeries[]> {
  const { leaf, reach, said } = asked
  const { grid, windowMs } = leaf
  const how: RolledAsk =
    leaf.ask.kind === 'function' ? leaf.ask : { name: 'newest', parameters: [] }
  const made = reach.madeMs[tier]
  const untilMs = made === -Infinity ? reach.samplesMs : made
  const read: RolledRead = { tier, name: how.name, grid, windowMs, untilMs }
  const quantiles = await quantilesOf(asked, how, read)
  if (quantiles !== undefined) return quantiles
  const rolled = await rolledSeries(asked, read)
  const windows = windowsOf(grid, windowMs)
  const dropsName = how.name !== 'newest' && rangeFunctions[how.name]?.keepsName !== true
  const found: GridSeries[] = []
  const pace = new Pace(asked.context.signal)
  for (const series of await withTail(asked, rolled, untilMs)) {
    if (pace.isDue) await pace.turn()
    const its = overRolled(series, how, windows)
    if (its === 'unknown') {
      said.add(
        `rollups of ${tier} keep of some counters only what was counted: no ${how.name} of these`,
      )
    } else if (its !== undefined) {
      found.push({ labels: series.labels, dropsName, values: its.values, present: its.present })
    }
  }
  tellWidths(asked, how, tier)
  return found
}

/** Of what sketches are kept; undefined where rows have to do. */
async function quantilesOf(
  { context, entities, narrow, said }: Asked,
  { name, parameters }: RolledAsk,
  read: RolledRead,
): Promise<readonly GridSeries[] | undefined> {
  const [q] = parameters
  if (name !== 'quantile_over_time' || read.tier !== '1h') return undefined
  if (q === undefined || !(q >= 0 && q <= 1) || narrow.ids.length > 0) return undefined
  // What several entities make together is made of rows.
  const isKept = entities.every(
    (each) => haveSketches(each) && !haveTwins(each) && canMerge(each, read),
  )
  if (!isKept) return undefined
  const found: GridSeries[] = []
  for (const each of entities) {
    for (const series of await sketchedQuantiles(context, each, read, q)) found.push(series)
  }
  said.add('quantiles over rollups of 1h are of the most of each minute, right to 1 %')
  return found
}

async function rolledSeries(
  { context, leaf, reach, entities, narrow }: Asked,
  read: RolledRead,
): Promise<RolledSeries[]> {
  const all: RolledSeries[] = []
  for (const each of entities) {
    for (const series of await typedRolled(context, each, read)) all.push(series)
  }
  for (const series of await narrowRolled(context, narrow, read)) all.push(series)
  const { windowMs: widthMs } = TIERS[read.tier]
  const range = {
    fromMs: read.grid.startMs - Math.max(read.windowMs, 2 * widthMs) - widthMs,
    toMs: Math.min(read.untilMs, lastOf(read.grid)),
  }
  for (const series of await upRolled(context, leaf, read.tier, range, reach.minutesMs))
    all.push(series)
  return rolledInTurns(all)
}

/** With minutes made of samples from a time on, as far as the leaf looks. */
async function withTail(
  { context, leaf, entities, narrow }: Asked,
  rolled: readonly RolledSeries[],
  fromMs: number,
): Promise<readonly RolledSeries[]> {
  const range: Range = { fromMs: fromMs - BRIDGE_MS, toMs: lastOf(leaf.grid) }
  if (range.toMs <= fromMs) return rolled
  const stored: SampleSeries[] = await upSamples(context, leaf, range)
  for (const each of entities) {
    for (const series of await typedSamples(context, { ...each, range })) stored.push(series)
  }
  for (const series of await narrowSamples(context, { ...narrow, range })) stored.push(series)
  const found = [...rolled]
  const places = new Map(rolled.map(({ labels }, i) => [labels.key, i]))
  for (const series of inTurns(stored)) {
    const tail = minutesOf(series, fromMs)
    if (tail.starts.length === 0) continue
    const at = places.get(series.labels.key)
    if (at === undefined) found.push(tail)
    else found[at] = goingOn(found[at]!, tail)
  }
  return found
}

/** Samples of the range as they are, and before these rollups as if they were samples. */
async function samples(
  asked: Asked,
  ofSamples: (leaf: Leaf) => Promise<LeafAnswer>,
): Promise<LeafAnswer | undefined> {
  const { leaf, reach, said } = asked
  const fromMs = leaf.grid.startMs - leaf.windowMs
  const toMs = Math.min(lastOf(leaf.grid), reach.samplesMs)
  const answer = await ofSamples(leaf)
  if (answer.kind !== 'samples') throw new TypeError('samples were asked for')
  const parts: SampleSeries[] = []
  const tiers: Tier[] = []
  for (const [tier, from, to] of [
    ['1h', fromMs, Math.min(toMs, reach.minutesMs)],
    ['1m', Math.max(fromMs, reach.minutesMs), toMs],
  ] as const) {
    if (from >= to) continue
    tiers.push(tier)
    const grid = { startMs: to, endMs: to, stepMs: 1 }
    const read = { tier, name: 'samples', grid, windowMs: to - from, untilMs: to }
    for (const series of await rolledSeries(asked, read)) {
      parts.push({ labels: series.labels, ...between(samplesIn(series), from, to) })
    }
  }
  said.add(bordersText(tiers, reach))
  said.add('rollups are taken for samples, each with its newest value or its mean')
  for (const series of answer.series) {
    const { times, values: of } = series
    const at = times.findIndex((ms) => ms >= reach.samplesMs)
    if (at >= 0) parts.push({ ...series, times: times.subarray(at), values: of.slice(at) })
  }
  return { kind: 'samples', series: inTurns(parts), infos: [...said] }
}

function between(
  { times, values: of }: ReturnType<typeof samplesIn>,
  fromMs: number,
  toMs: number,
) {
  const from = times.findIndex((ms) => ms > fromMs)
  const to = times.findLastIndex((ms) => ms < toMs) + 1
  if (from < 0 || from >= to) return { times: times.slice(0, 0), values: of.slice(0, 0) }
  return { times: times.slice(from, to), values: of.slice(from, to) }
}

function tellBorders({ reach, said }: Asked, pieces: readonly Piece[]): void {
  const tiers = pieces.map(({ origin }) => origin).filter((origin) => origin !== 'samples')
  said.add(bordersText(tiers, reach))
}

function bordersText(tiers: readonly Tier[], { samplesMs, minutesMs }: Reach): string {
  const parts = tiers.flatMap((tier) => {
    const beforeMs = tier === '1h' ? Math.min(minutesMs, samplesMs) : samplesMs
    if (beforeMs === -Infinity) return []
    const before = beforeMs === Infinity ? '' : `before ${new Date(beforeMs).toISOString()} `
    return `${before}from rollups of ${tier}`
  })
  return `windows that begin ${parts.toReversed().join(', ')}`
}

function tellWidths({ leaf, said }: Asked, { name }: RolledAsk, tier: Tier): void {
  const { windowMs: widthMs } = TIERS[tier]
  if (takesSamples(name)) {
    said.add(`${name} over rollups takes each for one sample, its newest or its mean`)
  }
  if (leaf.ask.kind === 'function' && leaf.windowMs < widthMs) {
    said.add(
      `a window of ${formatDuration(leaf.windowMs)} is shorter than rollups of ${tier}: what it has is that of all of such a rollup`,
    )
  }
}
