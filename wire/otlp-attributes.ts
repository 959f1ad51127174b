/**
 * Attribute sets of OTLP as maps of text. Values of other types take the form that OpenTelemetry
 * gives them in formats that only know text: `true`, `42`, `0.5`, JSON for lists, base64 for bytes.
 *
 * The same bytes of the same field give the same map while they are cached, so a receiver may key its
 * own caches by it.
 */
import { limits } from '../catalog/limit.ts'
import { ByteCache } from './byte-cache.ts'
import { ANY_VALUE, KEY_VALUE, LIST } from './otlp-fields.ts'
import { FIXED64, LENGTH, type Reader, tag, VARINT } from './protobuf.ts'

const KEY = tag(KEY_VALUE.key, LENGTH)
const VALUE = tag(KEY_VALUE.value, LENGTH)
const STRING = tag(ANY_VALUE.string, LENGTH)
const BOOL = tag(ANY_VALUE.bool, VARINT)
const INT = tag(ANY_VALUE.int, VARINT)
const DOUBLE = tag(ANY_VALUE.double, FIXED64)
const ARRAY = tag(ANY_VALUE.array, LENGTH)
const KVLIST = tag(ANY_VALUE.kvlist, LENGTH)
const BYTES = tag(ANY_VALUE.bytes, LENGTH)
const ITEM = tag(LIST.values, LENGTH)

/** Lists within lists; what nests deeper is an attack on the stack. */
const DEPTH = 16

/** One more than any set may have is read: that says that there are too many. */
const FIELDS_MAX = Math.max(limits.resourceAttributes.value, limits.pointAttributes.value) + 1
/** A text that is longer is refused whatever it says, so that no more of it has to be made. */
const TEXT_MAX = limits.attributeBytes.value

export interface AttributeSet {
  readonly attributes: ReadonlyMap<string, string>
  /** Fields that the sender wrote, repeated keys included; of too many not all are counted. */
  readonly count: number
  readonly longestKeyBytes: number
  readonly longestValueBytes: number
}

/** One a field: what the same bytes mean depends on the field that is looked for in them. */
const caches = new Map<number, ByteCache<AttributeSet>>()

function cacheOf(field: number): ByteCache<AttributeSet> {
  let cache = caches.get(field)
  if (cache === undefined) {
    cache = new ByteCache(limits.internedSets.value, limits.internedBytes.value)
    caches.set(field, cache)
  }
  return cache
}

const NONE: AttributeSet = {
  attributes: new Map(),
  count: 0,
  longestKeyBytes: 0,
  longestValueBytes: 0,
}

/** The fields `field` between two positions, other fields in between passed over. */
export function readAttributes(
  reader: Reader,
  start: number,
  end: number,
  field: number,
): AttributeSet {
  if (start === end) return NONE
  const cache = cacheOf(field)
  const known = cache.find(reader.bytes, start, end)
  if (known !== undefined) return known
  const resume = reader.position
  const set = parseAttributes(reader, start, end, field)
  reader.position = resume
  cache.keep(reader.bytes, start, end, set)
  return set
}

/** As `readAttributes`, with nothing kept: for bytes that somebody else remembers. */
export function parseAttributes(
  reader: Reader,
  start: number,
  end: number,
  field: number,
): AttributeSet {
  const attributes = new Map<string, string>()
  let count = 0
  let longestKeyBytes = 0
  let longestValueBytes = 0
  reader.position = start
  while (reader.position < end) {
    const fieldTag = reader.tag(end)
    if (fieldTag !== field || count === FIELDS_MAX) {
      reader.skip(fieldTag, end)
      continue
    }
    const { key, value } = readKeyValue(reader, reader.open(end), 0)
    attributes.set(key, value.text)
    count += 1
    longestKeyBytes = Math.max(longestKeyBytes, Buffer.byteLength(key))
    longestValueBytes = Math.max(longestValueBytes, Buffer.byteLength(value.text))
  }
  return { attributes, count, longestKeyBytes, longestValueBytes }
}

/** A value as text, and as it stands in JSON when it is an item of a list. */
interface Value {
  readonly text: string
  readonly isJson: boolean
}

const plain = (text: string): Value => ({ text, isJson: false })
const json = (text: string): Value => ({ text, isJson: true })
const asJson = ({ text, isJson }: Value) =>
  isJson || text.length > TEXT_MAX ? text : JSON.stringify(text)

interface KeyValue {
  readonly key: string
  readonly value: Value
}

function readKeyValue(reader: Reader, end: number, depth: number): KeyValue {
  let key = ''
  let value = plain('')
  while (reader.position < end) {
    const fieldTag = reader.tag(end)
    if (fieldTag === KEY) key = reader.text(end)
    else if (fieldTag === VALUE) value = readAnyValue(reader, reader.open(end), depth)
    else reader.skip(fieldTag, end)
  }
  return { key, value }
}

function readAnyValue(reader: Reader, end: number, depth: number): Value {
  if (depth > DEPTH) reader.fail(`attribute values nest deeper than ${DEPTH}`)
  let value = plain('')
  while (reader.position < end) {
    const fieldTag = reader.tag(end)
    switch (fieldTag) {
      case STRING:
        value = plain(reader.text(end))
        break
      case BOOL:
        value = json(reader.varint(end) === 0 ? 'false' : 'true')
        break
      case INT:
        value = json(String(reader.int64(end)))
        break
      case DOUBLE:
        value = double(reader.double(end))
        break
      case ARRAY:
        value = json(`[${readItems(reader, reader.open(end), depth, false).join(',')}]`)
        break
      case KVLIST:
        value = json(`{${readItems(reader, reader.open(end), depth, true).join(',')}}`)
        break
      case BYTES: {
        const stop = reader.open(end)
        value = plain(reader.bytes.toString('base64', reader.position, stop))
        reader.position = stop
        break
      }
      default:
        reader.skip(fieldTag, end)
    }
  }
  return value
}

/** JSON has no NaN and no infinities: there they are text. */
const double = (value: number): Value =>
  Number.isFinite(value) ? json(String(value)) : plain(String(value))

/** Items as JSON, up to one that makes the list too long. */
function readItems(reader: Reader, end: number, depth: number, withKeys: boolean): string[] {
  const items: string[] = []
  let length = 0
  while (reader.position < end) {
    const fieldTag = reader.tag(end)
    if (fieldTag !== ITEM || length > TEXT_MAX) {
      reader.skip(fieldTag, end)
      continue
    }
    const stop = reader.open(end)
    const item = withKeys
      ? pairAsJson(readKeyValue(reader, stop, depth + 1))
      : asJson(readAnyValue(reader, stop, depth + 1))
    items.push(item)
    length += item.length
  }
  return items
}

const pairAsJson = ({ key, value }: KeyValue) => `${asJson(plain(key))}:${asJson(value)}`
