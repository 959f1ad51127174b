/** One reader alone, over the files of a fixture or of the test's own. */
import type { MachineReader, Off, Read } from '../../../agent/machine/reader.ts'
import { machine } from '../../../catalog/tables/machine.ts'
import { emptyRow, type Entity, type Row } from '../../../wire/sample.ts'
import { filesOf, present } from '../fixture.ts'

export const MACHINE: Entity = { kind: 'machine', attributes: {} }

export type Settings = Readonly<Record<string, unknown>>

/** A reader of the machine below `root`; call it once a pass. */
export const openReader = (reader: MachineReader, root: string, settings: Settings = {}): Read =>
  reader.open({
    files: filesOf(root),
    machine: MACHINE,
    values: emptyRow(machine, MACHINE).values,
    settings,
  })

/** Its rows; throws where it is off. */
export function rowsOf(reading: ReturnType<Read>): readonly Row[] {
  if ('reason' in reading) throw new Error(`off: ${reading.reason}`)
  return reading.rows
}

export const readRows = (reader: MachineReader, root: string, settings?: Settings) =>
  rowsOf(openReader(reader, root, settings)(0))

/** Rows as `device` → columns that are present; several keys are joined by a blank. */
export const shown = (rows: readonly Row[]): Record<string, Record<string, number>> =>
  Object.fromEntries(rows.map((row) => [row.keys.join(' '), present(row)]))

export const isOff = (reading: ReturnType<Read>): reading is Off => 'reason' in reading
