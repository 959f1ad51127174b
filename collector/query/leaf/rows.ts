/**
 * Samples as plain rows of id, time and value. A table is sorted by id and time, so rows of a series stand side
 * by side, a run for each part and thread that they were read from: to find the runs here is less work than to
 * gather an array for each series in the store.
 */
import type { NativeAnswer, RawPart } from '../../store/native-answer.ts'
import { inOrder, type Samples } from './columns-of.ts'
import type { Bound, Range } from './conditions.ts'

/** Within a range that is not longer, times are told in ms since its start, which are half the bytes. */
const isShort = ({ fromMs, toMs }: Range): boolean => toMs - fromMs < 2 ** 32

/** What is selected: `id` as it is, `at` and `v`, a float64. */
export function rowColumns(bound: Bound, range: Range, id: string, value: string): string {
  const at = isShort(range)
    ? `toUInt32(toUnixTimestamp64Milli(ts) - ${bound.number(range.fromMs)})`
    : 'toFloat64(toUnixTimestamp64Milli(ts))'
  return `${id}, ${at} AS at, ${value} AS v`
}

/** Samples of each id, in order of time, each time once; values are bit by bit those of the store. */
export function samplesById(
  answer: NativeAnswer,
  id: string,
  range: Range,
): ReadonlyMap<bigint, Samples> {
  const times = answer.raw('at', isShort(range) ? 4 : 8).map(viewOf)
  const values = answer.raw('v', 8).map(({ bytes }) => bytes)
  const timeAt = isShort(range)
    ? ({ block, from }: Run, i: number) =>
        range.fromMs + times[block]!.getUint32((from + i) * 4, true)
    : ({ block, from }: Run, i: number) => times[block]!.getFloat64((from + i) * 8, true)
  const all = new Float64Array(answer.rows * 2)
  const found = new Map<bigint, Samples>()
  let at = 0
  for (const [one, runs] of runsOf(answer.raw(id, 8))) {
    const length = runs.reduce((sum, { from, to }) => sum + to - from, 0)
    const itsTimes = all.subarray(at, at + length)
    const itsValues = all.subarray(at + length, at + 2 * length)
    const bytes = new Uint8Array(all.buffer, itsValues.byteOffset, length * 8)
    at += 2 * length
    let next = 0
    if (runs.length > 1) runs.sort((a, b) => timeAt(a, 0) - timeAt(b, 0))
    for (const run of runs) {
      const { block, from, to } = run
      bytes.set(values[block]!.subarray(from * 8, to * 8), next * 8)
      for (let i = 0; i < to - from; i++) itsTimes[next++] = timeAt(run, i)
    }
    found.set(one, inOrder(itsTimes, itsValues))
  }
  return found
}

/** Rows [from, to) of a block, all of one id. */
interface Run {
  readonly block: number
  readonly from: number
  readonly to: number
}

const viewOf = ({ bytes }: RawPart) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

function runsOf(blocks: readonly RawPart[]): ReadonlyMap<bigint, Run[]> {
  const runs = new Map<bigint, Run[]>()
  for (const [block, part] of blocks.entries()) {
    const ids = viewOf(part)
    for (let from = 0, to = 0; from < part.rows; from = to) {
      const low = ids.getUint32(from * 8, true)
      const high = ids.getUint32(from * 8 + 4, true)
      for (to = from + 1; to < part.rows; to++) {
        if (ids.getUint32(to * 8, true) !== low || ids.getUint32(to * 8 + 4, true) !== high) break
      }
      const id = ids.getBigUint64(from * 8, true)
      const known = runs.get(id)
      if (known === undefined) runs.set(id, [{ block, from, to }])
      else known.push({ block, from, to })
    }
  }
  return runs
}
