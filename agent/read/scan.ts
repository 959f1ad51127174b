/**
 * Reads kernel text as bytes, from left to right, without making strings.
 *
 * The kernel prints integers of up to 64 bits. Up to 15 digits are exact by plain arithmetic; longer
 * numbers are rounded once, as `Number(text)` rounds, so that a counter above 2^53 can stand still
 * but never falls.
 */
const ZERO = 48
const UPPER_A = 65
const LOWER_A = 97
const NINE = 57
const DOT = 46
const MINUS = 45
const SPACE = 32
const TAB = 9
const NEWLINE = 10

/** Digits that a double holds exactly whatever they are. */
const EXACT_DIGITS = 15
/** Digits of the largest unsigned 64-bit number. */
const LONGEST = 20
/** The same of hexadecimal digits. */
const LONGEST_HEX = 16

export class Scan {
  bytes: Uint8Array
  at: number
  end: number

  constructor(bytes: Uint8Array = new Uint8Array(0), end: number = bytes.length) {
    this.bytes = bytes
    this.at = 0
    this.end = end
  }

  over(bytes: Uint8Array, end: number): this {
    this.bytes = bytes
    this.at = 0
    this.end = end
    return this
  }

  get done(): boolean {
    return this.at >= this.end
  }

  /** The digits that begin here; NaN where there are none or more than 64 bits can give. */
  unsigned(): number {
    const { bytes, end, at: start } = this
    let at = start
    let value = 0
    while (at < end) {
      const byte = bytes[at]!
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + (byte - ZERO)
      at += 1
    }
    this.at = at
    if (at - start <= EXACT_DIGITS) return at === start ? Number.NaN : value
    return at - start > LONGEST ? Number.NaN : Number(this.text(start, at))
  }

  signed(): number {
    if (this.bytes[this.at] !== MINUS || this.done) return this.unsigned()
    this.at += 1
    return -this.unsigned()
  }

  /** The hexadecimal digits that begin here, without `0x`; NaN as of `unsigned`. */
  hex(): number {
    const { bytes, end, at: start } = this
    let at = start
    let value = 0
    while (at < end) {
      const digit = hexDigit(bytes[at]!)
      if (digit < 0) break
      // From 2^53 on this rounds more than once, by less than what is rounded away anyway.
      value = value * 16 + digit
      at += 1
    }
    this.at = at
    return at === start || at - start > LONGEST_HEX ? Number.NaN : value
  }

  /** `12`, `12.34`; NaN where no digit begins here. */
  decimal(): number {
    const start = this.at
    const whole = this.unsigned()
    if (this.done || this.bytes[this.at] !== DOT) return whole
    this.at += 1
    const fraction = this.unsigned()
    return Number.isNaN(whole) || Number.isNaN(fraction)
      ? Number.NaN
      : Number(this.text(start, this.at))
  }

  /** Over blanks and tabs, not over line ends. */
  blanks(): void {
    const { bytes, end } = this
    let at = this.at
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1
    this.at = at
  }

  /** To the next blank or line end. */
  word(): void {
    const { bytes, end } = this
    let at = this.at
    while (at < end && bytes[at] !== SPACE && bytes[at] !== NEWLINE && bytes[at] !== TAB) at += 1
    this.at = at
  }

  /** To the beginning of the next line. */
  nextLine(): void {
    const { bytes, end } = this
    let at = this.at
    while (at < end && bytes[at] !== NEWLINE) at += 1
    this.at = at < end ? at + 1 : end
  }

  /** Whether these bytes stand here; does not move. */
  sees(key: Uint8Array): boolean {
    const { bytes, at } = this
    if (at + key.length > this.end) return false
    for (let i = 0; i < key.length; i += 1) if (bytes[at + i] !== key[i]) return false
    return true
  }

  text(start: number, end: number): string {
    let text = ''
    for (let i = start; i < end; i += 1) text += String.fromCharCode(this.bytes[i]!)
    return text
  }
}

/** Of one digit; -1 where it is none. */
function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO
  if (byte >= LOWER_A && byte < LOWER_A + 6) return byte - LOWER_A + 10
  return byte >= UPPER_A && byte < UPPER_A + 6 ? byte - UPPER_A + 10 : -1
}

export const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** v1 writes "unlimited" as the largest page-rounded 63-bit number. */
const UNLIMITED = 2 ** 62

const one = new Scan()

/** A file that holds one number; `max`, `-1` and what no machine can have are *unlimited*: NaN. */
export function parseLimit(bytes: Uint8Array, end: number): number {
  const value = one.over(bytes, end).signed()
  return value < 0 || value > UNLIMITED ? Number.NaN : value
}

/** A file that holds one number; NaN where it holds none. */
export function parseNumber(bytes: Uint8Array, end: number): number {
  let value = 0
  let at = 0
  while (at < end) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
    at += 1
  }
  return at > 0 && at <= EXACT_DIGITS ? value : one.over(bytes, end).unsigned()
}
