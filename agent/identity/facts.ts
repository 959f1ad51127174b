/** What a runtime, or the kubelet, says of a container beyond its path. Absent means not told. */
import { limits } from '../../catalog/limit.ts'

export interface ContainerFacts {
  /** The runtime's own name for it. */
  readonly name?: string | undefined
  readonly image?: string | undefined
  readonly state?: string | undefined
  readonly namespace?: string | undefined
  readonly pod?: string | undefined
  readonly podUid?: string | undefined
  /** Its name in the pod. */
  readonly container?: string | undefined
  /** It holds the pod's network, and does no work. */
  readonly sandbox?: boolean | undefined
  /** Those that --identity.labels allows. */
  readonly labels?: Readonly<Record<string, string>> | undefined
}

export interface PodFacts {
  readonly namespace: string
  readonly pod: string
}

/** All that one source knows at one time. */
export interface Answer {
  /** By the full id, or by `keyOfUser` where a user's own engine told. */
  readonly containers: ReadonlyMap<string, ContainerFacts>
  /** By the uid. */
  readonly pods: ReadonlyMap<string, PodFacts>
}

/** What a user's own engine tells holds for what runs in that user's slice, and nowhere else. */
export const keyOfUser = (uid: number, id: string): string => `${uid}/${id}`

export const idOfKey = (key: string): string => key.slice(key.indexOf('/') + 1)

const USER_SLICE = /^\/user\.slice\/user-(\d{1,10})\.slice\//

/** Whether a user may have made it. */
export const isOfUser = (path: string): boolean => USER_SLICE.test(path)

/** Under which a container with this path is told of: nobody but its user speaks for a user's. */
export function keyOf(id: string, path: string): string {
  const uid = USER_SLICE.exec(path)?.[1]
  return uid === undefined ? id : keyOfUser(Number(uid), id)
}

export const CONTAINER_ID = /^[0-9a-f]{64}$/

/** A text of somebody else's as a label may hold it; undefined where it says nothing. */
export function clean(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  const most = limits.labelBytes.value
  // A character of UTF-16 is at most three bytes: short texts need no counting.
  if (text.length * 3 <= most) return text.toWellFormed()
  const bytes = Buffer.from(text)
  if (bytes.length <= most) return text.toWellFormed()
  // What was cut inside a character would be read as a sign of its own.
  let end = most
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}

/** The labels of a container that are asked for, by their names. */
export function allowed(
  labels: ReadonlyMap<string, unknown>,
  names: readonly string[],
): Record<string, string> | undefined {
  const found = names.flatMap((name) => {
    const value = clean(labels.get(name))
    return value === undefined ? [] : [[name, value] as const]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** What the kubelet writes on all that it makes, whichever runtime keeps it. */
export function ofKubernetes(labels: ReadonlyMap<string, unknown>): ContainerFacts {
  const label = (name: string) => clean(labels.get(`io.kubernetes.${name}`))
  const pod = label('pod.name')
  if (pod === undefined) return {}
  const container = label('container.name')
  const sandbox = container === 'POD' || label('docker.type') === 'podsandbox'
  return {
    namespace: label('pod.namespace'),
    pod,
    podUid: label('pod.uid'),
    ...(sandbox ? { sandbox } : { container }),
  }
}
