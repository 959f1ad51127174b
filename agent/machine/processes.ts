/**
 * How many processes and threads are in each state.
 *
 * Source: /proc/PID/stat and /proc/PID/task/TID/stat `7 (java) S 1 …`: field 3 the state, 20 the
 *         threads; proc_pid_stat(5)
 *
 * It reads a file a thread, so it is off unless asked for, as in node_exporter.
 */
import {
  machineProcesses,
  machineProcessStates,
  machineThreadStates,
} from '../../catalog/tables/machine-processes.ts'
import { emptyRow } from '../../wire/sample.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { unsignedOf, wordsOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

export interface ProcessStat {
  /** One letter: `S`, `R`, `D`, `Z` … */
  readonly state: string
  readonly threads: number
}

/** Fields behind the name, which may hold blanks and parentheses itself. */
export function parseProcessStat(text: string): ProcessStat {
  const fields = wordsOf(text.slice(text.lastIndexOf(')') + 1))
  const state = fields[0] ?? ''
  const threads = unsignedOf(fields[17])
  if (!text.includes(')') || !/^[A-Za-z]$/.test(state) || Number.isNaN(threads)) {
    throw new MalformedFile('process stat', text, '`7 (name) S 1 …`')
  }
  return { state, threads }
}

const NUMBER = /^\d+$/

function processStates({ files, machine }: MachineContext): Read {
  const whole = emptyRow(machineProcesses, machine)
  const processStates = new KeptRows(machineProcessStates, machine)
  const threadStates = new KeptRows(machineThreadStates, machine)

  /** Undefined for a process or thread that has ended since it was listed. */
  const statOf = (folder: string): ProcessStat | undefined => {
    const text = files.readText(`${folder}/stat`)
    return text === undefined || text === '' ? undefined : parseProcessStat(text)
  }
  const count = (rows: KeptRows, state: string) => {
    const values = rows.sum(state, () => [state])
    values[0] = values[0]! + 1
  }

  return () => {
    const { procfs } = files.paths
    const pids = files.names(procfs).filter((name) => NUMBER.test(name))
    if (pids.length === 0) return noFile('PID')
    let processes = 0
    let threads = 0
    processStates.begin()
    threadStates.begin()
    for (const pid of pids) {
      const folder = `${procfs}/${pid}`
      const stat = statOf(folder)
      if (stat === undefined) continue
      processes += 1
      threads += stat.threads
      count(processStates, stat.state)
      for (const tid of files.names(`${folder}/task`)) {
        const state = statOf(`${folder}/task/${tid}`)?.state
        if (state !== undefined) count(threadStates, state)
      }
    }
    whole.values.set([processes, threads])
    return rowsOnly([whole, ...processStates.finish(), ...threadStates.finish()])
  }
}

export const processes: MachineReader = {
  name: 'processes',
  help: 'Processes and threads by state: /proc/PID.',
  offByDefault: true,
  open: processStates,
}
