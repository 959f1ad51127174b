/**
 * What a reader of the machine's own files is, and the two forms that most of them have: one file
 * into columns of the machine's row, or one file into rows of a table with a key.
 *
 * A reader lives in the file of its family, beside its parser: `agent/machine/<family>.ts`. Its name
 * is that of node_exporter's collector where there is one, since people switch it by that name.
 */
import type { Table } from '../../catalog/metric.ts'
import type { FlagTable } from '../../settings/flag.ts'
import type { Entity, ForeignFamily, Row } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { KeyedRows, type LeftOut } from '../read/keyed-rows.ts'

/** Why a reader has nothing to read on this machine, and what would change that. */
export interface Off {
  readonly reason: string
  readonly cure: string
  /** The machine has no such thing, so nothing is missed; else it is there, or may be. */
  readonly notHere?: true
}

/** Rows of the tables with a key; `machine` when columns of the machine's own row were filled. */
export interface Reading {
  readonly rows: readonly Row[]
  readonly machine: boolean
  /** What others measured and the agent hands on. */
  readonly foreign?: readonly ForeignFamily[]
  /** What is missing although the reader works. */
  readonly lacks?: Off
}

export interface MachineContext {
  readonly files: KernelFiles
  readonly machine: Entity
  /** The machine's row; all its columns are absent when a pass begins. Slow readers have none of it. */
  readonly values: Float64Array
  /** Values of the readers' own flags by their names; a flag that was not given is not in it. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** Made once; then called each pass. May throw `MalformedFile`. `timeMs` is Unix time of the pass. */
export type Read = (timeMs: number) => Reading | Off

export interface MachineReader {
  readonly name: string
  readonly help: string
  /** Off unless asked for: it costs much, or makes many series. As node_exporter has it. */
  readonly offByDefault?: true
  /** The collector of node_exporter whose families it has too; switched, and asked for, with it. */
  readonly partOf?: string
  /** What it reads hardly changes: read once a minute, and its rows kept between. */
  readonly slow?: true
  /** Flags of its own, named `collector.<name>.…`; those of node_exporter where there is one. */
  readonly flags?: FlagTable
  readonly open: (context: MachineContext) => Read
}

export const MACHINE_ONLY: Reading = { rows: [], machine: true }

export const rowsOnly = (rows: readonly Row[]): Reading => ({ rows, machine: false })

export const noFile = (path: string): Off => ({
  reason: `no ${path} under --path.procfs`,
  cure: 'set --path.procfs to where /proc is mounted',
})

/**
 * A reader of one file of /proc that fills columns of the machine's row. Most such files are one
 * record, and come in one read; `readAll` is for those that are many.
 */
export const columnsOf =
  (
    path: string,
    parse: (bytes: Uint8Array, end: number, values: Float64Array) => void,
    how: 'read' | 'readAll' = 'read',
  ) =>
  ({ files, values }: MachineContext): Read => {
    const file = files.proc(path)
    return () => {
      const end = files[how](file)
      if (end < 0) return noFile(path)
      parse(files.bytes, end, values)
      return MACHINE_ONLY
    }
  }

/** A reader of one file of /proc that fills a row a device. */
export const rowsOf =
  (
    path: string,
    table: Table,
    parse: (bytes: Uint8Array, end: number, rows: KeyedRows) => void,
    leftOut?: LeftOut,
    without: Off = noFile(path),
  ) =>
  ({ files, machine }: MachineContext): Read => {
    const file = files.proc(path)
    const rows = new KeyedRows(table, machine, leftOut)
    return () => {
      const end = files.readAll(file)
      if (end < 0) return without
      parse(files.bytes, end, rows)
      return rowsOnly(rows.finish())
    }
  }
