/** Real JVMs: the java of the peers, and a newer one where this machine has it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Apart } from '../../../../agent/apart/apart.ts'
import { Runtimes } from '../../../../agent/runtime/runtimes.ts'
import { columnOf } from '../../../../catalog/tables.ts'
import { runtime } from '../../../../catalog/tables/runtime.ts'
import { silentLog } from '../../../../settings/log.ts'
import type { Row } from '../../../../wire/sample.ts'

const NEWER = '/usr/lib/jvm/temurin-25-jdk-amd64/bin/java'
export const javas: readonly string[] = existsSync(NEWER) ? ['java', NEWER] : ['java']

/**
 * Makes garbage among live data, by code worth compiling, for as many seconds as its argument says, collects once and rests.
 * What it prints tells that it rests.
 */
const PROGRAM = `
public class Work {
  static Object[] live = new Object[1 << 12];
  public static void main(String[] args) throws Exception {
    double seconds = Double.parseDouble(args[0]);
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int i = 0; System.nanoTime() < end; i++) {
      live[i & (live.length - 1)] = new byte[1 << 12];
      if (i % 64 == 0) live[0] = String.format("%d %s %f", i, args[0], seconds).split(" ");
    }
    if (seconds > 0) System.gc();
    System.out.println("ready");
    Thread.sleep(600_000);
  }
}
`

interface Start {
  /** Of work before it rests. */
  readonly seconds?: number
  /** Put before the command. */
  readonly before?: readonly string[]
  /** Where the JVM finds the program. */
  readonly folder?: string
}

export class Javas {
  readonly folder = mkdtempSync(join(tmpdir(), 'candor-java-'))
  readonly #children: ChildProcess[] = []

  constructor() {
    // JVMs of other users run the program too.
    chmodSync(this.folder, 0o755)
    writeFileSync(join(this.folder, 'Work.java'), PROGRAM)
    execFileSync('javac', ['--release', '17', '-d', this.folder, join(this.folder, 'Work.java')])
  }

  /** Resolves with the pid when the program rests. */
  async start(
    java: string,
    flags: readonly string[],
    { seconds = 0, before = [], folder = this.folder }: Start = {},
  ): Promise<number> {
    const words = [...before, java, ...flags, '-cp', folder, 'Work', String(seconds), 's3cret']
    const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#children.push(child)
    let printed = ''
    const ready = async () => {
      for await (const data of child.stdout) {
        printed += String(data)
        if (printed.includes('ready')) return
      }
      throw new Error(`java ${flags.join(' ')} ended: ${printed}`)
    }
    await ready()
    return child.pid!
  }

  async stop(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      // One that was killed leaves the socket behind by which it was asked.
      rmSync(`/tmp/.java_pid${child.pid}`, { force: true })
    }
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true })
  }
}

/** All runtimes of this machine; `apart` reads the memory of JVMs. */
export function openRuntimes(apart?: Apart): Runtimes {
  const [, btime] = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))!
  return new Runtimes({
    procfs: '/proc',
    machine: () => ({ kind: 'machine', attributes: { 'host.id': 'cafe', 'host.name': 'n' } }),
    bootTimeMs: () => Number(btime) * 1_000,
    containerOf: () => undefined,
    log: silentLog(),
    ...(apart && { apart }),
  })
}

export const rowOf = (rows: readonly Row[], pid: number): Row =>
  rows.find(
    ({ table, entity }) => table === runtime && entity.attributes['process.pid'] === String(pid),
  )!

export const figure = (row: Row, column: string): number => row.values[columnOf(runtime, column)]!

/** The child of a process, for programs that start theirs in another namespace. */
export function childOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')
  return Number(children[0])
}
