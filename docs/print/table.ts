/** Markdown tables. */

/** What stands in a cell of its own right: `|` would end it. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

export const code = (text: string) => `\`${text}\``

/** A printed document: a heading, what it is, and its parts. */
export const page = (title: string, introduction: string, ...parts: readonly string[]) =>
  [`# ${title}`, NOTICE, introduction, ...parts].join('\n\n') + '\n'

const NOTICE = '<!-- Printed by `npm run generate`. Do not edit. -->'
