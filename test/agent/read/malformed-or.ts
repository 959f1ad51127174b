/** Property of every parser: any bytes are a record or `MalformedFile`, nothing else. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { MalformedFile } from '../../../agent/read/malformed.ts'

/** Bytes that look like a kernel file often enough to get past the first line. */
const kernelText = (words: readonly string[]) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...words, ' ', '\n', ':', '-', '.', '\t'),
        fc.bigInt({ min: 0n, max: 2n ** 65n }).map(String),
        fc.string({ unit: 'binary', maxLength: 4 }),
      ),
      { maxLength: 60 },
    )
    .map((parts) => Buffer.from(parts.join('')))

const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))

/** `parse` returns the figures of the record; none may be negative. */
export function recordOrMalformed(
  words: readonly string[],
  parse: (bytes: Buffer) => Iterable<number>,
): void {
  fc.assert(
    fc.property(fc.oneof(anyBytes, kernelText(words)), (bytes) => {
      let figures: Iterable<number>
      try {
        figures = parse(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedFile)
        return
      }
      expect([...figures].filter((figure) => figure < 0)).toEqual([])
    }),
  )
}
