/**
 * A program that GraalVM compiled ahead of time: an executable of its own, without a Java runtime
 * beside it. Source: the section .svm_heap of the executable
 */
import type { PlainKind } from './kind.ts'
import { lineOf } from './printable.ts'
import { nameOf } from './program.ts'

export const nativeImage: PlainKind = {
  describe: ({ exe }) => ({ 'candor.runtime.name': lineOf(nameOf(exe)) }),
}
