/** What this user may see of a directory: who owns it may have closed it, or the one above it. */
import type { Stats } from 'node:fs'
import { isRefusal, type KernelFiles } from '../read/files.ts'

export const HIDDEN = 'hidden'
export type Seen = Stats | typeof HIDDEN | undefined

export const isSeen = (seen: Seen): seen is Stats => seen !== undefined && seen !== HIDDEN

/** Undefined where nothing is there. */
export function lookAt(files: KernelFiles, path: string): Seen {
  try {
    return files.stat(path)
  } catch (error) {
    if (isRefusal(error)) return HIDDEN
    throw error
  }
}

/** Names of the directories in a directory; none where it is no more. */
export function namesIn(files: KernelFiles, directory: string): readonly string[] | typeof HIDDEN {
  try {
    return files.directories(directory)
  } catch (error) {
    if (isRefusal(error)) return HIDDEN
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENODEV') return []
    throw error
  }
}
