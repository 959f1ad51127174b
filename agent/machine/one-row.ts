/** Readers of one row a machine, from one or more short files of /proc. */
import type { Table } from '../../catalog/metric.ts'
import { emptyRow } from '../../wire/sample.ts'
import { malformed } from '../read/malformed.ts'
import { parseNumber } from '../read/scan.ts'
import { type MachineContext, noFile, type Read, rowsOnly } from './reader.ts'

interface Source {
  /** Below /proc. */
  readonly path: string
  readonly parse: (bytes: Uint8Array, end: number, values: Float64Array) => void
}

/** Off when none of the files is there. */
export const rowFrom =
  (table: Table, sources: readonly Source[]) =>
  ({ files, machine }: MachineContext): Read => {
    const row = emptyRow(table, machine)
    const reading = rowsOnly([row])
    const opened = sources.map(({ path, parse }) => ({ file: files.proc(path), parse }))
    return () => {
      let found = 0
      row.values.fill(Number.NaN)
      for (const { file, parse } of opened) {
        const end = files.read(file)
        if (end < 0) continue
        parse(files.bytes, end, row.values)
        found += 1
      }
      return found > 0 ? reading : noFile(sources[0]!.path)
    }
  }

/** A file that is one number, which goes into this column. */
export const numberInto =
  (family: string, column: number) =>
  (bytes: Uint8Array, end: number, values: Float64Array): void => {
    const value = parseNumber(bytes, end)
    if (Number.isNaN(value)) throw malformed(family, bytes, 0, end, 'a number')
    values[column] = value
  }
