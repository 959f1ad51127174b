/**
 * What a Container Runtime Interface, of containerd or CRI-O, says of pods and their containers.
 * Source: k8s.io/cri-api/pkg/apis/runtime/v1/api.proto
 */
import { limits } from '../../catalog/limit.ts'
import { MalformedMessage } from '../../wire/protobuf.ts'
import type { Identity } from '../cgroup/identity.ts'
import {
  type CriContainer,
  type CriImage,
  type CriSandbox,
  readCriContainers,
  readCriImages,
  readCriSandboxes,
} from './cri-messages.ts'
import {
  allowed,
  type Answer,
  clean,
  CONTAINER_ID,
  type ContainerFacts,
  ofKubernetes,
  type PodFacts,
} from './facts.ts'
import { type GrpcClient, GrpcRefused, openGrpc, UNIMPLEMENTED } from './grpc.ts'
import { findSocket, type NotAsked, type Source, SourceRefused } from './source.ts'

/** containerd before 1.6 and CRI-O before 1.23 know the older one alone. */
const VERSIONS = ['v1', 'v1alpha2'] as const

const CONTAINER_STATES = ['created', 'running', 'exited', 'unknown']
const SANDBOX_STATES = ['running', 'exited']

/** A container's image is often told by its id, which is no name that a person knows. */
const IMAGE_ID = /^(?:sha256:)?([0-9a-f]{64})$/

const NO_REQUEST = Buffer.alloc(0)

export interface CriAnswer {
  readonly containers: readonly CriContainer[]
  readonly sandboxes: readonly CriSandbox[]
  /** By the id, without `sha256:`. */
  readonly images: ReadonlyMap<string, string>
}

export class CriSource implements Source {
  readonly name = 'cri'
  readonly #sockets: readonly string[]
  readonly #labels: readonly string[]
  #images = new Map<string, string>()

  constructor(sockets: readonly string[], labels: readonly string[]) {
    this.#sockets = sockets
    this.#labels = labels
  }

  /** What lies in a pod and is not Docker's, and what containerd made for others. */
  knows = ({ runtime }: Identity): boolean =>
    runtime === 'containerd' || runtime === 'cri-o' || runtime === 'cgroup'

  async ask(signal: AbortSignal): Promise<Answer | NotAsked> {
    const sockets = this.#sockets.flatMap((path) => findSocket([path]) ?? [])
    const containers = new Map<string, ContainerFacts>()
    const pods = new Map<string, PodFacts>()
    let served = false
    for (const socket of sockets) {
      const answer = await this.#askOne(socket, signal)
      if (answer === undefined) continue
      served = true
      addFacts(answer, this.#labels, containers, pods)
    }
    if (served) return { containers, pods }
    return sockets.length === 0
      ? {
          reason: `no socket at ${this.#sockets.join(', ')}`,
          cure: 'give --identity.cri-socket, or say --no-identity.cri',
        }
      : {
          reason: `${sockets.join(', ')} serves no Container Runtime Interface`,
          cure: 'take `cri` out of disabled_plugins of containerd, or say --no-identity.cri',
        }
  }

  /** Undefined where it serves no such interface. */
  async #askOne(socket: string, signal: AbortSignal): Promise<CriAnswer | undefined> {
    const client = openGrpc(socket, signal)
    try {
      for (const version of VERSIONS) {
        try {
          return await this.#list(client, version)
        } catch (error) {
          if (!(error instanceof GrpcRefused) || error.status !== UNIMPLEMENTED) throw error
        }
      }
      return undefined
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      throw new SourceRefused(
        `${socket} answers with a malformed message at byte ${error.offset}`,
        'see what listens there',
        { cause: error },
      )
    } finally {
      client.close()
    }
  }

  async #list(client: GrpcClient, version: string): Promise<CriAnswer> {
    const most = limits.cgroups.value
    const call = (service: string, method: string) =>
      client.call(`/runtime.${version}.${service}/${method}`, NO_REQUEST)
    const sandboxes = readCriSandboxes(await call('RuntimeService', 'ListPodSandbox'), most)
    const containers = readCriContainers(await call('RuntimeService', 'ListContainers'), most)
    const unnamed = containers.some(({ image }) => {
      const id = IMAGE_ID.exec(image)?.[1]
      return id !== undefined && !this.#images.has(id)
    })
    if (unnamed) {
      this.#images = namesOf(readCriImages(await call('ImageService', 'ListImages'), most))
    }
    return { containers, sandboxes, images: this.#images }
  }
}

function namesOf(images: readonly CriImage[]): Map<string, string> {
  return new Map(
    images.flatMap(({ id, tags, digests }) => {
      const bare = IMAGE_ID.exec(id)?.[1]
      const name = tags[0] ?? digests[0]
      return bare === undefined || name === undefined ? [] : [[bare, name] as const]
    }),
  )
}

function addFacts(
  { containers, sandboxes, images }: CriAnswer,
  labelNames: readonly string[],
  into: Map<string, ContainerFacts>,
  pods: Map<string, PodFacts>,
): void {
  const bySandbox = new Map(sandboxes.map((sandbox) => [sandbox.id, sandbox] as const))
  for (const sandbox of sandboxes) {
    const place = placeOf(sandbox)
    const state = SANDBOX_STATES[sandbox.state]
    // A pod that was made anew has several: one that lives is the pod.
    const { namespace, pod, podUid } = place
    if (podUid && namespace && pod && (state === 'running' || !pods.has(podUid))) {
      pods.set(podUid, { namespace, pod })
    }
    if (!CONTAINER_ID.test(sandbox.id)) continue
    const labels = allowed(sandbox.labels, labelNames)
    into.set(sandbox.id, { ...place, sandbox: true, state, labels })
  }
  for (const { id, sandboxId, name, image, state, labels } of containers) {
    if (!CONTAINER_ID.test(id)) continue
    const imageId = IMAGE_ID.exec(image)?.[1]
    const sandbox = bySandbox.get(sandboxId)
    into.set(id, {
      ...ofKubernetes(labels),
      ...(sandbox && placeOf(sandbox)),
      container: clean(name),
      image: clean((imageId && images.get(imageId)) || image),
      state: CONTAINER_STATES[state],
      labels: allowed(labels, labelNames),
    })
  }
}

const placeOf = ({ namespace, name, uid }: CriSandbox) => ({
  namespace: clean(namespace),
  pod: clean(name),
  podUid: clean(uid),
})
