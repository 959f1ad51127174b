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
