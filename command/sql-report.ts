/** Rows of a statement as a table. */
import { styleText } from 'node:util'
import { table } from './table.ts'

/** As the engine gives them in its format JSONCompact. */
export interface SqlRows {
  readonly meta: readonly { readonly name: string; readonly type: string }[]
  readonly data: readonly (readonly unknown[])[]
}

/** Rows that fit some screens. */
const MOST_ROWS = 1_000

export function describeRows({ meta, data }: SqlRows): string {
  const right = meta.flatMap(({ type }, i) => (/\b(?:U?Int|Float|Decimal)\d/.test(type) ? [i] : []))
  const rows = data.slice(0, MOST_ROWS).map((row) => row.map(cell))
  const more =
    data.length > MOST_ROWS
      ? [
          dim(
            `  … and ${data.length - MOST_ROWS} more rows; --format=csv, json, tsv or parquet has all`,
          ),
        ]
      : []
  const none = data.length === 0 ? [dim('  no rows')] : []
  return [
    table(
      meta.map(({ name }) => name),
      rows,
      right,
    ),
    ...none,
    ...more,
  ].join('\n')
}

const dim = (text: string): string => styleText('dim', text, { stream: process.stdout })

/** What is absent is told from what is empty. */
function cell(value: unknown): string {
  if (value === null) return 'NULL'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
