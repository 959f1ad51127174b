/**
 * A containerd of the test's own with its Container Runtime Interface, as the kubelet drives one: its
 * data, its socket, its cgroups. Pods have the machine's network, which needs no plugin.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import { readCriImages, readCriSandboxes } from '../../agent/identity/cri-messages.ts'
import { openGrpc } from '../../agent/identity/grpc.ts'
import { LENGTH, Reader, tag, Writer } from '../../wire/protobuf.ts'
import { Daemon, daemonFolder, removeCgroups, removeDaemonFolder } from './daemon.ts'
import { peer } from './list.ts'
import { makeRootfs, tarOf } from './rootfs.ts'

const SERVICE = '/runtime.v1.RuntimeService'
export const CRI_IMAGE = 'docker.io/candor/busybox:1'
const PAUSE = 'docker.io/candor/pause:1'
/** The machine's own, in a NamespaceOption. */
const NODE = 2

export interface Pod {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly labels?: Readonly<Record<string, string>>
}

export class Containerd implements AsyncDisposable {
  readonly #folder = daemonFolder()
  readonly socket = join(this.#folder, 'containerd.sock')
  readonly #root = `/candor-cri-${process.pid}`
  #daemon: Daemon | undefined

  static async start(): Promise<Containerd> {
    const containerd = new Containerd()
    await containerd.startDaemon()
    const rootfs = join(containerd.#folder, 'rootfs')
    mkdirSync(rootfs)
    makeRootfs(rootfs)
    const archive = join(containerd.#folder, 'image.tar')
    writeFileSync(archive, imageOf(join(containerd.#folder, 'image'), tarOf(rootfs)))
    containerd.ctr('--namespace', 'k8s.io', 'images', 'import', '--snapshotter=native', archive)
    return containerd
  }

  async startDaemon(): Promise<void> {
    const config = join(this.#folder, 'config.toml')
    writeFileSync(config, this.#config())
    // The interface is served some time after the socket: plugins start one after the other.
    const ready = () => this.call('Status', new Writer()).then(() => true)
    this.#daemon = await Daemon.start(peer('containerd')!, ['--config', config], ready)
  }

  async stopDaemon(): Promise<void> {
    await this.#daemon?.stop()
    this.#daemon = undefined
  }

  /** Where the kubelet's driver of plain cgroups puts what belongs to a pod. */
  cgroupOf({ uid }: Pod): string {
    return `${this.#root}/kubepods/burstable/pod${uid}`
  }

  ctr(...args: readonly string[]): string {
    return execFileSync(peer('containerd')!.replace(/containerd$/, 'ctr'), [
      '--address',
      this.socket,
      ...args,
    ]).toString()
  }

  /** Its id. */
  async runPod(pod: Pod): Promise<string> {
    const request = new Writer()
    this.#writePod(request, 1, pod)
    return firstText(await this.call('RunPodSandbox', request))
  }

  /** The id of a container that runs; its image is given by id, as the kubelet does. */
  async runContainer(pod: Pod, sandbox: string, name: string): Promise<string> {
    const request = new Writer()
    request.textField(1, sandbox)
    const config = request.begin(2)
    const metadata = request.begin(1)
    request.textField(1, name)
    request.end(metadata)
    const image = request.begin(2)
    request.textField(1, await this.#imageId())
    request.end(image)
    for (const word of ['sleep', '600']) request.textField(3, word)
    const labels = {
      'io.kubernetes.container.name': name,
      'io.kubernetes.pod.name': pod.name,
      'io.kubernetes.pod.namespace': pod.namespace,
      'io.kubernetes.pod.uid': pod.uid,
    }
    writeMap(request, 9, labels)
    request.end(config)
    this.#writePod(request, 3, pod)
    const id = firstText(await this.call('CreateContainer', request))
    const start = new Writer()
    start.textField(1, id)
    await this.call('StartContainer', start)
    return id
  }

  async removePod(sandbox: string): Promise<void> {
    for (const method of ['StopPodSandbox', 'RemovePodSandbox']) {
      const request = new Writer()
      request.textField(1, sandbox)
      await this.call(method, request)
    }
  }

  async call(method: string, request: Writer, service = SERVICE): Promise<Buffer> {
    const client = openGrpc(this.socket, AbortSignal.timeout(30_000))
    try {
      return await client.call(`${service}/${method}`, request.take())
    } finally {
      client.close()
    }
  }

  /** Ends and removes all that it made. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon === undefined) await this.startDaemon()
    const sandboxes = readCriSandboxes(await this.call('ListPodSandbox', new Writer()), 1_000)
    for (const { id } of sandboxes) await this.removePod(id)
    await this.stopDaemon()
    removeCgroups(this.#root)
    removeDaemonFolder(this.#folder)
  }

  async #imageId(): Promise<string> {
    const body = await this.call('ListImages', new Writer(), '/runtime.v1.ImageService')
    return readCriImages(body, 1_000).find(({ tags }) => tags.includes(CRI_IMAGE))!.id
  }

  #writePod(request: Writer, field: number, pod: Pod): void {
    const config = request.begin(field)
    const metadata = request.begin(1)
    request.textField(1, pod.name)
    request.textField(2, pod.uid)
    request.textField(3, pod.namespace)
    request.end(metadata)
    request.textField(3, join(this.#folder, 'logs'))
    writeMap(request, 6, pod.labels ?? {})
    const linux = request.begin(8)
    request.textField(1, this.cgroupOf(pod))
    const security = request.begin(2)
    const namespaces = request.begin(1)
    request.varintField(1, NODE)
    request.end(namespaces)
    request.end(security)
    request.end(linux)
    request.end(config)
  }

  #config(): string {
    const at = (name: string) => JSON.stringify(join(this.#folder, name))
    return `
version = 2
root = ${at('root')}
state = ${at('state')}
[grpc]
  address = ${JSON.stringify(this.socket)}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "native"
[plugins."io.containerd.grpc.v1.cri".cni]
  conf_dir = ${at('cni')}
[plugins."io.containerd.internal.v1.opt"]
  path = ${at('opt')}
`
  }
}

function writeMap(request: Writer, field: number, map: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(map)) {
    const entry = request.begin(field)
    request.textField(1, key)
    request.textField(2, value)
    request.end(entry)
  }
}

/** Field 1 of an answer. */
function firstText(body: Buffer): string {
  const reader = new Reader(body)
  while (reader.position < body.length) {
    const field = reader.tag(body.length)
    if (field === tag(1, LENGTH)) return reader.text(body.length)
    reader.skip(field, body.length)
  }
  return ''
}

/** An archive as `docker save` makes one, of one layer and both names. */
function imageOf(folder: string, layer: Buffer): Buffer {
  mkdirSync(folder)
  const config = {
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    os: 'linux',
    config: { Cmd: ['/bin/sleep', '600'] },
    rootfs: {
      type: 'layers',
      diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`],
    },
  }
  const manifest = [{ Config: 'config.json', RepoTags: [CRI_IMAGE, PAUSE], Layers: ['layer.tar'] }]
  writeFileSync(join(folder, 'layer.tar'), layer)
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  return tarOf(folder)
}
