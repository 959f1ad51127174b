/**
 * Inotify instances and watches, and how many one user may have: what runs out first where many
 * programs watch files.
 *
 * Source: /proc/PID/fd, where an instance is `anon_inode:inotify`; /proc/PID/fdinfo/FD, a line
 *         `inotify wd:…` a watch; /proc/sys/fs/inotify; inotify(7)
 *
 * The walk looks at every open file of every process, so each pass looks at a few processes, and
 * the sums are shown when all were looked at; it begins anew after a minute.
 */
import { readlinkSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { machineInotify } from '../../catalog/tables/machine-processes.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { isRefusal } from '../read/files.ts'
import { unsignedOf } from '../read/words.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

const MAX_INSTANCES = columnOf(machineInotify, 'max_instances')
const MAX_WATCHES = columnOf(machineInotify, 'max_watches')

/** From one round over all processes to the next. */
const ROUND_MS = 60_000

/** Lines of an fdinfo that tell of a watch. */
export const countWatches = (fdinfo: string): number => fdinfo.match(/^inotify wd:/gm)?.length ?? 0

interface Sums {
  instances: number
  watches: number
  /** Processes whose files may not be looked at. */
  unread: number
}

function walk({ files, machine }: MachineContext): Read {
  const row = emptyRow(machineInotify, machine)
  const { procfs } = files.paths
  const limit = (name: string) => unsignedOf(files.readText(`${procfs}/sys/fs/inotify/${name}`))
  let waiting: string[] = []
  let startedMs = Number.NEGATIVE_INFINITY
  let sums: Sums = { instances: 0, watches: 0, unread: 0 }

  function look(pid: string): void {
    let instances = 0
    let watches = 0
    for (const descriptor of files.names(`${procfs}/${pid}/fd`)) {
      if (linkOf(`${procfs}/${pid}/fd/${descriptor}`) !== 'anon_inode:inotify') continue
      instances += 1
      watches += countWatches(files.readText(`${procfs}/${pid}/fdinfo/${descriptor}`) ?? '')
    }
    sums.instances += instances
    sums.watches += watches
  }

  return (timeMs) => {
    row.values[MAX_INSTANCES] = limit('max_user_instances')
    row.values[MAX_WATCHES] = limit('max_user_watches')
    if (Number.isNaN(row.values[MAX_WATCHES])) return noFile('sys/fs/inotify')
    const since = timeMs - startedMs
    if (waiting.length === 0) {
      if (since >= 0 && since < ROUND_MS) return rowsOnly([row])
      startedMs = timeMs
      waiting = files.names(procfs).filter((name) => /^\d+$/.test(name))
      sums = { instances: 0, watches: 0, unread: 0 }
    }
    for (const pid of waiting.splice(0, limits.inotifyProcesses.value)) {
      try {
        look(pid)
      } catch (error) {
        if (!isRefusal(error)) throw error
        sums.unread += 1
      }
    }
    if (waiting.length === 0) row.values.set([sums.instances, sums.watches, sums.unread])
    return rowsOnly([row])
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
