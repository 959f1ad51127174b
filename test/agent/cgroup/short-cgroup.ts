/** Cgroups as a container engine makes and removes them: in all hierarchies, one after the other. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'
const V1 = ['memory', 'cpu', 'cpuacct', 'pids'] as const
const NANOSECONDS = 1e9

export const isHybrid = (): boolean => existsSync(`${ROOT}/unified/cgroup.controllers`)

export type Kind = 'v1' | 'hybrid' | 'v2'

/** `v1` leaves the v2 tree of a hybrid machine out, as an engine does on a machine without one. */
const TREES: Readonly<Record<Kind, readonly string[]>> = {
  v1: V1,
  hybrid: [...V1, 'unified'],
  v2: ['.'],
}

export class ShortCgroup {
  readonly path: string
  readonly #kind: Kind
  readonly #directories: readonly string[]

  constructor(path: string, kind: Kind) {
    this.path = path
    this.#kind = kind
    this.#directories = TREES[kind].map((tree) => `${ROOT}/${tree}${path}`)
    for (const directory of this.#directories) mkdirSync(directory)
  }

  /** Runs a shell's commands inside, to their end. */
  async run(commands: string): Promise<void> {
    const enter = this.#directories.map((each) => `echo $$ > '${each}/cgroup.procs'`).join(' && ')
    const child = spawn('/bin/sh', ['-c', `${enter} && exec /bin/sh -c "$0"`, commands], {
      stdio: 'ignore',
    })
    await once(child, 'exit')
  }

  get cpuSeconds(): number {
    if (this.#kind === 'v2') {
      const stat = readFileSync(`${ROOT}${this.path}/cpu.stat`, 'utf8')
      return Number(/^usage_usec (\d+)/m.exec(stat)![1]) / 1e6
    }
    return Number(readFileSync(`${ROOT}/cpuacct${this.path}/cpuacct.usage`, 'utf8')) / NANOSECONDS
  }

  async remove(): Promise<void> {
    for (const directory of this.#directories) {
      for (let attempt = 0; existsSync(directory); attempt += 1) {
        try {
          rmdirSync(directory)
        } catch (error) {
          // A process that just ended is charged for a moment longer.
          if (attempt >= 200) throw error
          await wait(10)
        }
      }
    }
  }
}

/** Uses a processor for this long, and little else. */
export const busyFor = (seconds: number): string => `timeout ${seconds} sh -c 'while :; do :; done'`
