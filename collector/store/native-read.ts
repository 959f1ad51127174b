/**
 * Answers in the format Native, column by column: numbers come as they lay in the engine's memory, bit by
 * bit, so that NaN, Inf and the mark in a NaN's payload arrive as they were stored. native.ts describes the
 * layout; an answer is any number of blocks.
 */
import { NativeAnswer, type NativePart } from './native-answer.ts'
import { NativeReader } from './native-reader.ts'
import { nativeType } from './native-types.ts'

/** Throws RangeError where the bytes end too early, Error where a type is not understood. */
export function readNative(bytes: Uint8Array): NativeAnswer {
  const reader = new NativeReader(bytes)
  const columns = new Map<string, NativePart[]>()
  let rows = 0
  while (!reader.isAtEnd()) {
    const width = reader.varint()
    const length = reader.varint()
    rows += length
    for (let i = 0; i < width; i++) {
      const name = reader.text()
      const type = nativeType(reader.text())
      if (length === 0) continue
      type.prefix?.(reader)
      const part =
        type.width === undefined
          ? type.read(reader, length)
          : { bytes: reader.view(length * type.width), rows: length, type }
      const parts = columns.get(name)
      if (parts === undefined) columns.set(name, [part])
      else parts.push(part)
    }
  }
  return new NativeAnswer(rows, columns)
}
