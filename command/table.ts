/** Columns of text, padded to the widest cell; control characters of hostile names are made visible. */
import { stripVTControlCharacters, styleText } from 'node:util'

/** Safe on any terminal: no escape sequence and no line break of someone else's gets through. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text).replace(/\p{C}/gu, '�')

const MAX_WIDTH = 48

function cut(text: string): string {
  const clean = printable(text)
  return clean.length <= MAX_WIDTH ? clean : `…${clean.slice(clean.length - MAX_WIDTH + 1)}`
}

/** A heading row and data rows; columns of `right` are aligned to the right. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const cells = [heading, ...rows].map((row) => row.map(cut))
  const widths = heading.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  return cells
    .map((row, i) => {
      const line = row
        .map((text, column) =>
          right.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd()
      return `  ${i === 0 ? styleText('dim', line, { stream: process.stdout }) : line}`
    })
    .join('\n')
}
