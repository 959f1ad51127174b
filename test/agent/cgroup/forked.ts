/** A v2 machine below a folder, and a process of its own that follows its cgroups. */
import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { folder, write } from '../fixture.ts'
import type { Asked, Followed } from './follower.ts'

const FOLLOWER = new URL('./follower.ts', import.meta.url).pathname
/** What is told between passes is dealt with in this time, however busy the machine is. */
const DEALT_WITH_MS = 300

/** Files of a cgroup in which nothing runs. */
export const cgroupFiles = (path: string) => ({
  [`${path}/cgroup.procs`]: '',
  [`${path}/cgroup.events`]: 'populated 1\nfrozen 0\n',
  [`${path}/cpu.stat`]: 'usage_usec 100\nuser_usec 50\nsystem_usec 50\n',
  [`${path}/memory.current`]: '4096\n',
})

export class Forked {
  readonly cgroupfs: string
  readonly #child: ReturnType<typeof spawn>
  #stderr = ''

  private constructor(root: string, limits: string, options: SpawnOptions) {
    this.cgroupfs = `${root}/sys/fs/cgroup`
    this.#child = spawn(
      '/bin/sh',
      ['-c', `${limits} exec "$0" "$@"`, process.execPath, FOLLOWER, root],
      { ...options, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    )
    this.#child.stderr!.on('data', (text) => (this.#stderr += String(text)))
    onTestFinished(() => {
      this.#child.kill('SIGKILL')
    })
  }

  /** `paths` are cgroups that are there when it starts; `limits` are commands of a shell. */
  static async start(
    paths: readonly string[],
    { limits = '', ...options }: SpawnOptions & { readonly limits?: string },
  ): Promise<Forked> {
    const root = folder()
    chmodSync(root, 0o755)
    write(root, { 'proc/stat': 'btime 1700000000\n' })
    const forked = new Forked(root, limits, options)
    write(forked.cgroupfs, {
      'cgroup.controllers': 'cpu memory\n',
      'cgroup.stat': `nr_descendants ${paths.length}\n`,
      ...Object.assign({}, ...paths.map(cgroupFiles)),
    })
    await forked.#answer()
    return forked
  }

  async pass(passMs: number): Promise<Followed> {
    return (await this.ask({ passMs })) as Followed
  }

  async ask(asked: Asked): Promise<unknown> {
    this.#child.send(asked)
    return this.#answer()
  }

  /** Waits until what the kernel told was dealt with. */
  async settled(): Promise<void> {
    await wait(DEALT_WITH_MS)
  }

  async #answer(): Promise<unknown> {
    const ended = once(this.#child, 'close').then(([code, signal]) => {
      throw new Error(`it ended with ${code ?? signal}: ${this.#stderr}`)
    })
    const [answer] = (await Promise.race([once(this.#child, 'message'), ended])) as [unknown]
    return answer
  }
}
