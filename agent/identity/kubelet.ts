/**
 * What the kubelet says of the pods of its machine: their names, and which container is whose.
 * Source: the kubelet's GET /pods, a v1.PodList; k8s.io/api/core/v1/types.go
 */
import { readFileSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import type { Identity } from '../cgroup/identity.ts'
import {
  allowed,
  type Answer,
  clean,
  CONTAINER_ID,
  type ContainerFacts,
  type PodFacts,
} from './facts.ts'
import { getByUrl } from './get.ts'
import { type NotAsked, type Source, SourceRefused } from './source.ts'

const STATUSES = [
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const

/** Of the answer to /pods; what is not as it should be is not told. */
export function readPods(document: unknown, labelNames: readonly string[]): Answer {
  const { items } = recordOf(document)
  if (!Array.isArray(items)) {
    throw new SourceRefused('the answer is no list of pods', 'give the URL of /pods of a kubelet')
  }
  const containers = new Map<string, ContainerFacts>()
  const pods = new Map<string, PodFacts>()
  for (const item of items.slice(0, limits.cgroups.value) as unknown[]) {
    const { metadata, status } = recordOf(item)
    const { name, namespace: space, uid, labels: podLabels } = recordOf(metadata)
    const [pod, namespace, podUid] = [clean(name), clean(space), clean(uid)]
    if (pod === undefined || namespace === undefined) continue
    if (podUid !== undefined) pods.set(podUid, { namespace, pod })
    // Containers have no labels of their own: those of the pod are theirs.
    const labels = allowed(new Map(Object.entries(recordOf(podLabels))), labelNames)
    for (const field of STATUSES) {
      const statuses = recordOf(status)[field]
      for (const each of Array.isArray(statuses) ? (statuses as unknown[]) : []) {
        if (containers.size >= limits.cgroups.value) return { containers, pods }
        const { name: container, image, containerID, state } = recordOf(each)
        const id = /^[a-z0-9-]+:\/\/(.+)$/.exec(String(containerID))?.[1]
        if (id === undefined || !CONTAINER_ID.test(id)) continue
        containers.set(id, {
          namespace,
          pod,
          podUid,
          container: clean(container),
          image: clean(image),
          state: clean(Object.keys(recordOf(state))[0]),
          labels,
        })
      }
    }
  }
  return { containers, pods }
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

export interface KubeletOptions {
  /** Undefined where there is no kubelet to ask. */
  readonly url: string | undefined
  readonly tokenFile: string
  readonly caFile: string
  readonly skipVerify: boolean
  readonly labels: readonly string[]
}

export class KubeletSource implements Source {
  readonly name = 'kubelet'
  readonly #options: KubeletOptions

  constructor(options: KubeletOptions) {
    this.#options = options
  }

  knows = ({ podUid }: Identity): boolean => podUid !== ''

  /** Token and authority are read each time: the token of a service account lives an hour. */
  async ask(signal: AbortSignal): Promise<Answer | NotAsked> {
    const { url, tokenFile, caFile, skipVerify, labels } = this.#options
    if (url === undefined) {
      return {
        reason: 'no kubelet is known',
        cure: 'give --identity.kubelet-url, such as https://127.0.0.1:10250/pods, where no runtime answers',
      }
    }
    const trust = {
      ca: readIfThere(caFile),
      token: readIfThere(tokenFile)?.toString('latin1').trim(),
      skipVerify,
    }
    return readPods(await getByUrl(new URL(url), trust, signal), labels)
  }
}

/** Undefined where there is no such file. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new SourceRefused(`${path} cannot be read`, 'let the agent read it', { cause: error })
  }
}
