/**
 * Inotify instances and watches, and how many one user may have: what runs out first where many
 * programs watch files.
 *
 * Source: /proc/PID/fd, where an instance is `anon_inode:inotify`; /proc/PID/fdinfo/FD, a line
 *         `inotify wd:…` a watch; /proc/sys/fs/inotify; inotify(7)
 *
 * The walk looks at every open file of every process, so each pass looks at a few processes, and
 * the sums are shown when all were looked at. The first round is made as fast as may be; from then on
 * a round takes a minute, or longer where there are many processes.
 */
import { readlinkSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { machineInotify } from '../../catalog/tables/machine-processes.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { isRefusal, KernelFile } from '../read/files.ts'
import { MalformedFile } from '../read/malformed.ts'
import { unsignedOf } from '../read/words.ts'
import { everyMinute } from './minute.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

const MAX_INSTANCES = columnOf(machineInotify, 'max_instances')
const MAX_WATCHES = columnOf(machineInotify, 'max_watches')

/** From one round over all processes to the next. */
const ROUND_MS = 60_000

/** Lines of an fdinfo that tell of a watch; `fdinfo` begins with a whole line. */
export const countWatches = (fdinfo: string): number => fdinfo.match(/^inotify wd:/gm)?.length ?? 0

interface Sums {
  instances: number
  watches: number
  /** Processes whose files may not be looked at. */
  unread: number
}

function walk({ files, machine }: MachineContext): Read {
  const row = emptyRow(machineInotify, machine)
  const rows = [row]
  const { procfs } = files.paths
  const limit = (name: string) => unsignedOf(files.readText(`${procfs}/sys/fs/inotify/${name}`))
  const isDue = everyMinute()
  let waiting: string[] = []
  let startedMs = Number.NEGATIVE_INFINITY
  /** Of the round that goes on: how many processes there were. */
  let processes = 0
  let looked = 0
  let isFirst = true
  let sums: Sums = { instances: 0, watches: 0, unread: 0 }

  function look(pid: string): void {
    let instances = 0
    let watches = 0
    for (const descriptor of files.names(`${procfs}/${pid}/fd`)) {
      if (linkOf(`${procfs}/${pid}/fd/${descriptor}`) !== 'anon_inode:inotify') continue
      instances += 1
      watches += watchesOf(`${procfs}/${pid}/fdinfo/${descriptor}`)
    }
    sums.instances += instances
    sums.watches += watches
  }

  /** Piece by piece: a program may watch hundreds of thousands of files. */
  function watchesOf(path: string): number {
    let watches = 0
    const file = new KernelFile(path)
    try {
      files.readLines(file, limits.listBytes.value, (end) => {
        watches += countWatches(files.bytes.toString('latin1', 0, end))
      })
    } finally {
      files.close(file)
    }
    return watches
  }

  function readLimits(): void {
    row.values[MAX_INSTANCES] = limit('max_user_instances')
    row.values[MAX_WATCHES] = limit('max_user_watches')
  }

  /** How many processes a pass looks at, so that a round takes a minute. */
  function share(sinceMs: number): number {
    // A clock that was set back must not hold the round up.
    if (isFirst || sinceMs < 0) return limits.inotifyProcesses.value
    const due = Math.ceil((processes * sinceMs) / ROUND_MS) - looked
    return Math.min(Math.max(0, due), limits.inotifyProcesses.value)
  }

  function begin(timeMs: number): void {
    startedMs = timeMs
    waiting = files.names(procfs).filter((name) => /^\d+$/.test(name))
    processes = waiting.length
    looked = 0
    sums = { instances: 0, watches: 0, unread: 0 }
  }

  return (timeMs) => {
    if (isDue(timeMs)) readLimits()
    if (Number.isNaN(row.values[MAX_WATCHES])) return noFile('sys/fs/inotify')
    if (waiting.length === 0) {
      const since = timeMs - startedMs
      if (since >= 0 && since < ROUND_MS) return rowsOnly(rows)
      begin(timeMs)
    }
    const next = waiting.splice(0, share(timeMs - startedMs))
    looked += next.length
    for (const pid of next) {
      try {
        look(pid)
      } catch (error) {
        if (!isRefusal(error) && !(error instanceof MalformedFile)) throw error
        sums.unread += 1
      }
    }
    if (waiting.length === 0) {
      isFirst = false
      row.values.set([sums.instances, sums.watches, sums.unread])
    }
    return rowsOnly(rows)
  }
}

/** Where a link leads; empty where it is gone. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (isRefusal(error)) throw error
    return ''
  }
}

export const inotify: MachineReader = {
  name: 'inotify',
  help: 'Inotify instances and watches: /proc/PID/fdinfo.',
  open: walk,
}
