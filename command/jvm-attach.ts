/**
 * Asks a JVM by the dynamic attach protocol, as jcmd does: a socket in its /tmp, and where there is none
 * yet a file and SIGQUIT, which make it open one.
 *
 * A process that does not catch SIGQUIT dies of it, and a JVM that does not find the file prints all its
 * threads: so there are checks before, and the signal is sent only when it was asked for. Commands are
 * on a list: none of them changes the JVM or holds it up for long.
 *
 * Everything inside of its /tmp is the workload's. The socket is opened without following a link and
 * connected to by its descriptor, by a helper process that has the ids of the JVM: a JVM of version 8
 * talks to nobody else, and what the helper meets meets no more rights than the JVM has.
 *
 * Source: hotspot/os/linux/attachListener_linux.cpp, hotspot/os/posix/attachListener_posix.cpp;
 *         protocol 1: `1 NUL command NUL argument NUL argument NUL argument NUL`, answered by the
 *         status, a line break and the output
 */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { isGone, parseProcessStat, parseProcessStatus } from '../agent/runtime/process.ts'
import type { ErrorCode } from '../catalog/error.ts'
import { limits } from '../catalog/limit.ts'

/** What may be asked, and the words that the JVM knows it by. */
export const ATTACH_COMMANDS = {
  'VM.version': 'VM.version',
  'VM.uptime': 'VM.uptime',
  'VM.flags': 'VM.flags',
  'GC.heap_info': 'GC.heap_info',
  'Compiler.codecache': 'Compiler.codecache',
  'VM.native_memory': 'VM.native_memory summary',
} as const
export type AttachCommand = keyof typeof ATTACH_COMMANDS

const UPTIME_MS_MIN = 60_000
const SIGQUIT_BIT = 1n << 2n
const O_PATH = 0o10000000
const { O_DIRECTORY, O_NOFOLLOW } = constants

export class AttachRefused extends Error {
  override readonly name = 'AttachRefused'
  readonly code: ErrorCode = 'ERR_ATTACH_REFUSED'
}

export interface Target {
  readonly procfs: string
  readonly pid: number
  /** Of the process that was looked at: another under its number is not asked. */
  readonly startTicks: number
  readonly startMs: number
  readonly allowSignal: boolean
}

interface Identity {
  readonly uid: number
  readonly gid: number
  readonly innermostPid: number
}

/** Throws AttachRefused with the reason. */
export async function attach(target: Target, command: AttachCommand): Promise<string> {
  const { procfs, pid } = target
  const status = readStatus(target)
  const ageMs = Date.now() - target.startMs
  if (ageMs < UPTIME_MS_MIN)
    throw new AttachRefused(
      `it runs for ${Math.round(ageMs / 1000)} s, and may be asked after 60 s`,
    )
  const identity = {
    ...parseProcessStatus(status),
    uid: parseProcessStatus(status).effectiveUid,
    gid: Number(/^Gid:\s*\d+\s+(\d+)/m.exec(status)?.[1]),
  }
  const directory = openTmp(`${procfs}/${pid}/root`)
  if (directory === undefined) throw new AttachRefused('it has no /tmp that may be looked into')
  try {
    const name = `.java_pid${identity.innermostPid}`
    const socket =
      openPath(`/proc/self/fd/${directory}/${name}`, O_NOFOLLOW) ??
      (await makeSocket(target, identity, directory, name))
    try {
      requireSocket(socket, identity)
      return await ask(socket, identity, ATTACH_COMMANDS[command])
    } finally {
      closeSync(socket)
    }
  } finally {
    closeSync(directory)
  }
}

function readStatus({ procfs, pid, startTicks }: Target): string {
  try {
    const stat = parseProcessStat(readFileSync(`${procfs}/${pid}/stat`, 'latin1'))
    if (stat.startTicks === startTicks) return readFileSync(`${procfs}/${pid}/status`, 'latin1')
  } catch (err) {
    if (!isGone(err)) throw err
  }
  throw new AttachRefused('the process has ended')
}

/** Not by one path: a link in place of /tmp would lead to where the workload likes. */
function openTmp(path: string): number | undefined {
  const root = openPath(path, O_DIRECTORY)
  if (root === undefined) return undefined
  try {
    return openPath(`/proc/self/fd/${root}/tmp`, O_DIRECTORY | O_NOFOLLOW)
  } finally {
    closeSync(root)
  }
}

/** Undefined when it is not there. */
function openPath(path: string, flags: number): number | undefined {
  try {
    return openSync(path, O_PATH | flags)
  } catch (err) {
    const { code } = err as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new AttachRefused(`${code} at the /tmp of the process: run as root or as its user`, {
      cause: err,
    })
  }
}

