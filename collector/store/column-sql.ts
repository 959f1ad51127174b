/** Columns of our tables as DDL says them. */

/** A column as its table has it; the codec is as the engine tells it back. */
export interface ColumnDefinition {
  readonly name: string
  readonly type: string
  readonly codec?: string
  readonly comment: string
}

/** A text of our own as SQL has it. */
export const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

export const columnSql = ({ name, type, codec, comment }: ColumnDefinition): string =>
  `${name} ${type} COMMENT ${literal(comment)}${codec === undefined ? '' : ` ${codec}`}`
