/**
 * Answers in the format Native, column by column: numbers come as they lay in the engine's memory, bit by
 * bit, so that NaN, Inf and the mark in a NaN's payload arrive as they were stored. native.ts describes the
 * layout; an answer is any number of blocks.
 */
import { joined, NativeAnswer, type NativeColumn } from './native-answer.ts'
import { NativeReader } from './native-reader.ts'
import { nativeType } from './native-types.ts'

/** Throws RangeError where the bytes end too early, Error where a type is not understood. */
export function readNative(bytes: Uint8Array): NativeAnswer {
  const reader = new NativeReader(bytes)
  const blocks = new Map<string, NativeColumn[]>()
  let rows = 0
  while (!reader.isAtEnd()) {
    const columns = reader.varint()
    const length = reader.varint()
    rows += length
    for (let i = 0; i < columns; i++) {
      const name = reader.text()
      const type = nativeType(reader.text())
      if (length === 0) continue
      const parts = blocks.get(name)
      type.prefix?.(reader)
      const part = type.read(reader, length)
      if (parts === undefined) blocks.set(name, [part])
      else parts.push(part)
    }
  }
  return new NativeAnswer(
    rows,
    new Map([...blocks].map(([name, parts]) => [name, joined(parts)] as const)),
  )
}
