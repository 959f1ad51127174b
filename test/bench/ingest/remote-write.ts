/**
 * Prometheus remote write 1.0, as a Prometheus sends it: the samples of a machine, a series each.
 *
 *   WriteRequest = TimeSeries*            TimeSeries = Label*, Sample*
 *   Label        = name, value            Sample     = double value, int64 timestamp in ms
 *
 * Source: prometheus/prompb/types.proto; google/snappy format_description.txt
 */
import { Writer } from '../../../wire/protobuf.ts'
import { CONTAINERS, containerOf, METRICS, metrics } from './machines.ts'

/** Bodies of one machine: only times and values change from one to the next. */
export class RemoteWriter {
  readonly #body: Buffer
  readonly #values: number[] = []
  readonly #times: { readonly at: number; readonly width: number }[] = []

  constructor(machine: number, timeMs: number) {
    const writer = new Writer()
    for (let nth = 0; nth < CONTAINERS; nth++) {
      const { labels } = containerOf(machine, nth)
      for (const { prom, labels: own } of metrics) {
        const series = writer.begin(1)
        const all = Object.entries({ ...labels, ...own, __name__: prom })
        for (const [name, value] of all.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
          const label = writer.begin(1)
          writer.textField(1, name)
          writer.textField(2, value)
          writer.end(label)
        }
        const sample = writer.begin(2)
        writer.doubleField(1, 0)
        writer.varintField(2, timeMs)
        writer.end(sample)
        writer.end(series)
      }
    }
    this.#body = writer.take()
    this.#findSlots(timeMs)
  }

  /** A sample stands last in its series: value, then time. */
  #findSlots(timeMs: number): void {
    const body = this.#body
    const time = new Writer()
    time.varintField(2, timeMs)
    const width = time.length - 1
    const mark = Buffer.concat([Buffer.from([9, 0, 0, 0, 0, 0, 0, 0, 0]), time.take()])
    for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) {
      this.#values.push(at + 1)
      this.#times.push({ at: at + 10, width })
    }
    if (this.#values.length !== CONTAINERS * METRICS) throw new Error('samples are not found')
  }

  encode(values: Float64Array, timeMs: number): Buffer {
    for (const [i, at] of this.#values.entries()) this.#body.writeDoubleLE(values[i]!, at)
    for (const { at, width } of this.#times) {
      let rest = timeMs
      for (let i = 0; i < width; i++) {
        this.#body[at + i] = (rest % 128) | (i === width - 1 ? 0 : 128)
        rest = Math.floor(rest / 128)
      }
    }
    return snappy(this.#body)
  }
}

const TABLE = new Int32Array(1 << 14)

/** Blocks of 64 KiB, each match found by a hash of four bytes, as the reference does. */
function snappy(input: Buffer): Buffer {
  const out = Buffer.allocUnsafe(32 + input.length + Math.ceil(input.length / 6))
  let to = 0
  for (let rest = input.length; ; rest = Math.floor(rest / 128)) {
    out[to++] = (rest % 128) | (rest > 127 ? 128 : 0)
    if (rest <= 127) break
  }
  const literal = (from: number, end: number) => {
    const length = end - from
    if (length === 0) return
    if (length <= 60) out[to++] = (length - 1) << 2
    else {
      out[to++] = 61 << 2
      to = out.writeUInt16LE(length - 1, to)
    }
    to += input.copy(out, to, from, end)
  }
  const copy = (offset: number, length: number) => {
    for (let rest = length; rest > 0;) {
      const piece = Math.min(64, rest)
      out[to++] = ((piece - 1) << 2) | 2
      to = out.writeUInt16LE(offset, to)
      rest -= piece
    }
  }
  for (let start = 0; start < input.length; start += 1 << 16) {
    const end = Math.min(input.length, start + (1 << 16))
    TABLE.fill(-1)
    let from = start
    for (let at = start; at + 4 <= end;) {
      const slot = Math.imul(input.readUInt32LE(at), 0x1e35a7bd) >>> 18
      const before = TABLE[slot]!
      TABLE[slot] = at
      if (before < start || input.readUInt32LE(before) !== input.readUInt32LE(at)) {
        at += 1
        continue
      }
      let length = 4
      while (at + length < end && input[before + length] === input[at + length]) length += 1
      literal(from, at)
      copy(at - before, length)
      at += length
      from = at
    }
    literal(from, end)
  }
  return out.subarray(0, to)
}
