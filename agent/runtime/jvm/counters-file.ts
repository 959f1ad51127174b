/**
 * The counters file of one JVM: found, opened once, then one positioned read a pass.
 *
 * The mapping in /proc/PID/maps names the file. /proc/PID/map_files leads to exactly that file, even
 * after it was deleted, but asks for CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN; without them the file
 * is looked for below /proc/PID/root. A missing mapping is no error: the JVM may keep its counters to
 * itself. The file is never locked, written or removed.
 */
import { closeSync, readSync } from 'node:fs'
import { limits } from '../../../catalog/limit.ts'
import { MalformedFile } from '../../read/malformed.ts'
import type { CountersMapping } from '../maps.ts'
import { readMounts } from '../mounts.ts'
import { type Expected, openBelow, openMapped, type OpenFile } from '../open-safely.ts'
import type { ProcessStatus } from '../process.ts'
import { type Refusal, Refused } from '../refused.ts'
import {
  type Counters,
  countersOf,
  type HsperfDirectory,
  isCurrent,
  parseHsperfdata,
} from './hsperfdata.ts'

/** Pages are at least this large everywhere, and the file is whole pages. */
const PAGE_BYTES = 4096

/** Why a JVM has no figures: the closed list that is counted. */
export const WITHOUT_COUNTERS = {
  none: 'no counters: uid without passwd entry, -XX:+PerfDisableSharedMem or -XX:-UsePerfData',
  starting: 'starting',
  foreign: 'counters belong to another process',
  malformed: 'counters malformed',
  notPermitted: 'counters not readable: run as root or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH',
  deleted: 'counters deleted: readable only with CAP_CHECKPOINT_RESTORE',
  mayBlock: 'counters on a file system that may block',
  failed: 'counters could not be read: see the log',
  openj9: 'OpenJ9 keeps no counters that can be read from outside',
  unsafe: 'counters refused: not a plain file of the owner and the size that a JVM makes',
} as const

export type WithoutCounters = (typeof WITHOUT_COUNTERS)[keyof typeof WITHOUT_COUNTERS]

export class NoCounters extends Error {
  override readonly name = 'NoCounters'
  readonly reason: WithoutCounters

  constructor(reason: WithoutCounters, options?: ErrorOptions) {
    super(reason, options)
    this.reason = reason
  }
}

export interface CountersFile {
  readonly fd: number
  readonly sizeBytes: number
  /** Whether the opened file is certainly the one that the process has mapped. */
  readonly exact: boolean
  /** Type of the file system that it lies on. */
  readonly fileSystem: string
  /** Names the file across processes that may share it. */
  readonly key: string
}

export const keyOf = ({ device, inode }: CountersMapping): string => `${device} ${inode}`

/** Opens the file that the process has mapped. The caller closes it. Throws NoCounters. */
export function openCounters(
  procfs: string,
  pid: number,
  status: ProcessStatus,
  mappings: readonly CountersMapping[],
): CountersFile {
  // A child between fork and exec still has its parent's file mapped, under the parent's pid.
  const mapping = mappings.find((candidate) => candidate.pid === status.innermostPid)
  if (mapping === undefined) throw new NoCounters(WITHOUT_COUNTERS.none)
  try {
    const expected = {
      mounts: readMounts(procfs, pid),
      uid: status.effectiveUid,
      sizeBytesMin: PAGE_BYTES,
      sizeBytesMax: limits.hsperfBytes.value,
      sizeBytesStep: PAGE_BYTES,
    }
    return openMapping(`${procfs}/${pid}`, mapping, expected)
  } catch (err) {
    throw err instanceof Refused
      ? new NoCounters(reasonOf(err.refusal, mapping), { cause: err })
      : err
  }
}

function openMapping(process: string, mapping: CountersMapping, expected: Expected): CountersFile {
  const key = keyOf(mapping)
  const file = (open: OpenFile, exact: boolean): CountersFile => ({
    fd: open.fd,
    sizeBytes: open.stats.size,
    exact,
    fileSystem: open.fileSystem,
    key,
  })
  try {
    return file(openMapped(`${process}/map_files/${mapping.range}`, expected), true)
  } catch (err) {
    if (!(err instanceof Refused) || !['not permitted', 'absent'].includes(err.refusal)) throw err
  }
  const directories = ['tmp', mapping.directory]
  const open = openBelow(`${process}/root`, directories, String(mapping.pid), expected)
  // An overlay may show another inode in maps than to fstat(2): then it is only probably the one.
  return file(open, open.stats.ino === mapping.inode)
}

function reasonOf(refusal: Refusal, mapping: CountersMapping): WithoutCounters {
  switch (refusal) {
    case 'not permitted':
      return WITHOUT_COUNTERS.notPermitted
    case 'absent':
      return mapping.deleted ? WITHOUT_COUNTERS.deleted : WITHOUT_COUNTERS.none
    case 'file system may block':
      return WITHOUT_COUNTERS.mayBlock
    default:
      return WITHOUT_COUNTERS.unsafe
  }
}

/** Reads of all files go into this buffer: what they return holds until the next read. */
let buffer: Buffer<ArrayBuffer> = Buffer.alloc(64 << 10)

export interface CountersRead {
  readonly directory: HsperfDirectory
  readonly counters: Counters
}

/**
 * Reads the counters, by the places of an earlier read where these still hold. An entry that was
 * caught half written is read once more. Throws NoCounters; its answer holds until the next call.
 */
export const readCounters = (file: CountersFile, earlier?: HsperfDirectory): CountersRead =>
  countersIn(readView(file), earlier, () => readView(file))

/** The same of bytes that were read already; `again` reads them anew. Throws NoCounters. */
export function countersIn(
  first: DataView,
  earlier?: HsperfDirectory,
  again?: () => DataView,
): CountersRead {
  try {
    let view = first
    // The file exists a moment before its header is written.
    if (view.byteLength >= 4 && view.getUint32(0) === 0)
      throw new NoCounters(WITHOUT_COUNTERS.starting)
    if (earlier !== undefined && isCurrent(earlier, view))
      return { directory: earlier, counters: plausible(countersOf(earlier, view)) }
    let directory = parseHsperfdata(view)
    if (!directory.complete && again !== undefined) {
      view = again()
      directory = parseHsperfdata(view)
    }
    if (!directory.header.accessible) throw new NoCounters(WITHOUT_COUNTERS.starting)
    // Half written twice, and nothing before it: no virtual machine writes that.
    if (directory.places.size === 0) throw new NoCounters(WITHOUT_COUNTERS.malformed)
    return { directory, counters: plausible(countersOf(directory, view)) }
  } catch (err) {
    throw err instanceof MalformedFile
      ? new NoCounters(WITHOUT_COUNTERS.malformed, { cause: err })
      : err
  }
}

/** All that we take from them is counted from 0 on: any other number is none that a JVM wrote. */
const plausible = (counters: Counters): Counters => ({
  text: (name) => counters.text(name),
  number: (name) => {
    const value = counters.number(name)
    return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined
  },
})

function readView({ fd, sizeBytes }: CountersFile): DataView {
  if (buffer.length < sizeBytes) buffer = Buffer.alloc(sizeBytes)
  const bytes = readSync(fd, buffer, 0, sizeBytes, 0)
  return new DataView(buffer.buffer, buffer.byteOffset, bytes)
}

export const closeCounters = ({ fd }: CountersFile): void => closeSync(fd)
