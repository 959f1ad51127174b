/**
 * What /proc/PID/stat and /proc/PID/status say of one process.
 *
 * Source: proc_pid_stat(5), proc_pid_status(5)
 * Units:  start time in ticks of 1/100 s since boot (USER_HZ is 100 wherever this runs).
 */
import { MalformedFile } from '../read/malformed.ts'

export const TICK_MS = 10
const TICKS_PER_SECOND = 1000 / TICK_MS

export interface ProcessStat {
  /** Name of the thread group's leader, cut to 15 bytes; it changes with exec. */
  readonly comm: string
  /** No memory of its own: a kernel thread, or a process that has ended but was not waited for. */
  readonly bodiless: boolean
  readonly parentPid: number
  readonly threads: number
  readonly startTicks: number
  /** In user space and in the kernel, of all threads that are and were; of a thread its own. */
  readonly cpuSeconds: number
  /**
   * Where its stack begins, which each exec chooses anew; 0 where it may not be known, and of what has
   * no memory.
   */
  readonly stackStart: number
}

const PF_KTHREAD = 0x0020_0000

/** Up to the start of the stack, which is the last one of them that is of use. */
const FIELDS = 26

/** The name is in parentheses and may itself hold spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const fields = text.slice(close + 2).split(' ', FIELDS)
  const [state, parent, flags] = [fields[0], fields[1], fields[6]]
  const [user, system, threads, startTicks] = [fields[11], fields[12], fields[17], fields[19]]
  const record = {
    comm: text.slice(open + 1, close),
    bodiless: state === 'Z' || state === 'X' || (Number(flags) & PF_KTHREAD) !== 0,
    parentPid: Number(parent),
    threads: Number(threads),
    startTicks: Number(startTicks),
    cpuSeconds: (Number(user) + Number(system)) / TICKS_PER_SECOND,
    stackStart: Number(fields[25] ?? 0) || 0,
  }
  const counts = [record.parentPid, record.threads, record.startTicks]
  const isWhole = counts.every(isCount) && Number.isFinite(record.cpuSeconds)
  if (open < 0 || close < open || !isWhole)
    throw new MalformedFile('stat of a process', text, 'pid (comm) state … with 20 fields or more')
  return record
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

export interface ProcessStatus {
  readonly effectiveUid: number
  /** The pid in its innermost pid namespace, which is the one that the process itself knows. */
  readonly innermostPid: number
}

export function parseProcessStatus(text: string): ProcessStatus {
  const uids = /^Uid:\s*\d+\s+(\d+)/m.exec(text)
  if (uids === null) throw new MalformedFile('status of a process', text, 'a line `Uid:`')
  const pids = /^NSpid:.*?(\d+)\s*$/m.exec(text) ?? /^Pid:\s*(\d+)/m.exec(text)
  if (pids === null)
    throw new MalformedFile('status of a process', text, 'a line `NSpid:` or `Pid:`')
  return { effectiveUid: Number(uids[1]), innermostPid: Number(pids[1]) }
}

/** Bytes in RAM and in swap, and CPUs that it may run on; absent where the kernel does not say. */
export interface ProcessMemory {
  readonly anonBytes: number | undefined
  readonly fileBytes: number | undefined
  readonly shmemBytes: number | undefined
  readonly swapBytes: number | undefined
  readonly cpus: number | undefined
}

/** Of status; RssAnon and its like are there since Linux 4.5. */
export function parseProcessMemory(text: string): ProcessMemory {
  const bytes = (line: RegExp): number | undefined => {
    const kib = line.exec(text)?.[1]
    return kib === undefined ? undefined : Number(kib) * 1024
  }
  return {
    anonBytes: bytes(/^RssAnon:\s*(\d+) kB$/m),
    fileBytes: bytes(/^RssFile:\s*(\d+) kB$/m),
    shmemBytes: bytes(/^RssShmem:\s*(\d+) kB$/m),
    swapBytes: bytes(/^VmSwap:\s*(\d+) kB$/m),
    cpus: bitsOf(/^Cpus_allowed:\s*([0-9a-f,]+)$/m.exec(text)?.[1]),
  }
}

const BITS_OF_DIGIT = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4] as const

function bitsOf(mask: string | undefined): number | undefined {
  if (mask === undefined) return undefined
  let bits = 0
  for (const digit of mask.replaceAll(',', ''))
    bits += BITS_OF_DIGIT[Number.parseInt(digit, 16)] ?? 0
  return bits
}

const CAP_SYS_PTRACE = 1n << 19n

/** Whether a process of this status may look into those of others; capabilities(7). */
export function mayTrace(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'
  return (BigInt(`0x${effective}`) & CAP_SYS_PTRACE) !== 0n
}

/** A process may end between any two reads. */
export const isGone = (err: unknown): boolean =>
  err instanceof Error && 'code' in err && (err.code === 'ENOENT' || err.code === 'ESRCH')
