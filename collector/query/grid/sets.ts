/**
 * and, or, unless: which series of a side are let through at which steps.
 * Source: prometheus/promql, engine.go, VectorAnd, VectorOr, VectorUnless.
 */
import type { Matching, SetOperator } from '../language/tree.ts'
import type { GridSeries } from './grid.ts'
import { matchKey } from './matching.ts'

export function setOperation(
  operator: SetOperator,
  left: readonly GridSeries[],
  right: readonly GridSeries[],
  matching: Matching,
  steps: number,
): readonly GridSeries[] {
  const keyOf = matchKey(matching)
  switch (operator) {
    case 'and':
      return masked(left, presentByKey(right, keyOf, steps), keyOf, true)
    case 'unless':
      return masked(left, presentByKey(right, keyOf, steps), keyOf, false)
    case 'or': {
      if (left.length === 0) return right
      const others = masked(right, presentByKey(left, keyOf, steps), keyOf, false)
      return joined(left, others)
    }
  }
}

type KeyOf = (labels: GridSeries['labels']) => string

function presentByKey(
  series: readonly GridSeries[],
  keyOf: KeyOf,
  steps: number,
): ReadonlyMap<string, Uint8Array> {
  const byKey = new Map<string, Uint8Array>()
  for (const { labels, present } of series) {
    const key = keyOf(labels)
    let any = byKey.get(key)
    if (any === undefined) byKey.set(key, (any = new Uint8Array(steps)))
    for (let step = 0; step < steps; step++) any[step]! |= present[step]!
  }
  return byKey
}

/** Series where the other side has something at the same step, or where it has not. */
function masked(
  series: readonly GridSeries[],
  others: ReadonlyMap<string, Uint8Array>,
  keyOf: KeyOf,
  isWanted: boolean,
): GridSeries[] {
  const wanted = isWanted ? 1 : 0
  const found: GridSeries[] = []
  for (const one of series) {
    const mask = others.get(keyOf(one.labels))
    if (mask === undefined) {
      if (!isWanted) found.push(one)
      continue
    }
    const present = one.present.slice()
    let any = 0
    for (let step = 0; step < present.length; step++) {
      if (mask[step] !== wanted) present[step] = 0
      any |= present[step]!
    }
    if (any === 1) found.push({ ...one, present })
  }
  return found
}

/** Series of the right that have the labels of one of the left take turns with it. */
function joined(left: readonly GridSeries[], right: readonly GridSeries[]): readonly GridSeries[] {
  if (right.length === 0) return left
  const all = [...left]
  const at = new Map(all.map((one, i) => [identity(one), i]))
  for (const one of right) {
    const i = at.get(identity(one))
    if (i === undefined) all.push(one)
    else all[i] = overlaid(all[i]!, one)
  }
  return all
}

const identity = ({ labels, dropsName }: GridSeries) => `${dropsName ? 1 : 0}${labels.key}`

function overlaid(under: GridSeries, over: GridSeries): GridSeries {
  const values = under.values.slice()
  const present = under.present.slice()
  for (let step = 0; step < present.length; step++) {
    if (over.present[step] === 0) continue
    values[step] = over.values[step]!
    present[step] = 1
  }
  return { ...under, values, present }
}
