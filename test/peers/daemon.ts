/** A foreign daemon with everything of its own below one directory, ended by its own handle. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_MS = 60_000
const PATIENCE_MS = 20_000
const LOG_BYTES = 4_000

/** Paths of sockets are short by the kernel's rule, so it lies right below /tmp. */
export const daemonFolder = (): string => mkdtempSync('/tmp/cd-')

/** Takes away what a daemon left mounted, and then the directory. */
export function removeDaemonFolder(folder: string): void {
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
  for (const path of mounted.toReversed()) spawnSync('umount', ['-l', path])
  rmSync(folder, { recursive: true, force: true })
}

/** Waits until no process names the directory any more: what ends a container may write to it. */
export async function left(folder: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline && processesThatName(folder) > 0) await sleep(50)
}

function processesThatName(folder: string): number {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(folder)
    } catch {
      return false // It has just ended.
    }
  }).length
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export class Daemon {
  readonly #child: ChildProcess
  #log = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    running.add(child)
    child.once('exit', () => running.delete(child))
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_BYTES)
      })
    }
  }

  /** Resolves when `isReady` says so; rejects with the daemon's last words when it ends instead. */
  static async start(
    program: string,
    args: readonly string[],
    isReady: () => Promise<boolean>,
  ): Promise<Daemon> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const daemon = new Daemon(child)
    const deadline = Date.now() + READY_MS
    while (!(await isReady().catch(() => false))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await daemon.stop()
        throw new Error(`${program} does not answer: ${daemon.#log}`)
      }
      await sleep(50)
    }
    return daemon
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const stubborn = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    await exited
    clearTimeout(stubborn)
  }
}

/** Where a cgroup lies: in each hierarchy of v1 and the v2 tree beside them, or in the only one. */
export function cgroupDirectories(path: string): string[] {
  const root = '/sys/fs/cgroup'
  const hierarchies = existsSync(`${root}/cgroup.controllers`)
    ? [root]
    : readdirSync(root).map((name) => join(root, name))
  return hierarchies.map((each) => join(each, path)).filter((each) => existsSync(each))
}

/** Removes a cgroup and those below it, all without processes. */
export function removeCgroups(path: string): void {
  for (const directory of cgroupDirectories(path)) removeTree(directory)
}

function removeTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(directory, entry.name))
  }
  try {
    rmdirSync(directory)
  } catch {
    // A process of it is still ending; what is left is empty and goes with the next run.
  }
}
