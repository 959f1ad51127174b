/**
 * A Docker Engine of the test's own: its data, its socket, its cgroups, no bridge and no rules of a
 * firewall. It is spoken to by its API alone.
 */
import { request } from 'node:http'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, daemonFolder, removeCgroups, removeDaemonFolder } from './daemon.ts'
import { peer } from './list.ts'
import { makeRootfs, tarOf } from './rootfs.ts'

export const IMAGE = 'candor/busybox:1'

export interface DockerContainer {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  /** Of the HostConfig of the API. */
  readonly host?: Readonly<Record<string, unknown>>
}

export class Docker implements AsyncDisposable {
  readonly folder = daemonFolder()
  readonly socket = join(this.folder, 'docker.sock')
  readonly #root = `/candor-docker-${process.pid}`
  /** All of its containers' cgroups lie right below it. */
  readonly cgroup = `${this.#root}/docker`
  #daemon: Daemon | undefined

  /** With an image and no container. */
  static async start(): Promise<Docker> {
    const docker = new Docker()
    await docker.startEngine()
    const rootfs = join(docker.folder, 'rootfs')
    mkdirSync(rootfs)
    makeRootfs(rootfs)
    const [repo, tag] = IMAGE.split(':')
    await docker.#call('POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag}`, tarOf(rootfs))
    return docker
  }

  async startEngine(): Promise<void> {
    const at = (name: string) => join(this.folder, name)
    const args = [
      ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')],
      ['--host', `unix://${this.socket}`, '--bridge=none', '--iptables=false', '--ip6tables=false'],
      ['--storage-driver=vfs', '--exec-opt', 'native.cgroupdriver=cgroupfs'],
      // Containers go on without it, which is how an engine is brought up to date.
      ['--cgroup-parent', this.cgroup, '--live-restore', '--log-level=warn'],
    ]
    const ready = () => this.#call('GET', '/_ping').then(() => true)
    this.#daemon = await Daemon.start(peer('dockerd')!, args.flat(), ready)
  }

  async stopEngine(): Promise<void> {
    await this.#daemon?.stop()
    this.#daemon = undefined
  }

  /** Its full id. */
  async run({
    name,
    labels = {},
    command = ['sleep', '600'],
    host = {},
  }: DockerContainer): Promise<string> {
    const asked = JSON.stringify({
      Image: IMAGE,
      Cmd: command,
      Labels: labels,
      HostConfig: { NetworkMode: 'none', ...host },
    })
    const made = await this.#call('POST', `/containers/create?name=${name}`, Buffer.from(asked))
    const { Id: id } = JSON.parse(made) as { Id: string }
    await this.#call('POST', `/containers/${id}/start`)
    return id
  }

  async restart(name: string): Promise<void> {
    await this.#call('POST', `/containers/${name}/restart?t=0`)
  }

  /** Its first process, as this machine sees it; 0 where it does not run. */
  async pidOf(name: string): Promise<number> {
    const { State } = JSON.parse(await this.#call('GET', `/containers/${name}/json`)) as {
      State: { Pid: number }
    }
    return State.Pid
  }

  async remove(name: string): Promise<void> {
    await this.#call('DELETE', `/containers/${name}?force=1`)
  }

  /** Ends and removes all that it made. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon === undefined) await this.startEngine()
    const listed = JSON.parse(await this.#call('GET', '/containers/json?all=1')) as { Id: string }[]
    for (const { Id: id } of listed) await this.remove(id)
    await this.stopEngine()
    removeCgroups(this.#root)
    removeDaemonFolder(this.folder)
  }

  /** The body of the answer; rejects where that is not of success. */
  #call(method: string, path: string, body?: Buffer): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const type = path.startsWith('/images') ? 'application/x-tar' : 'application/json'
    const headers = body === undefined ? {} : { 'content-type': type }
    const sent = request({ socketPath: this.socket, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        if (response.statusCode! < 300) resolve(text)
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`))
      })
    })
    sent.on('error', reject).end(body)
    return promise
  }
}
