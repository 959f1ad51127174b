/**
 * JSON (RFC 8259) read as it stands, without a tree of objects: a caller asks for what it expects, and
 * passes over what it does not know. What is small on the wire stays small in memory, whatever it is.
 */
import { MalformedMessage } from './protobuf.ts'

/** Lists and objects within each other that are passed over; deeper is an attack. */
const DEPTH = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** Longer tokens are no numbers that anybody writes. */
const NUMBER_BYTES = 400

/** Whether text is a number as JSON has it. */
export const isNumeral = (text: string): boolean => text.length <= NUMBER_BYTES && NUMBER.test(text)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class JsonReader {
  position = 0
  readonly bytes: Buffer

  constructor(body: Uint8Array) {
    this.bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  }

  /** Says what was expected, and what stands there. */
  expected(what: string, at = this.position): never {
    const found = this.bytes.toString('latin1', at, at + 20)
    const shown = at < this.bytes.length ? JSON.stringify(found) : 'the end'
    throw new MalformedMessage(`expected ${what}, found ${shown}`, at)
  }

  /** The next byte that is no space; undefined at the end. */
  peek(): number | undefined {
    const { bytes } = this
    for (;;) {
      const byte = bytes[this.position]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
      this.position += 1
    }
  }

  /** Whether the next value is null, which is passed over then. */
  isNull(): boolean {
    if (this.peek() !== 0x6e) return false
    this.#word('null')
    return true
  }

  /** `field` reads the value of each name. */
  object(what: string, field: (name: string) => void): void {
    if (this.peek() !== OPEN_OBJECT) this.expected(what)
    this.position += 1
    if (this.#closes(CLOSE_OBJECT)) return
    do {
      const name = this.text('a name')
      this.#colon()
      field(name)
    } while (this.#another(CLOSE_OBJECT))
  }

  /** `item` reads each. */
  list(what: string, item: () => void): void {
    if (this.peek() !== OPEN_LIST) this.expected(what)
    this.position += 1
    if (this.#closes(CLOSE_LIST)) return
    do item()
    while (this.#another(CLOSE_LIST))
  }

  text(what: string): string {
    if (this.peek() !== QUOTE) this.expected(what)
    const start = this.position
    const hasEscapes = this.#string()
    try {
      const raw = utf8.decode(this.bytes.subarray(start + 1, this.position - 1))
      return hasEscapes ? (JSON.parse(`"${raw}"`) as string) : raw
    } catch {
      return this.expected(`${what} in valid UTF-8 and with valid escapes`, start)
    }
  }

  /** A number as it is written, or as text: both are common for the large ones. */
  numeral(what: string): string {
    if (this.peek() === QUOTE) return this.text(what)
    const token = this.#token()
    return isNumeral(token) ? token : this.expected(what)
  }

  boolean(what: string): boolean {
    const byte = this.peek()
    if (byte === 0x74) this.#word('true')
    else if (byte === 0x66) this.#word('false')
    else this.expected(what)
    return byte === 0x74
  }

  /** Passes over a value of any kind. */
  skip(): void {
    const open: number[] = []
    do {
      const byte = this.peek()
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        this.position += 1
        const close = byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST
        if (!this.#closes(close)) {
          if (open.push(close) > DEPTH) this.expected(`no more than ${DEPTH} levels`)
          if (close === CLOSE_OBJECT) this.#name()
          continue
        }
      } else if (byte === QUOTE) this.#string()
      else if (byte === 0x74) this.#word('true')
      else if (byte === 0x66) this.#word('false')
      else if (byte === 0x6e) this.#word('null')
      else if (!isNumeral(this.#token())) this.expected('a value')
      while (open.length > 0 && !this.#another(open.at(-1)!)) open.pop()
      if (open.at(-1) === CLOSE_OBJECT) this.#name()
    } while (open.length > 0)
  }

  /** Nothing but spaces is left. */
  end(): void {
    if (this.peek() !== undefined) this.expected('the end')
  }

  #name(): void {
    if (this.peek() !== QUOTE) this.expected('a name')
    this.#string()
    this.#colon()
  }

  #colon(): void {
    if (this.peek() !== COLON) this.expected('a colon')
    this.position += 1
  }

  #closes(close: number): boolean {
    if (this.peek() !== close) return false
    this.position += 1
    return true
  }

  #another(close: number): boolean {
    const byte = this.peek()
    if (byte !== COMMA && byte !== close) {
      this.expected(close === CLOSE_LIST ? 'a comma or ]' : 'a comma or }')
    }
    this.position += 1
    return byte === COMMA
  }

  /** Passes over a string; whether it has escapes. */
  #string(): boolean {
    const { bytes } = this
    const start = this.position
    let hasEscapes = false
    for (let at = start + 1; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === QUOTE) {
        this.position = at + 1
        return hasEscapes
      }
      if (byte < 0x20) this.expected('a string without control characters', at)
      if (byte === BACKSLASH) {
        hasEscapes = true
        at += 1
      }
    }
    return this.expected('a string that ends', start)
  }

  #word(word: string): void {
    const { length } = word
    const found = this.bytes.toString('latin1', this.position, this.position + length)
    if (found !== word) this.expected('a value')
    this.position += length
  }

  /** What a number may consist of. */
  #token(): string {
    const { bytes } = this
    const start = this.position
    let at = start
    while (at < bytes.length && at - start <= NUMBER_BYTES && isOfNumber(bytes[at]!)) at += 1
    this.position = at
    const token = bytes.toString('latin1', start, at)
    if (!isNumeral(token)) this.position = start
    return token
  }
}

/** Digits, +, -, ., e and E. */
const isOfNumber = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x2b ||
  byte === 0x2d ||
  byte === 0x2e ||
  byte === 0x65 ||
  byte === 0x45
