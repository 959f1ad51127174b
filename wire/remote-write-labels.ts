/**
 * Labels of remote write as series, checked and in order. Those that were seen lately are found by
 * their bytes in the form of 1.0; labels of 2.0, which refer to a table of their request, are put
 * together in that form first.
 */
import { type LimitName, limits } from '../catalog/limit.ts'
import { ByteCache } from './byte-cache.ts'
import { LENGTH, type Reader, tag } from './protobuf.ts'
import { LABEL, SERIES_V1, WRITE_V2 } from './remote-write-fields.ts'

export interface WriteSeries {
  readonly name: string
  /** Without the name and without empty ones, by name. */
  readonly labels: readonly Pair[]
}
export type Pair = readonly [name: string, value: string]

/** Why labels are none of a series: a limit by its name, or what they are or lack. */
export type LabelRejection =
  | (LimitName & ('pointAttributes' | 'attributeBytes' | 'nameBytes' | 'requestRowBytes'))
  | 'nameless'
  | 'labelName'
  | 'labelTwice'

export type Labelled = WriteSeries | LabelRejection

const NAME = '__name__'

const LABEL_TAG = tag(SERIES_V1.labels, LENGTH)
const NAME_TAG = tag(LABEL.name, LENGTH)
const VALUE_TAG = tag(LABEL.value, LENGTH)
const SYMBOL_TAG = tag(WRITE_V2.symbols, LENGTH)

/** The name of the metric is a label too. */
export const PAIRS_MAX = limits.pointAttributes.value + 1

/** Longer labels are decoded each time. */
const CACHED_BYTES = 1_024
const cache = new ByteCache<Labelled>(
  limits.internedWrites.value,
  CACHED_BYTES,
  limits.internedWriteBytes.value,
)

/** Label fields between two positions; other fields in between are passed over. */
export function labelsBetween(reader: Reader, start: number, end: number): Labelled {
  const known = cache.find(reader.bytes, start, end)
  if (known !== undefined) return known
  const pairs: Pair[] = []
  const resume = reader.position
  reader.position = start
  while (reader.position < end) {
    const field = reader.tag(end)
    // One more than may be is read: that says that there are too many.
    if (field === LABEL_TAG && pairs.length <= PAIRS_MAX) {
      pairs.push(readLabel(reader, reader.open(end)))
    } else reader.skip(field, end)
  }
  reader.position = resume
  const labelled = pairs.length > PAIRS_MAX ? 'pointAttributes' : seriesOf(pairs)
  cache.keep(reader.bytes, start, end, labelled)
  return labelled
}

function readLabel(reader: Reader, end: number): Pair {
  let name = ''
  let value = ''
  while (reader.position < end) {
    const field = reader.tag(end)
    if (field === NAME_TAG) name = reader.text(end)
    else if (field === VALUE_TAG) value = reader.text(end)
    else reader.skip(field, end)
  }
  return [name, value]
}

function seriesOf(pairs: readonly Pair[]): Labelled {
  let metric = ''
  const labels: Pair[] = []
  const names = new Set<string>()
  for (const pair of pairs) {
    const [name, value] = pair
    if (name === '') return 'labelName'
    if (names.has(name)) return 'labelTwice'
    names.add(name)
    if (Buffer.byteLength(name) > limits.nameBytes.value) return 'nameBytes'
    if (name === NAME) metric = value
    // To Prometheus an empty label is none.
    else if (value !== '') labels.push(pair)
    if (Buffer.byteLength(value) > limits.attributeBytes.value) return 'attributeBytes'
  }
  if (metric === '') return 'nameless'
  if (Buffer.byteLength(metric) > limits.nameBytes.value) return 'nameBytes'
  return { name: metric, labels: labels.toSorted(([a], [b]) => (a < b ? -1 : 1)) }
}

/** The table of strings that labels of a request of 2.0 refer to. */
export class Symbols {
  readonly #reader: Reader
  /** Start and end of each. */
  readonly #places: Uint32Array
  #key = Buffer.allocUnsafe(CACHED_BYTES)
  /** A few bytes can refer to many, and again and again. */
  #labelBytes = 0

