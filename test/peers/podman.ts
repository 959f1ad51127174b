/** A podman with storage, socket and cgroups of the test's own. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Daemon, daemonFolder, left, removeCgroups, removeDaemonFolder } from './daemon.ts'
import { peer } from './list.ts'
import { makeRootfs } from './rootfs.ts'

/** podman keeps its locks there, whatever its directories are. */
const LOCKS = '/dev/shm/libpod_lock'

export class Podman implements AsyncDisposable {
  readonly #folder = daemonFolder()
  readonly #hadLocks = existsSync(LOCKS)
  readonly #root = `/candor-podman-${process.pid}`
  readonly cgroup = `${this.#root}/libpod_parent`
  #daemon: Daemon | undefined

  /** With a service at a socket; its containers need none. */
  static async start(socket?: string): Promise<Podman> {
    const podman = new Podman()
    makeRootfs(join(podman.#folder, 'rootfs'))
    const path = socket ?? podman.socket
    mkdirSync(join(path, '..'), { recursive: true })
    podman.#daemon = await Daemon.start(
      peer('podman')!,
      [...podman.#flags(), 'system', 'service', '--time=0', `unix://${path}`],
      () => answers(path),
    )
    return podman
  }

  get socket(): string {
    return join(this.#folder, 'podman.sock')
  }

  /** Its full id. */
  run(name: string, labels: Readonly<Record<string, string>> = {}): string {
    const asked = Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`)
    // Without limits of its own it asks for more than a machine may grant.
    const ulimits = ['--ulimit=nofile=4096:4096', '--ulimit=nproc=4096:4096']
    return this.#podman(
      'run',
      '--detach',
      `--name=${name}`,
      '--network=none',
      ...ulimits,
      ...asked,
      `--cgroup-parent=${this.cgroup}`,
      '--rootfs',
      join(this.#folder, 'rootfs'),
      'sleep',
      '600',
    ).trim()
  }

  remove(name: string): void {
    this.#podman('rm', '--force', '--time=0', name)
  }

  async stopService(): Promise<void> {
    await this.#daemon?.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#podman('rm', '--force', '--time=0', '--all')
    await this.stopService()
    await left(this.#folder)
    removeCgroups(this.#root)
    removeDaemonFolder(this.#folder)
    if (!this.#hadLocks) rmSync(LOCKS, { force: true })
  }

  #flags(): string[] {
    const at = (name: string) => join(this.#folder, name)
    const place = [`--root=${at('storage')}`, `--runroot=${at('run')}`, `--tmpdir=${at('tmp')}`]
    const ways = ['--cgroup-manager=cgroupfs', '--storage-driver=vfs', '--events-backend=file']
    return [...place, ...ways, `--runtime=${peer('runc')!}`]
  }

  #podman(...args: readonly string[]): string {
    return execFileSync(peer('podman')!, [...this.#flags(), ...args], { stdio: 'pipe' }).toString()
  }
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const connection = connect(path)
  connection.once('connect', () => resolve(true)).once('error', () => resolve(false))
  return promise.finally(() => connection.destroy())
}
