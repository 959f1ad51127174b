/** sort and its relatives: the order of an instant's series. A range is ordered by labels in the end. */
import { compareLabels } from './labels.ts'
import { seriesOf, textOf, vectorOf } from './arguments.ts'
import { stepsOf, type GridSeries } from './grid.ts'
import type { InstantFunction } from './value.ts'

/** NaN is last in either direction. */
const byValue =
  (sign: 1 | -1): InstantFunction =>
  ([vector], { grid, notes }) => {
    const series = seriesOf(vector)
    if (stepsOf(grid) !== 1) {
      notes.warn('sort is ineffective for range queries since results are always ordered by labels')
      return vectorOf(series)
    }
    const present = series.filter((one) => one.present[0] === 1)
    return vectorOf(
      present.sort(({ values: [a = 0] }, { values: [b = 0] }) => {
        if (Number.isNaN(a) || Number.isNaN(b))
          return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
        return a === b ? 0 : (a < b ? -1 : 1) * sign
      }),
    )
  }

const byLabels =
  (sign: 1 | -1): InstantFunction =>
  ([vector, ...texts], { grid, notes }) => {
    const series = seriesOf(vector)
    if (stepsOf(grid) !== 1) {
      notes.warn('sort is ineffective for range queries since results are always ordered by labels')
      return vectorOf(series)
    }
    const names = texts.map(textOf)
    return vectorOf([...series].sort((a, b) => sign * compareBy(names, a, b)))
  }

function compareBy(names: readonly string[], a: GridSeries, b: GridSeries): number {
  for (const name of names) {
    const [left, right] = [a.labels.get(name), b.labels.get(name)]
    if (left !== right) return compareNaturally(left, right)
  }
  return compareLabels(a.labels, b.labels)
}

const CHUNKS = /\d+|\D+/g

/** Numbers in texts by their size: disk9 is before disk10. */
export function compareNaturally(a: string, b: string): number {
  const left = a.match(CHUNKS) ?? []
  const right = b.match(CHUNKS) ?? []
  for (const [i, chunk] of left.entries()) {
    const other = right[i]
    if (other === undefined) return 1
    const difference = isNumber(chunk) && isNumber(other) ? compareDigits(chunk, other) : 0
    if (difference !== 0) return difference
    if (chunk !== other && !(isNumber(chunk) && isNumber(other))) return chunk < other ? -1 : 1
  }
  if (left.length !== right.length) return -1
  // Numbers that differ in leading zeros alone.
  return a < b ? -1 : a > b ? 1 : 0
}

const isNumber = (chunk: string) => chunk[0]! >= '0' && chunk[0]! <= '9'

/** Of any length. */
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  if (left.length !== right.length) return left.length - right.length
  return left < right ? -1 : left > right ? 1 : 0
}

export const orderFunctions: Readonly<Record<string, InstantFunction>> = {
  sort: byValue(1),
  sort_by_label: byLabels(1),
  sort_by_label_desc: byLabels(-1),
  sort_desc: byValue(-1),
}
