/**
 * Bytes of a page of memory, which the kernel does not print anywhere as text.
 *
 * Source: /proc/self/auxv, pairs of machine words `type value`, AT_PAGESZ; getauxval(3)
 */
import { endianness } from 'node:os'
import type { KernelFiles } from './files.ts'

const AT_PAGESZ = 6
const WORD_BYTES = ['arm', 'ia32', 'mipsel', 'ppc'].includes(process.arch) ? 4 : 8

/** Undefined where the vector is not there or holds no page size that could be one. */
export function readPageSize(files: KernelFiles): number | undefined {
  const end = files.readOnce(`${files.paths.procfs}/self/auxv`)
  return end < 0 ? undefined : parsePageSize(files.bytes, end)
}

export function parsePageSize(bytes: Uint8Array, end: number): number | undefined {
  const little = endianness() === 'LE'
  const view = new DataView(bytes.buffer, bytes.byteOffset, end)
  const word = (at: number) =>
    WORD_BYTES === 8 ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little)
  for (let at = 0; at + 2 * WORD_BYTES <= end; at += 2 * WORD_BYTES) {
    if (word(at) !== AT_PAGESZ) continue
    const size = word(at + WORD_BYTES)
    return size >= 4096 && size <= 1 << 20 && Number.isInteger(Math.log2(size)) ? size : undefined
  }
  return undefined
}
