/** Texts of a workload: nothing in them may move a cursor, break a line or grow without end. */
import { limits } from '../../catalog/limit.ts'

export const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')

/** One line of an attribute; undefined when nothing is left of it. */
export function lineOf(text: string): string | undefined {
  const line = printable(text).trim().slice(0, limits.runtimeNameChars.value).toWellFormed()
  return line === '' ? undefined : line
}
