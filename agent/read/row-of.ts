import type { KeptRows } from './kept-rows.ts'

/** Stands in no file name and in nothing that the kernel prints. */
const BETWEEN = '\0'

/** Values of the row with these keys, all absent; for rows that are named once a pass. */
export const rowOf = (rows: KeptRows, ...keys: readonly string[]): Float64Array =>
  rows.row(keys.join(BETWEEN), () => keys).fill(Number.NaN)

/** A row of a table that has but the column `info`: its keys say all. */
export function infoOf(rows: KeptRows, ...keys: readonly string[]): void {
  rowOf(rows, ...keys)[0] = 1
}
