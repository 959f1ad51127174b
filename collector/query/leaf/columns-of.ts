/** Series out of answers in which a row is a series: its samples, or its values over a grid. */
import type { NativeAnswer } from '../../store/native-answer.ts'
import { type GridSeries, type SampleSeries, STALE_BITS } from '../grid/grid.ts'
import type { Labels } from '../grid/labels.ts'

/** Items of an array column, the same as how many arrays. */
export interface Arrays {
  readonly ends: Float64Array
  readonly items: Float64Array
}

export function arraysOf(answer: NativeAnswer, name: string): Arrays {
  const { ends, items } = answer.column(name, 'arrays')
  // An empty array has items of no type.
  return { ends, items: items.kind === 'numbers' ? items.values : new Float64Array() }
}

export const rowOf = ({ ends, items }: Arrays, row: number): Float64Array =>
  items.subarray(row === 0 ? 0 : ends[row - 1], ends[row])

/** A NaN that was measured, in the store; any other marks an end. */
export const MEASURED_NAN_BITS = 0x7ff8_0000_0000_0001n

const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
const HIGH = LITTLE ? 1 : 0
const half = (bits: bigint, isHigh: boolean) => Number(isHigh ? bits >> 32n : bits & 0xffff_ffffn)
const [MEASURED_HIGH, MEASURED_LOW] = [
  half(MEASURED_NAN_BITS, true),
  half(MEASURED_NAN_BITS, false),
]
const [STALE_HIGH, STALE_LOW] = [half(STALE_BITS, true), half(STALE_BITS, false)]

const wordsOf = ({ buffer, byteOffset, length }: Float64Array) =>
  new Uint32Array(buffer, byteOffset, length * 2)

/** Whether a value that is NaN stands for an end, by its bits. */
export function isEndAt(values: Float64Array): (index: number) => boolean {
  const words = wordsOf(values)
  return (index) =>
    words[2 * index + HIGH] !== MEASURED_HIGH || words[2 * index + 1 - HIGH] !== MEASURED_LOW
}

/** In place: what the store keeps as an end becomes the mark of one. */
export function markEnds(values: Float64Array): void {
  let isEnd: ((index: number) => boolean) | undefined
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i]!)) continue
    isEnd ??= isEndAt(values)
    if (isEnd(i)) putMark(values, i)
  }
}

function putMark(values: Float64Array, index: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2)
  words[HIGH] = STALE_HIGH
  words[1 - HIGH] = STALE_LOW
}

export interface Samples {
  readonly times: Float64Array
  readonly values: Float64Array
}

/** In order of time, each time once: rows come part by part, and may be there twice until they are merged. */
export function inOrder(times: Float64Array, values: Float64Array): Samples {
  let isInOrder = true
  for (let i = 1; i < times.length; i++) {
    if (times[i]! <= times[i - 1]!) {
      isInOrder = false
      break
    }
  }
  if (isInOrder) return { times, values }
  const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b)
  const sorted = { times: new Float64Array(times.length), values: new Float64Array(times.length) }
  const from = wordsOf(values)
  const to = wordsOf(sorted.values)
  let length = 0
  for (const index of order) {
    if (length > 0 && sorted.times[length - 1] === times[index]) continue
    sorted.times[length] = times[index]!
    to[2 * length] = from[2 * index]!
    to[2 * length + 1] = from[2 * index + 1]!
    length += 1
  }
  return { times: sorted.times.subarray(0, length), values: sorted.values.subarray(0, length) }
}

/** Without the rows of a table in which a column is absent, which is NaN here. */
export function withoutAbsent(times: Float64Array, values: Float64Array): Samples {
  let kept = 0
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) kept += 1
  if (kept === values.length) return { times, values }
  const found = { times: new Float64Array(kept), values: new Float64Array(kept) }
  kept = 0
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue
    found.times[kept] = times[i]!
    found.values[kept++] = values[i]!
  }
  return found
}

/** With a mark where the series ended, if it has no sample at that very time. */
export function withEnd(samples: Samples, endedMs: number): Samples {
  const { times, values } = samples
  let at = times.length
  while (at > 0 && times[at - 1]! > endedMs) at -= 1
  // What has no sample before its end has nothing to end.
  if (at === 0 || times[at - 1] === endedMs) return samples
  const ended = {
    times: new Float64Array(times.length + 1),
    values: new Float64Array(times.length + 1),
  }
  ended.times.set(times.subarray(0, at))
  ended.times[at] = endedMs
  ended.times.set(times.subarray(at), at + 1)
  ended.values.set(values.subarray(0, at))
  putMark(ended.values, at)
  ended.values.set(values.subarray(at), at + 1)
  return ended
}

export const sampleSeries = (labels: Labels, { times, values }: Samples): SampleSeries => ({
  labels,
  times,
  values,
})

/** Values of each row over a grid, and where there is one: 1. */
export interface Grids {
  readonly steps: number
  readonly values: Float64Array
  readonly present: Uint8Array
}

export function gridsOf(answer: NativeAnswer, name: string, steps: number): Grids {
  const { items } = answer.column(name, 'arrays')
  if (items.kind !== 'nullable') {
    return { steps, values: new Float64Array(), present: new Uint8Array() }
  }
  const values = items.of.kind === 'numbers' ? items.of.values : new Float64Array()
  const present = items.nulls
  for (let i = 0; i < present.length; i++) present[i] = present[i]! ^ 1
  return { steps, values, present }
}

/** Undefined where the row has no value at any step. */
export function gridRow(
  { steps, values, present }: Grids,
  row: number,
): Pick<GridSeries, 'values' | 'present'> | undefined {
  const from = row * steps
  const ofRow = present.subarray(from, from + steps)
  if (!ofRow.includes(1)) return undefined
  return { values: values.subarray(from, from + steps), present: ofRow }
}

/** From its end on a series has no value; in place. */
export function clearFrom(present: Uint8Array, step: number): void {
  present.fill(0, Math.max(0, step))
}
