/**
 * Operators between values. Series of both sides find each other by their labels, and each step is told apart: what
 * clashes at one may be fine at another.
 * Source: prometheus/promql, engine.go, VectorBinop.
 */
import type { BinaryOperator, Matching } from '../language/tree.ts'
import { QueryError } from '../query-error.ts'
import { elementwise, isArithmetic } from './elementwise.ts'
import type { GridSeries } from './grid.ts'
import type { Labels } from './labels.ts'
import { labelsText, matchKey, matchedLabels } from './matching.ts'

/** Comparisons are between scalars with `bool` alone. */
export function scalarScalar(
  operator: BinaryOperator,
  left: Float64Array,
  right: Float64Array,
): Float64Array {
  return elementwise(operator, { isBool: true, kept: 'left' })({ values: left }, { values: right })
    .values
}

/** A comparison lets the value of the series through, on whichever side it is. */
export function vectorScalar(
  operator: BinaryOperator,
  series: readonly GridSeries[],
  scalar: Float64Array,
  { isScalarLeft, isBool }: { readonly isScalarLeft: boolean; readonly isBool: boolean },
): GridSeries[] {
  const compute = elementwise(operator, { isBool, kept: isScalarLeft ? 'right' : 'left' })
  const dropsName = isBool || isArithmetic(operator)
  const found: GridSeries[] = []
  for (const one of series) {
    const result = isScalarLeft
      ? compute({ values: scalar }, one)
      : compute(one, { values: scalar })
    if (!result.present.includes(1)) continue
    found.push({ labels: one.labels, dropsName: dropsName || one.dropsName, ...result })
  }
  return found
}

/** Throws QueryError of kind execution where a series of one side has two partners at a step. */
export function vectorVector(
  operator: BinaryOperator,
  left: readonly GridSeries[],
  right: readonly GridSeries[],
  matching: Matching,
  { isBool, steps }: { readonly isBool: boolean; readonly steps: number },
): GridSeries[] {
  const isSwapped = matching.cardinality === 'one-to-many'
  const [many, one] = isSwapped ? [right, left] : [left, right]
  if (many.length === 0 || one.length === 0) return []
  const compute = elementwise(operator, { isBool, kept: 'left' })
  const partners = byMatch(one, matching, steps, many)
  const results = new Results(matching, steps)
  const labelsOf = resultLabels(operator, matching)
  for (const [i, series] of many.entries()) {
    const group = partners.keys[i]!
    for (const partner of partners.groups.get(group) ?? []) {
      const result = isSwapped ? compute(partner, series) : compute(series, partner)
      if (!result.present.includes(1)) continue
      const dropsName = isBool || (!isArithmetic(operator) && series.dropsName)
      results.add(group, { labels: labelsOf(series.labels, partner.labels), dropsName, ...result })
    }
  }
  return results.series
}

interface Partners {
  /** Of each of the many. */
  readonly keys: readonly string[]
  readonly groups: ReadonlyMap<string, readonly GridSeries[]>
}

/** The "one" side by what is matched, each group with at most one series at any step at which it counts. */
function byMatch(
  one: readonly GridSeries[],
  matching: Matching,
  steps: number,
  many: readonly GridSeries[],
): Partners {
  const keyOf = matchKey(matching)
  const groups = new Map<string, GridSeries[]>()
  let anyOfMany: Uint8Array | undefined
  for (const series of one) {
    const key = keyOf(series.labels)
    const group = groups.get(key)
    if (group === undefined) {
      groups.set(key, [series])
      continue
    }
    // A step at which the other side has nothing at all is not looked at.
    anyOfMany ??= presentOfAny(many, steps)
    for (const other of group) {
      if (meet(series.present, other.present, anyOfMany)) throw duplicate(series, other, matching)
    }
    group.push(series)
  }
  return { keys: many.map(({ labels }) => keyOf(labels)), groups }
}

function presentOfAny(series: readonly GridSeries[], steps: number): Uint8Array {
  const any = new Uint8Array(steps)
  for (const { present } of series)
    for (let step = 0; step < steps; step++) any[step]! |= present[step]!
  return any
}

function meet(a: Uint8Array, b: Uint8Array, where: Uint8Array): boolean {
  for (let step = 0; step < a.length; step++) {
    if ((a[step]! & b[step]! & where[step]!) === 1) return true
  }
  return false
}

function duplicate(series: GridSeries, other: GridSeries, matching: Matching): QueryError {
  const group = labelsText(matchedLabels(series.labels, matching))
  const side = matching.cardinality === 'one-to-many' ? 'left' : 'right'
  const both = `${labelsText(series.labels)}, ${labelsText(other.labels)}`
  return new QueryError(
    'execution',
    `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${both}];many-to-many matching not allowed: matching labels must be unique on one side`,
  )
}

/** Labels of the many with what the operator and the matching make of them. */
function resultLabels(
  operator: BinaryOperator,
  { isOn, labels, cardinality, include }: Matching,
): (many: Labels, one: Labels) => Labels {
  const names = new Set(labels)
  const isOneToOne = cardinality === 'one-to-one'
  return (many, one) => {
    let result = isArithmetic(operator) ? many.withoutName() : many
    if (isOneToOne) result = isOn ? result.only(names) : result.without(names)
    for (const name of include) result = result.with(name, one.get(name))
    return result
  }
}

/** Results by their labels: those that take turns are one series, those that meet are an error. */
class Results {
  readonly #steps: number
  readonly #isOneToOne: boolean
  /** Which steps a group has had a result at already: with one-to-one there may be one. */
  readonly #taken = new Map<string, Uint8Array>()
  readonly #byLabels = new Map<string, GridSeries>()

  constructor({ cardinality }: Matching, steps: number) {
    this.#steps = steps
    this.#isOneToOne = cardinality === 'one-to-one'
  }

  get series(): GridSeries[] {
    return [...this.#byLabels.values()]
  }

  add(group: string, series: GridSeries): void {
    if (this.#isOneToOne) this.#take(group, series.present)
    const key = `${series.dropsName ? 1 : 0}${series.labels.key}`
    const other = this.#byLabels.get(key)
    if (other === undefined) this.#byLabels.set(key, series)
    else this.#byLabels.set(key, this.#joined(other, series))
  }

  #take(group: string, present: Uint8Array): void {
    const taken = this.#taken.get(group)
    if (taken === undefined) {
      this.#taken.set(group, present.slice())
      return
    }
    for (let step = 0; step < this.#steps; step++) {
      if (present[step] === 0) continue
      if (taken[step] === 1) {
        throw multiple('many-to-one matching must be explicit (group_left/group_right)')
      }
      taken[step] = 1
    }
  }

  #joined(series: GridSeries, other: GridSeries): GridSeries {
    const values = series.values.slice()
    const present = series.present.slice()
    for (let step = 0; step < this.#steps; step++) {
      if (other.present[step] === 0) continue
      if (present[step] === 1) throw multiple('grouping labels must ensure unique matches')
      present[step] = 1
      values[step] = other.values[step]!
    }
    return { ...series, values, present }
  }
}

const multiple = (why: string): QueryError =>
  new QueryError('execution', `multiple matches for labels: ${why}`)
