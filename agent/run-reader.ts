/** One run of one reader, and what is said of it. Its failure costs none of the others' samples. */
import { errors } from '../catalog/error.ts'
import { machineReader } from '../catalog/tables/machine-reader.ts'
import { columnOf } from '../catalog/tables.ts'
import type { RepeatedWarnings } from '../settings/log.ts'
import type { Row } from '../wire/sample.ts'
import type { Off, Reading } from './machine/reader.ts'
import type { ReaderReport } from './pass.ts'
import { isRefusal } from './read/files.ts'
import { MalformedFile } from './read/malformed.ts'

export interface Reader {
  readonly name: string
  readonly slow: boolean
  /** Its row of `machine_reader`. */
  readonly row: Row
  read(timeMs: number): Reading | Off
  /** Of a slow reader: its place in the round, and what it said last. */
  readonly place: number
  report?: ReaderReport
}

const NOTHING: readonly never[] = []
const DURATION = columnOf(machineReader, 'duration_seconds')
const SUCCESS = columnOf(machineReader, 'success')

/** Values of the machine's row before the reader ran; one buffer, since readers run one by one. */
let before = new Float64Array(0)

/** `machine` are the values of the machine's row; after a failure they are as they were before. */
export function runReader(
  reader: Reader,
  machine: Float64Array,
  timeMs: number,
  warnings: RepeatedWarnings,
): ReaderReport {
  const { name, row } = reader
  if (before.length !== machine.length) before = new Float64Array(machine.length)
  before.set(machine)
  const started = performance.now()
  let outcome: Reading | Off | Error
  try {
    outcome = reader.read(timeMs)
  } catch (error) {
    machine.set(before)
    outcome = error as Error
    warnings.warn(name, { err: error, reader: name }, 'reader failed', timeMs)
  }
  const durationSeconds = (performance.now() - started) / 1000
  const none = { name, durationSeconds, rows: 0, found: NOTHING, columns: NOTHING }
  if ('reason' in outcome) return { ...none, ...outcome, state: 'off' }
  row.values[DURATION] = durationSeconds
  row.values[SUCCESS] = outcome instanceof Error ? 0 : 1
  if (outcome instanceof Error) return { ...none, ...explain(outcome), state: 'failed' }
  const found = outcome.rows
  const rows = found.length + (outcome.machine ? 1 : 0)
  const columns = outcome.machine ? filled(before, machine) : NOTHING
  const { foreign, lacks } = outcome
  if (lacks !== undefined) {
    warnings.warn(`${name} lacks`, { reader: name, ...lacks }, 'reader lacks something', timeMs)
  }
  const report = { name, state: 'on' as const, durationSeconds, rows, found, columns }
  if (lacks === undefined && foreign === undefined) return report
  return { ...report, ...lacks, ...(foreign && { foreign }) }
}

export const offByFlag = (name: string, byDefault = false): ReaderReport => ({
  name,
  state: 'off',
  reason: byDefault ? 'off by default' : 'switched off',
  cure: byDefault ? `add --collector.${name}` : `remove --no-collector.${name}`,
  durationSeconds: 0,
  rows: 0,
  found: [],
  columns: [],
  notAsked: true,
})

/** Columns that were absent before and are present now. */
function filled(before: Float64Array, now: Float64Array): number[] {
  const columns: number[] = []
  for (let i = 0; i < now.length; i += 1) {
    if (Number.isNaN(before[i]!) && !Number.isNaN(now[i]!)) columns.push(i)
  }
  return columns
}

function explain(error: Error): Off {
  const { message: reason } = error
  if (error instanceof MalformedFile) return { reason, cure: errors[error.code].cure }
  return {
    reason,
    cure: isRefusal(error)
      ? 'run the agent as a user that may read this file'
      : 'see the log for details',
  }
}
