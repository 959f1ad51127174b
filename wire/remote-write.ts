/**
 * Reads a request of Prometheus remote write, 1.0 or 2.0 (remote-write-fields.ts has the grammar), and
 * tells a visitor what is in it: a series, a sample of it. Nothing is built for a sample, and labels
 * that were seen lately are not decoded again.
 *
 * A body that is malformed anywhere throws, whatever the visitor saw before: a caller stores nothing
 * until the call has come back. What is valid but cannot be taken is reported with its reason.
 */
import { type LimitName, limits } from '../catalog/limit.ts'
import type { Distribution, DistributionRejection } from './distribution.ts'
import { FIXED64, LENGTH, Reader, tag, VARINT } from './protobuf.ts'
import {
  METADATA,
  METRIC_TYPES,
  type MetricType,
  SAMPLE,
  SERIES_V1,
  SERIES_V2,
  WRITE_V1,
  WRITE_V2,
} from './remote-write-fields.ts'
import { isStale, readHistogram } from './remote-write-histogram.ts'
import {
  labelsBetween,
  type Labelled,
  type LabelRejection,
  PAIRS_MAX,
  Symbols,
  type WriteSeries,
} from './remote-write-labels.ts'

/** What a request consists of, each counted by itself. */
export type WriteItem = 'samples' | 'histograms' | 'exemplars'

/** Why something was not taken: a limit by its name, or what it is or lacks. */
export type WriteRejection =
  | LabelRejection
  | DistributionRejection
  | (LimitName & 'requestPoints')
  | 'timeless'
  | 'exemplars'

export interface WriteVisitor {
  /** The same object comes again for the same labels, while it is cached. */
  series(series: WriteSeries, type: MetricType): void
  /** Unix ms. Where the series has ended the value means nothing; else it may be any, NaN included. */
  sample(timeMs: number, value: number, hasEnded: boolean): void
  /** Without a distribution the series has ended. */
  histogram(timeMs: number, distribution: Distribution | undefined): void
  /** What is said of all metrics of a family; only in 1.0, where it comes by itself. */
  metadata(family: string, type: MetricType): void
  rejected(item: WriteItem, count: number, reason: WriteRejection): void
}

/** Fields of a TimeSeries that both versions have, under other numbers. */
interface SeriesTags {
  readonly labels: number
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
}
const tagsOf = ({ labels, samples, histograms, exemplars }: SeriesTags): SeriesTags => ({
  labels: tag(labels, LENGTH),
  samples: tag(samples, LENGTH),
  histograms: tag(histograms, LENGTH),
  exemplars: tag(exemplars, LENGTH),
})

const V1 = tagsOf(SERIES_V1)
const V2 = tagsOf(SERIES_V2)
const SERIES_TAG_V1 = tag(WRITE_V1.timeSeries, LENGTH)
const METADATA_TAG_V1 = tag(WRITE_V1.metadata, LENGTH)
const FAMILY_TAG_V1 = tag(METADATA.family, LENGTH)
const SERIES_TAG_V2 = tag(WRITE_V2.timeSeries, LENGTH)
const REFERENCE_TAG_V2 = tag(SERIES_V2.labels, VARINT)
const METADATA_TAG_V2 = tag(SERIES_V2.metadata, LENGTH)
/** Of either version. */
const TYPE_TAG = tag(METADATA.type, VARINT)
const VALUE_TAG = tag(SAMPLE.value, FIXED64)
const TIMESTAMP_TAG = tag(SAMPLE.timestamp, VARINT)

/** One pair more than may be. */
const REFERENCES_MAX = 2 * (PAIRS_MAX + 1)

/** Throws MalformedMessage. */
export function decodeWriteV1(body: Uint8Array, visitor: WriteVisitor): void {
  new Decoder(body, visitor).requestV1()
}

/** Throws MalformedMessage. */
export function decodeWriteV2(body: Uint8Array, visitor: WriteVisitor): void {
  new Decoder(body, visitor).requestV2()
}

class Decoder {
  readonly #reader: Reader
  readonly #visitor: WriteVisitor
  #points = 0
  /** Of the TimeSeries that is read: how much it has of what. */
  #samples = 0
  #histograms = 0
  #exemplars = 0
  readonly #references: number[] = []

  constructor(body: Uint8Array, visitor: WriteVisitor) {
    this.#reader = new Reader(body)
    this.#visitor = visitor
  }

