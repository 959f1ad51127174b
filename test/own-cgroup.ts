/**
 * A cgroup of the test's own below the existing v1 roots, or below the v2 root where that is mounted.
 * Everything lives in one sub-tree `candor-test-<pid>…` that is removed at the end; no other cgroup is
 * touched. v2 needs the controllers enabled at the root, as every system that uses them has.
 */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'
/** Controllers whose hierarchies hold the figures that we read. */
const CONTROLLERS = ['memory', 'cpu', 'cpuacct', 'pids', 'blkio'] as const

/** Which hierarchy limits can be set in; undefined where there is none. */
export function cgroupVersion(): 'v1' | 'v2' | undefined {
  if (existsSync(`${ROOT}/memory/memory.limit_in_bytes`)) return 'v1'
  const enabled = `${ROOT}/cgroup.subtree_control`
  if (!existsSync(enabled)) return undefined
  const controllers = readFileSync(enabled, 'utf8').trim().split(' ')
  return ['cpu', 'memory', 'pids'].every((name) => controllers.includes(name)) ? 'v2' : undefined
}

let made = 0

export class OwnCgroup {
  /** Path below the hierarchies' roots, as agents report it. */
  readonly path: string
  readonly #directories: string[]
  readonly #version: 'v1' | 'v2'
  readonly #children: ChildProcess[] = []

  constructor(parent?: OwnCgroup) {
    const version = cgroupVersion()
    if (version === undefined) throw new Error('no cgroup hierarchy is mounted')
    this.#version = version
    this.path = `${parent?.path ?? ''}/candor-test-${process.pid}-${made++}`
    const roots = version === 'v2' ? [ROOT] : CONTROLLERS.map((name) => `${ROOT}/${name}`)
    this.#directories = roots.filter((root) => existsSync(root)).map((root) => root + this.path)
    for (const directory of this.#directories) mkdirSync(directory)
  }

  /** Directory in the hierarchy of one controller. */
  directory(controller: (typeof CONTROLLERS)[number]): string {
    return this.#version === 'v2'
      ? this.#directories[0]!
      : this.#directories[CONTROLLERS.indexOf(controller)]!
  }

  limitMemory(bytes: number): this {
    const file = this.#version === 'v2' ? 'memory.max' : 'memory.limit_in_bytes'
    writeFileSync(`${this.directory('memory')}/${file}`, String(bytes))
    return this
  }

  limitCpu(cores: number): this {
    const quota = String(Math.round(cores * 100_000))
    if (this.#version === 'v2') writeFileSync(`${this.directory('cpu')}/cpu.max`, `${quota} 100000`)
    else writeFileSync(`${this.directory('cpu')}/cpu.cfs_quota_us`, quota)
    return this
  }

  /** On a machine with both, the tree of v2 too, for what is started from now on: it alone has pressure. */
  countPressure(): this {
    const directory = `${ROOT}/unified${this.path}`
    if (this.#version === 'v1' && existsSync(`${ROOT}/unified/cgroup.pressure`)) {
      mkdirSync(directory)
      this.#directories.push(directory)
    }
    return this
  }

  /** Starts a program that is inside from its first instruction, as a runtime would start it. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const enter = this.#directories.map((each) => `echo $$ > '${each}/cgroup.procs'`).join(' && ')
    const child = spawn('/bin/sh', ['-c', `${enter} && exec "$0" "$@"`, command, ...args], {
      stdio: 'ignore',
      ...options,
    })
    this.#children.push(child)
    return child
  }

  pids(): readonly number[] {
    return readFileSync(`${this.directory('memory')}/cgroup.procs`, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number)
  }

  /** Ends the processes that were started here and removes the cgroup. */
  async remove(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    for (const directory of this.#directories) {
      for (let attempt = 0; existsSync(directory); attempt++) {
        try {
          rmdirSync(directory)
        } catch (error) {
          // A process that was just killed is charged for a moment longer.
          if (attempt >= 100) throw error
          await wait(20)
        }
      }
    }
  }
}
