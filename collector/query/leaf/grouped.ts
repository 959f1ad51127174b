/**
 * First aggregations in the store: values over a grid are added up there by group, so that only groups come
 * here. Which series is of which group is known here, and told by id.
 */
import type { NativeAnswer } from '../../store/native-answer.ts'
import type { GridSeries } from '../grid/grid.ts'
import { groupLabels } from '../grid/grouping.ts'
import type { Labels } from '../grid/labels.ts'
import type { Leaf, PushedAggregation } from '../leaf.ts'
import { ask } from './ask.ts'
import { Bound } from './conditions.ts'
import { IS_SAMPLE, type Narrow, pointsOf, tellLabels } from './narrow.ts'
import { haveTwins } from './one-series.ts'
import { aggregateOf, type Pushed, PUSHED_SETTINGS } from './pushed.ts'
import { typedSeriesLabels } from './typed-labels.ts'
import { type Context, type Entities, rowsOf } from './typed.ts'

type Aggregation = NonNullable<Leaf['aggregation']>

/** Each is told with its group in the statement. */
const MOST_SERIES = 4_000
/** Group of a row whose series nobody knows. */
const NOWHERE = 2 ** 32 - 1

/** What is asked of all series of a group beside how many there are. */
const COMBINED: Readonly<Record<PushedAggregation, string | undefined>> = {
  sum: 'sumKahanForEach(v)',
  avg: 'sumKahanForEach(v)',
  min: 'minForEach(v)',
  max: 'maxForEach(v)',
  count: undefined,
  group: undefined,
}

/** Of one metric of a table in which an entity is a series. Undefined where only its series tell. */
export async function typedGroups(
  context: Context,
  entities: Entities,
  pushed: Pushed,
  aggregation: Aggregation,
): Promise<GridSeries[] | undefined> {
  const { place, matched, range } = entities
  const { table, metrics } = place
  const [metric] = metrics
  if (metric === undefined || metrics.length > 1 || table.keys.length > 0) return undefined
  if (matched.size > MOST_SERIES || haveTwins(entities)) return undefined
  const groups = new Groups(aggregation)
  for (const [id, { known, endedMs }] of matched) {
    // From then on it counts no more, which the newest sample does not tell.
    if (pushed.ask === 'newest' && endedMs !== undefined && endedMs <= range.toMs) return undefined
    groups.add(id, typedSeriesLabels(context.cache, known, table, metric, []))
  }
  const bound = new Bound(context.tenant)
  const value = `assumeNotNull(${metric.column})`
  const ofEach = `SELECT entity AS id, max(NOT isFinite(${value})) AS odd,
       ${aggregateOf(pushed, bound)('')}(ts, ${value}) AS v
     FROM ${table.name} WHERE ${rowsOf(bound, entities)} GROUP BY entity`
  return groups.ask(context, bound, ofEach, pushed.steps)
}

/** Of series of the narrow table, but for their newest samples, some of which may be ends. */
export async function narrowGroups(
  context: Context,
  narrow: Narrow,
  pushed: Pushed,
  aggregation: Aggregation,
): Promise<GridSeries[] | undefined> {
  if (pushed.ask === 'newest' || narrow.ids.length > MOST_SERIES) return undefined
  await tellLabels(context, narrow)
  const groups = new Groups(aggregation)
  for (const id of narrow.ids) {
    const labels = context.cache.narrow(id)
    if (labels !== undefined) groups.add(id, labels)
  }
  const bound = new Bound(context.tenant)
  const ofEach = `SELECT series AS id, max(NOT isFinite(value)) AS odd,
       ${aggregateOf(pushed, bound)('')}(ts, value) AS v
     FROM point WHERE ${pointsOf(bound, narrow)} AND ${IS_SAMPLE} GROUP BY series`
  return groups.ask(context, bound, ofEach, pushed.steps)
}

class Groups {
  readonly #operator: PushedAggregation
  readonly #labelsOf: (labels: Labels) => Labels
  readonly #labels: Labels[] = []
  readonly #byKey = new Map<string, number>()
  readonly #ids: bigint[] = []
  readonly #groups: bigint[] = []

  constructor({ operator, grouping }: Aggregation) {
    this.#operator = operator
    this.#labelsOf = groupLabels(grouping)
  }

  add(id: bigint, of: Labels): void {
    const labels = this.#labelsOf(of)
    let group = this.#byKey.get(labels.key)
    if (group === undefined) {
      group = this.#labels.push(labels) - 1
      this.#byKey.set(labels.key, group)
    }
    this.#ids.push(id)
    this.#groups.push(BigInt(group))
  }

  /** `ofEach` gives `id`, `odd` and `v` of each series. Undefined where a sample is no finite number. */
  async ask(
    context: Context,
    bound: Bound,
    ofEach: string,
    steps: number,
  ): Promise<GridSeries[] | undefined> {
    if (this.#ids.length === 0) return []
    // As many groups as series are no less to send.
    if (this.#labels.length * 2 > this.#ids.length) return undefined
    const combined = COMBINED[this.#operator]
    const answer = await ask(
      context,
      `SELECT toUInt32(transform(id, ${bound.ids(this.#ids)}, ${bound.ids(this.#groups)}, toUInt64(${NOWHERE}))) AS its_group,
       max(odd) AS any_odd, CAST(countForEach(v), 'Array(Float64)') AS n${combined === undefined ? '' : `, ${combined} AS x`}
     FROM (${ofEach}) GROUP BY its_group`,
      bound,
      PUSHED_SETTINGS,
    )
    if (answer.numbers('any_odd').includes(1)) return undefined
    return this.#series(answer, steps)
  }

  /** Undefined where a sum is beyond all numbers. */
  #series(answer: NativeAnswer, steps: number): GridSeries[] | undefined {
    const counts = numbersOf(answer, 'n')
    const combined = COMBINED[this.#operator] === undefined ? counts : numbersOf(answer, 'x')
    const series: GridSeries[] = []
    for (const [row, group] of answer.numbers('its_group').entries()) {
      const labels = this.#labels[group]
      if (labels === undefined) continue
      const values = combined.slice(row * steps, (row + 1) * steps)
      const present = new Uint8Array(steps)
      let isAny = false
      for (let step = 0; step < steps; step++) {
        const count = counts[row * steps + step]!
        if (count === 0) {
          values[step] = 0
          continue
        }
        present[step] = 1
        isAny = true
        if (this.#operator === 'avg') values[step]! /= count
        else if (this.#operator === 'group') values[step] = 1
        if (!Number.isFinite(values[step])) return undefined
      }
      if (isAny) series.push({ labels, dropsName: false, values, present })
    }
    return series
  }
}

function numbersOf(answer: NativeAnswer, name: string): Float64Array {
  const { items } = answer.column(name, 'arrays')
  const plain = items.kind === 'nullable' ? items.of : items
  return plain.kind === 'numbers' ? plain.values : new Float64Array()
}
