/** Bodies of Prometheus remote write 1.0, in which the mark of an end stays what it is. */
import { LABEL, SAMPLE, SERIES_V1, WRITE_V1 } from '../../../../wire/remote-write-fields.ts'
import { Writer } from '../../../../wire/protobuf.ts'
import type { SampleSeries } from '../../../../collector/query/grid/grid.ts'
import { encodeSnappy } from '../../../wire/snappy-encode.ts'

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}
const SERIES_AT_ONCE = 500

/** Throws when one is refused. */
export async function write(url: string, all: readonly SampleSeries[]): Promise<void> {
  for (let from = 0; from < all.length; from += SERIES_AT_ONCE) {
    const body = new Uint8Array(encodeSnappy(bodyOf(all.slice(from, from + SERIES_AT_ONCE))))
    const response = await fetch(url, { method: 'POST', headers: HEADERS, body })
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  }
}

function bodyOf(all: readonly SampleSeries[]): Buffer {
  const writer = new Writer()
  for (const { labels, times, values } of all) {
    const series = writer.begin(WRITE_V1.timeSeries)
    for (const [name, value] of labels.entries) {
      const label = writer.begin(SERIES_V1.labels)
      writer.textField(LABEL.name, name)
      writer.textField(LABEL.value, value)
      writer.end(label)
    }
    const bits = bitsOf(values)
    for (const [i, timeMs] of times.entries()) {
      const sample = writer.begin(SERIES_V1.samples)
      writer.fixed64Field(SAMPLE.value, bits[i]!)
      writer.int64Field(SAMPLE.timestamp, BigInt(timeMs))
      writer.end(sample)
    }
    writer.end(series)
  }
  return writer.take()
}

/** As bits, since a NaN that passes through a number may become another one. */
export const bitsOf = (values: Float64Array): BigUint64Array =>
  new BigUint64Array(values.slice().buffer)