function requireSocket(socket: number, { uid }: Identity): void {
  const stats = fstatSync(socket)
  if (!stats.isSocket()) throw new AttachRefused('what lies in place of its socket is none')
  if (stats.uid !== uid && stats.uid !== 0)
    throw new AttachRefused('the socket in its place is another user’s')
}

/** Has the JVM open its socket: a file where it looks for one, and SIGQUIT. */
async function makeSocket(
  target: Target,
  identity: Identity,
  directory: number,
  name: string,
): Promise<number> {
  if (!target.allowSignal)
    throw new AttachRefused(
      'it has no socket yet, and would open one at SIGQUIT: --allow-signal sends it',
    )
  const trigger = `/proc/self/fd/3/.attach_pid${identity.innermostPid}`
  await help(identity, directory, MAKE_FILE, [trigger])
  try {
    // Right before the signal: whoever does not catch it dies of it.
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readStatus(target))?.[1] ?? '0'
    if ((BigInt(`0x${caught}`) & SIGQUIT_BIT) === 0n)
      throw new AttachRefused('it does not catch SIGQUIT and would die of it')
    process.kill(target.pid, 'SIGQUIT')
    const untilMs = Date.now() + limits.attachMs.value
    for (;;) {
      const socket = openPath(`/proc/self/fd/${directory}/${name}`, O_NOFOLLOW)
      if (socket !== undefined) return socket
      if (Date.now() >= untilMs)
        throw new AttachRefused('it opened no socket in time: it may not be allowed to be asked')
      await wait(20)
    }
  } finally {
    await help(identity, directory, REMOVE_FILE, [trigger])
  }
}

async function ask(socket: number, identity: Identity, command: string): Promise<string> {
  const request = ['1', 'jcmd', command, '', ''].map((word) => `${word}\0`).join('')
  const answer = await help(identity, socket, CONVERSE, [request])
  const [status = '', ...lines] = answer.split('\n')
  if (status !== '0') throw new AttachRefused(`it answered ${JSON.stringify(answer.slice(0, 200))}`)
  return lines.join('\n').trimEnd()
}

const MAKE_FILE = "require('fs').closeSync(require('fs').openSync(process.argv[1], 'wx', 0o600))"
const REMOVE_FILE = "require('fs').rmSync(process.argv[1], { force: true })"
/** The request goes as an argument in hexadecimal digits: a NUL cannot. */
const CONVERSE = `
const socket = require('net').connect('/proc/self/fd/3')
socket.write(Buffer.from(process.argv[1], 'hex'))
socket.on('error', (err) => { process.stderr.write(err.message); process.exitCode = 1 })
socket.pipe(process.stdout)
`

/** A process of our own with the ids of the JVM and one descriptor, 3; what it prints. */
async function help(
  { uid, gid }: Identity,
  descriptor: number,
  source: string,
  args: readonly string[],
): Promise<string> {
  const words = source === CONVERSE ? args.map((arg) => Buffer.from(arg).toString('hex')) : args
  const child = start(['-e', source, '--', ...words], {
    stdio: ['ignore', 'pipe', 'pipe', descriptor],
    uid,
    gid,
    cwd: '/',
    env: {},
  })
  const failed = once(child, 'error').then(([err]) => {
    throw noHelper(err)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), limits.attachMs.value)
  try {
    return await Promise.race([failed, collect(child)])
  } finally {
    clearTimeout(timer)
  }
}

/** Some of what hinders it is thrown at once, the rest told by the event. */
function start(args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(process.execPath, args, options)
  } catch (err) {
    throw noHelper(err)
  }
}

const noHelper = (cause: unknown): AttachRefused =>
  new AttachRefused('no helper process with the ids of the JVM: run as root or as its user', {
    cause,
  })

async function collect(child: ChildProcess): Promise<string> {
  const most = limits.attachBytes.value
  const pieces: Buffer[] = []
  let bytes = 0
  let complaint = ''
  child.stdout!.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes <= most) pieces.push(piece)
    else child.kill('SIGKILL')
  })
  child.stderr!.on('data', (piece: Buffer) => {
    if (complaint.length < 1_000) complaint += String(piece)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (bytes > most) throw new AttachRefused(`it answered with more than ${most} bytes`)
  if (code === null)
    throw new AttachRefused(
      `it did not answer within ${limits.attachMs.value / 1000} s; the question stays with it`,
    )
  if (code !== 0) throw new AttachRefused(`helper process: ${complaint.trim().split('\n', 1)[0]}`)
  return Buffer.concat(pieces).toString('utf8')
}