  requestV1(): void {
    const reader = this.#reader
    const end = reader.bytes.length
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === SERIES_TAG_V1) this.#seriesV1(reader.open(end))
      else if (field === METADATA_TAG_V1) this.#metadataV1(reader.open(end))
      else reader.skip(field, end)
    }
  }

  requestV2(): void {
    const reader = this.#reader
    const symbols = new Symbols(reader)
    const end = reader.bytes.length
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === SERIES_TAG_V2) this.#seriesV2(reader.open(end), symbols)
      else reader.skip(field, end)
    }
  }

  #metadataV1(end: number): void {
    const reader = this.#reader
    let family = ''
    let type: MetricType = 'unknown'
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === TYPE_TAG) type = METRIC_TYPES[reader.varint(end)] ?? 'unknown'
      else if (field === FAMILY_TAG_V1) family = reader.text(end)
      else reader.skip(field, end)
    }
    if (family !== '' && Buffer.byteLength(family) <= limits.nameBytes.value) {
      this.#visitor.metadata(family, type)
    }
  }

  /** Fields may stand in any order, so the labels are looked for first. */
  #seriesV1(end: number): void {
    const reader = this.#reader
    const start = reader.position
    let labelsStart = start
    let labelsEnd = start
    this.#startCounting()
    while (reader.position < end) {
      const fieldStart = reader.position
      const field = reader.tag(end)
      if (field === V1.labels) {
        if (labelsEnd === start) labelsStart = fieldStart
        labelsEnd = reader.position = reader.open(end)
      } else {
        this.#count(V1, field)
        reader.skip(field, end)
      }
    }
    const labelled = labelsBetween(reader, labelsStart, labelsEnd)
    this.#items(V1, labelled, 'unknown', start, end)
  }

  #seriesV2(end: number, symbols: Symbols): void {
    const reader = this.#reader
    const start = reader.position
    const references = this.#references
    references.length = 0
    let type: MetricType = 'unknown'
    this.#startCounting()
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === V2.labels) {
        const stop = reader.open(end)
        while (reader.position < stop) this.#refer(reader.varint(stop))
      } else if (field === REFERENCE_TAG_V2) {
        this.#refer(reader.varint(end))
      } else if (field === METADATA_TAG_V2) {
        type = this.#typeV2(reader.open(end))
      } else {
        this.#count(V2, field)
        reader.skip(field, end)
      }
    }
    this.#items(V2, symbols.labels(references, start), type, start, end)
  }

  /** One pair more than may be is kept: that says that there are too many. */
  #refer(reference: number): void {
    if (this.#references.length < REFERENCES_MAX) this.#references.push(reference)
  }

  #typeV2(end: number): MetricType {
    const reader = this.#reader
    let type: MetricType = 'unknown'
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === TYPE_TAG) type = METRIC_TYPES[reader.varint(end)] ?? 'unknown'
      else reader.skip(field, end)
    }
    return type
  }

  #startCounting(): void {
    this.#samples = 0
    this.#histograms = 0
    this.#exemplars = 0
  }

  #count(tags: SeriesTags, field: number): void {
    if (field === tags.samples) this.#samples += 1
    else if (field === tags.histograms) this.#histograms += 1
    else if (field === tags.exemplars) this.#exemplars += 1
  }

  #items(tags: SeriesTags, labelled: Labelled, type: MetricType, start: number, end: number): void {
    if (this.#exemplars > 0) this.#visitor.rejected('exemplars', this.#exemplars, 'exemplars')
    const points = this.#samples + this.#histograms
    const refusal = this.#points + points > limits.requestPoints.value ? 'requestPoints' : labelled
    if (typeof refusal === 'string') {
      if (this.#samples > 0) this.#visitor.rejected('samples', this.#samples, refusal)
      if (this.#histograms > 0) this.#visitor.rejected('histograms', this.#histograms, refusal)
    } else if (points > 0) {
      this.#visitor.series(refusal, type)
    }
    this.#points += typeof refusal === 'string' ? 0 : points
    const reader = this.#reader
    reader.position = start
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === tags.samples) this.#sample(reader.open(end), refusal)
      else if (field === tags.histograms) this.#histogram(reader.open(end), refusal)
      else reader.skip(field, end)
    }
  }

  /** Read even where nothing is taken: it may be malformed. */
  #sample(end: number, refusal: WriteSeries | string): void {
    const reader = this.#reader
    let timeMs = 0
    let value = 0
    let hasEnded = false
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field === VALUE_TAG) {
        value = reader.double(end)
        hasEnded = isStale(reader.bytes, reader.position - 8)
      } else if (field === TIMESTAMP_TAG) {
        timeMs = reader.signedVarint(end)
      } else {
        reader.skip(field, end)
      }
    }
    if (typeof refusal === 'string') return
    if (timeMs === 0) this.#visitor.rejected('samples', 1, 'timeless')
    else this.#visitor.sample(timeMs, value, hasEnded)
  }

  #histogram(end: number, refusal: WriteSeries | string): void {
    const { timeMs, distribution, rejection } = readHistogram(this.#reader, end)
    if (typeof refusal === 'string') return
    const reason = timeMs === 0 ? 'timeless' : rejection
    if (reason !== undefined) this.#visitor.rejected('histograms', 1, reason)
    else this.#visitor.histogram(timeMs, distribution)
  }
}
