/** Bodies of remote write, as a sender makes them. */
import { Writer } from '../../wire/protobuf.ts'
import {
  HISTOGRAM,
  LABEL,
  METADATA,
  METRIC_TYPES,
  type MetricType,
  SAMPLE,
  SERIES_V1,
  SERIES_V2,
  SPAN,
  WRITE_V1,
  WRITE_V2,
} from '../../wire/remote-write-fields.ts'

export type Labels = Readonly<Record<string, string>>
export type Sample = readonly [timeMs: number, value: number | 'stale']

export interface WrittenSeries {
  readonly labels: Labels
  readonly samples?: readonly Sample[]
  readonly histograms?: readonly Histogram[]
  readonly exemplars?: number
  /** Only in 2.0. */
  readonly type?: MetricType
}
/** Of integers where deltas are given, else of floats. */
export interface Histogram {
  readonly timeMs: number
  readonly count: number
  readonly sum?: number | 'stale'
  readonly schema?: number
  readonly zeroThreshold?: number
  readonly zeroCount?: number
  readonly positive?: Side
  readonly negative?: Side
  readonly bounds?: readonly number[]
  readonly resetHint?: number
}
export interface Side {
  readonly spans: readonly (readonly [offset: number, length: number])[]
  readonly deltas?: readonly number[]
  readonly counts?: readonly number[]
}

const STALE = Buffer.from('020000000000f07f', 'hex')

function message(writer: Writer, field: number, content: () => void): void {
  const start = writer.begin(field)
  content()
  writer.end(start)
}

function doubleOrStale(writer: Writer, field: number, value: number | 'stale'): void {
  writer.doubleField(field, value === 'stale' ? 0 : value)
  if (value !== 'stale') return
  const written = writer.take()
  STALE.copy(written, written.length - 8)
  writer.raw(written)
}

/** Negative ones take ten bytes. */
function intField(writer: Writer, field: number, value: number): void {
  if (value >= 0) return writer.varintField(field, value)
  writer.varint(field << 3)
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  writer.raw(Buffer.from([...bytes, Number(rest)]))
}

const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value)

function writeSide(writer: Writer, { spans, deltas, counts }: Side, isPositive: boolean): void {
  const sign = isPositive ? 'positive' : 'negative'
  for (const [offset, length] of spans) {
    message(writer, HISTOGRAM[`${sign}Spans`], () => {
      writer.varintField(SPAN.offset, zigzag(offset))
      writer.varintField(SPAN.length, length)
    })
  }
  if (deltas !== undefined) {
    message(writer, HISTOGRAM[`${sign}Deltas`], () => {
      for (const delta of deltas) writer.varint(zigzag(delta))
    })
  }
  if (counts !== undefined) writeDoubles(writer, HISTOGRAM[`${sign}Counts`], counts)
}

function writeDoubles(writer: Writer, field: number, values: readonly number[]): void {
  const bytes = Buffer.alloc(8 * values.length)
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, 8 * i)
  message(writer, field, () => writer.raw(bytes))
}

function histogramBytes(histogram: Histogram): Buffer {
  const writer = new Writer()
  const { timeMs, count, sum = 0, schema = 0, zeroThreshold = 0, zeroCount = 0 } = histogram
  const { positive, negative, bounds, resetHint = 0 } = histogram
  const isFloat = positive?.counts !== undefined
  if (isFloat) writer.doubleField(HISTOGRAM.countFloat, count)
  else writer.varintField(HISTOGRAM.countInt, count)
  doubleOrStale(writer, HISTOGRAM.sum, sum)
  writer.varintField(HISTOGRAM.schema, zigzag(schema))
  writer.doubleField(HISTOGRAM.zeroThreshold, zeroThreshold)
  if (isFloat) writer.doubleField(HISTOGRAM.zeroCountFloat, zeroCount)
  else writer.varintField(HISTOGRAM.zeroCountInt, zeroCount)
  if (negative !== undefined) writeSide(writer, negative, false)
  if (positive !== undefined) writeSide(writer, positive, true)
  writer.varintField(HISTOGRAM.resetHint, resetHint)
  intField(writer, HISTOGRAM.timestamp, timeMs)
  if (bounds !== undefined) writeDoubles(writer, HISTOGRAM.customValues, bounds)
  return writer.take()
}

function sampleBytes([timeMs, value]: Sample): Buffer {
  const writer = new Writer()
  doubleOrStale(writer, SAMPLE.value, value)
  intField(writer, SAMPLE.timestamp, timeMs)
  return writer.take()
}

function writeItems(
  writer: Writer,
  { samples = [], histograms = [], exemplars = 0 }: WrittenSeries,
  fields: { readonly samples: number; readonly histograms: number; readonly exemplars: number },
): void {
  for (const sample of samples) {
    message(writer, fields.samples, () => writer.raw(sampleBytes(sample)))
  }
  for (const histogram of histograms) {
    message(writer, fields.histograms, () => writer.raw(histogramBytes(histogram)))
  }
  for (let i = 0; i < exemplars; i++) {
    message(writer, fields.exemplars, () => writer.doubleField(2, 1.5))
  }
}

export function writeV1(
  series: readonly WrittenSeries[],
  metadata: Readonly<Record<string, MetricType>> = {},
): Buffer {
  const writer = new Writer()
  for (const each of series) {
    message(writer, WRITE_V1.timeSeries, () => {
      for (const [name, value] of Object.entries(each.labels)) {
        message(writer, SERIES_V1.labels, () => {
          writer.textField(LABEL.name, name)
          writer.textField(LABEL.value, value)
        })
      }
      writeItems(writer, each, SERIES_V1)
    })
  }
  for (const [family, type] of Object.entries(metadata)) {
    message(writer, WRITE_V1.metadata, () => {
      writer.varintField(METADATA.type, METRIC_TYPES.indexOf(type))
      writer.textField(METADATA.family, family)
      writer.textField(4, 'Help of it.')
    })
  }
  return writer.take()
}

export function writeV2(series: readonly WrittenSeries[]): Buffer {
  const symbols = ['']
  const reference = (text: string) => {
    const known = symbols.indexOf(text)
    return known >= 0 ? known : symbols.push(text) - 1
  }
  const writer = new Writer()
  for (const each of series) {
    message(writer, WRITE_V2.timeSeries, () => {
      message(writer, SERIES_V2.labels, () => {
        for (const text of Object.entries(each.labels).flat()) writer.varint(reference(text))
      })
      writeItems(writer, each, SERIES_V2)
      message(writer, SERIES_V2.metadata, () => {
        writer.varintField(METADATA.type, METRIC_TYPES.indexOf(each.type ?? 'unknown'))
      })
      // The time since which it counts.
      writer.varintField(6, 1_700_000_000_000)
    })
  }
  const all = writer.take()
  for (const symbol of symbols) writer.textField(WRITE_V2.symbols, symbol)
  return Buffer.concat([writer.take(), all])
}