  /** Finds the table in a whole body, wherever its parts stand. */
  constructor(reader: Reader) {
    this.#reader = reader
    this.#places = new Uint32Array(2 * countSymbols(reader))
    const end = reader.bytes.length
    let at = 0
    reader.position = 0
    while (reader.position < end) {
      const field = reader.tag(end)
      if (field !== SYMBOL_TAG) {
        reader.skip(field, end)
        continue
      }
      const stop = reader.open(end)
      this.#places[at++] = reader.position
      this.#places[at++] = reader.position = stop
    }
    reader.position = 0
  }

  /** Labels by references to their names and values in turn, which stand at `offset`. */
  labels(references: readonly number[], offset: number): Labelled {
    if (references.length > 2 * PAIRS_MAX) return 'pointAttributes'
    if (references.length % 2 !== 0) {
      this.#reader.fail('labels refer to a name without a value', offset)
    }
    let bytes = 0
    for (const [i, reference] of references.entries()) {
      const size = this.#size(reference, offset)
      if (i % 2 === 0 && size > limits.nameBytes.value) return 'nameBytes'
      if (size > limits.attributeBytes.value) return 'attributeBytes'
      bytes += size
    }
    this.#labelBytes += bytes
    if (this.#labelBytes > limits.requestRowBytes.value) return 'requestRowBytes'
    const end = this.#writeKey(references, bytes)
    if (end === undefined) return seriesOf(this.#pairs(references))
    const known = cache.find(this.#key, 0, end)
    if (known !== undefined) return known
    const labelled = seriesOf(this.#pairs(references))
    cache.keep(this.#key, 0, end, labelled)
    return labelled
  }

  #size(reference: number, offset: number): number {
    const places = this.#places
    if (2 * reference >= places.length) {
      this.#reader.fail(`a label refers to symbol ${reference} of ${places.length / 2}`, offset)
    }
    return places[2 * reference + 1]! - places[2 * reference]!
  }

  #pairs(references: readonly number[]): Pair[] {
    const text = (reference: number) =>
      this.#reader.textBetween(this.#places[2 * reference]!, this.#places[2 * reference + 1]!)
    return Array.from({ length: references.length / 2 }, (_, i) => [
      text(references[2 * i]!),
      text(references[2 * i + 1]!),
    ])
  }

  /** The labels as 1.0 has them; their end in `#key`, or undefined where they are too long to be kept. */
  #writeKey(references: readonly number[], bytes: number): number | undefined {
    const around = references.length * HEAD_BYTES
    if (bytes + around > CACHED_BYTES) return undefined
    const places = this.#places
    const key = this.#key
    let at = 0
    for (let i = 0; i < references.length; i += 2) {
      const name = 2 * references[i]!
      const value = 2 * references[i + 1]!
      const nameSize = places[name + 1]! - places[name]!
      const valueSize = places[value + 1]! - places[value]!
      key[at++] = LABEL_TAG
      at = writeLength(key, at, 2 + width(nameSize) + nameSize + width(valueSize) + valueSize)
      key[at++] = NAME_TAG
      at = writeLength(key, at, nameSize)
      at += this.#reader.bytes.copy(key, at, places[name], places[name + 1])
      key[at++] = VALUE_TAG
      at = writeLength(key, at, valueSize)
      at += this.#reader.bytes.copy(key, at, places[value], places[value + 1])
    }
    return at
  }
}

/** Tags and lengths around a name or a value, at the most. */
const HEAD_BYTES = 6

/** Bytes of the length of something that is kept. */
const width = (size: number) => (size < 128 ? 1 : 2)

function writeLength(key: Buffer, at: number, length: number): number {
  if (length < 128) {
    key[at] = length
    return at + 1
  }
  key[at] = (length & 127) | 128
  key[at + 1] = length >> 7
  return at + 2
}

function countSymbols(reader: Reader): number {
  const end = reader.bytes.length
  let count = 0
  reader.position = 0
  while (reader.position < end) {
    const start = reader.position
    const field = reader.tag(end)
    reader.skip(field, end)
    if (field !== SYMBOL_TAG) continue
    count += 1
    if (count > limits.symbols.value) reader.fail(`more than ${count - 1} symbols`, start)
  }
  return count
}
