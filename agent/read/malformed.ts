/** Thrown by parsers; the pass catches it, warns, and goes on with the other readers. */
export class MalformedFile extends Error {
  override readonly name = 'MalformedFile'
  readonly code = 'ERR_MALFORMED_FILE'

  constructor(family: string, found: string, expected: string) {
    super(`${family}: expected ${expected}, found ${JSON.stringify(found.slice(0, 80))}`)
  }
}

/** The error for the bytes that begin at `at`; shows the rest of their line. */
export function malformed(
  family: string,
  bytes: Uint8Array,
  at: number,
  end: number,
  expected: string,
): MalformedFile {
  const found = Buffer.from(bytes.subarray(Math.min(at, end), Math.min(at + 80, end)))
  return new MalformedFile(family, found.toString('latin1').split('\n', 1)[0]!, expected)
}
