/**
 * String literals of PromQL: Go's escapes in "…" and '…', nothing is special in `…`.
 * Source: prometheus.io/docs/prometheus/latest/querying/basics, "String literals".
 */
const PLAIN: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
}
const NUMBERED = /^(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text of a literal with its quotes, or undefined when an escape in it is not one. */
export function unquote(literal: string): string | undefined {
  const quote = literal[0]
  if (literal.length < 2 || literal.at(-1) !== quote) return undefined
  const body = literal.slice(1, -1)
  if (quote === '`' || !body.includes('\\')) return body
  const bytes: Buffer[] = []
  let from = 0
  for (let at = body.indexOf('\\'); at >= 0; at = body.indexOf('\\', from)) {
    bytes.push(Buffer.from(body.slice(from, at)))
    const next = body[at + 1] ?? ''
    const plain = next === quote ? next.charCodeAt(0) : PLAIN[next]
    if (plain !== undefined) {
      bytes.push(Buffer.of(plain))
      from = at + 2
      continue
    }
    const match = NUMBERED.exec(body.slice(at + 1, at + 10))
    if (match === null) return undefined
    const [whole, hex, octal, short, long] = match
    const byte = hex === undefined ? octal && Number.parseInt(octal, 8) : Number.parseInt(hex, 16)
    if (typeof byte === 'number') {
      if (byte > 255) return undefined
      bytes.push(Buffer.of(byte))
    } else {
      const point = Number.parseInt(short ?? long ?? '', 16)
      if (point > 0x10_ff_ff || (point >= 0xd800 && point <= 0xdfff)) return undefined
      bytes.push(Buffer.from(String.fromCodePoint(point)))
    }
    from = at + 1 + whole.length
  }
  bytes.push(Buffer.from(body.slice(from)))
  try {
    return utf8.decode(Buffer.concat(bytes))
  } catch {
    return undefined
  }
}

const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}
/** All that a terminal or a font may swallow: controls, formats, and spaces but the plain one. */
const HIDDEN = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

/** In double quotes, with escapes for what cannot be seen. */
export const quote = (text: string): string => `"${text.replace(HIDDEN, escaped)}"`

function escaped(character: string): string {
  const point = character.codePointAt(0)!
  if (character in NAMED) return NAMED[character]!
  if (point < 0x80) return `\\x${hex(point, 2)}`
  return point < 0x1_00_00 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`
}

const hex = (point: number, digits: number) => point.toString(16).padStart(digits, '0')
