/**
 * A text inside an executable, such as the version that it would print: searched once an executable,
 * which may read tens of MiB, and then known by its device, inode and times.
 */
import { limits } from '../../catalog/limit.ts'
import { findText, readElf } from './elf.ts'
import { lineOf } from './printable.ts'
import type { Program } from './program.ts'

const found = new Map<string, string | undefined>()

/** The first group of the pattern where one of its constants matches. */
export function searchExecutable({ look }: Program, pattern: RegExp): string | undefined {
  return look((readAt, { dev, ino, mtimeMs, size }) => {
    const key = [dev, ino, mtimeMs, size, pattern].join(' ')
    if (found.has(key)) return found.get(key)
    const constants = readElf(readAt).sections.get('.rodata')
    const most = limits.executableSearchBytes.value
    const text = constants && findText(readAt, constants, pattern, most)
    if (found.size >= limits.executables.value) found.clear()
    const line = text && lineOf(text)
    found.set(key, line)
    return line
  })
}
