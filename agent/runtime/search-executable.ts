/**
 * A text inside an executable, such as the version that it would print: searched once an executable,
 * which may read tens of MiB, and then known by its device, inode and times.
 */
import { limits } from '../../catalog/limit.ts'
import { findText, readElf } from './elf.ts'
import { lineOf } from './printable.ts'
import type { Program } from './program.ts'

const found = new Map<string, string | undefined>()

/** The first group of the first pattern that matches one of its constants. */
export function searchExecutable(
  { look }: Program,
  patterns: readonly RegExp[],
): string | undefined {
  return look((readAt, { dev, ino, mtimeMs, size }) => {
    const key = [dev, ino, mtimeMs, size, ...patterns].join(' ')
    if (found.has(key)) return found.get(key)
    const constants = readElf(readAt).sections.get('.rodata')
    let text: string | undefined
    for (const pattern of patterns)
      text ??= constants && findText(readAt, constants, pattern, limits.executableSearchBytes.value)
    if (found.size >= limits.executables.value) found.clear()
    const line = text && lineOf(text)
    found.set(key, line)
    return line
  })
}
