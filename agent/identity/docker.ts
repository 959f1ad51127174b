/**
 * What Docker Engine and podman, which speaks its API, say of their running containers.
 * Source: https://docs.docker.com/reference/api/engine/ GET /containers/json
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../../catalog/limit.ts'
import type { Identity } from '../cgroup/identity.ts'
import {
  allowed,
  type Answer,
  clean,
  CONTAINER_ID,
  type ContainerFacts,
  idOfKey,
  keyOfUser,
  ofKubernetes,
} from './facts.ts'
import { followEvents } from './docker-events.ts'
import { getOverSocket } from './get.ts'
import { findSocket, type NotAsked, type Source, SourceRefused } from './source.ts'

/** Of the answer to /containers/json; what is not as it should be is not told. */
export function readContainers(
  document: unknown,
  labelNames: readonly string[],
): Map<string, ContainerFacts> {
  if (!Array.isArray(document)) {
    throw new SourceRefused('the answer is no list of containers', 'see what listens there')
  }
  const containers = new Map<string, ContainerFacts>()
  for (const item of document.slice(0, limits.cgroups.value) as unknown[]) {
    const { Id: id, Names: names, Image: image, State: state, Labels } = recordOf(item)
    if (typeof id !== 'string' || !CONTAINER_ID.test(id)) continue
    const labels = new Map(Object.entries(recordOf(Labels)))
    containers.set(id, {
      ...ofKubernetes(labels),
      name: nameOf(names),
      image: clean(image),
      state: clean(state),
      labels: allowed(labels, labelNames),
    })
  }
  return containers
}

/** `/web` is the name; `/db/web` is what a container that links to it calls it. */
function nameOf(names: unknown): string | undefined {
  if (!Array.isArray(names)) return undefined
  const own = names.find(
    (name) => typeof name === 'string' && name.lastIndexOf('/') <= 0,
  ) as unknown
  return clean(typeof own === 'string' ? own.replace(/^\//, '') : own)
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** An engine that its socket starts answers within it; of `limits.identityAnswerMs` others have the rest. */
const USER_ANSWER_MS = 1_000
const CONTAINERS_PATH = '/containers/json?all=0'

/** Those that have ended too, as long as nobody removed them. */
const pathOfThese = (ids: readonly string[]): string => {
  const filters = JSON.stringify({ id: ids.slice(0, WANTED_MOST) })
  return `/containers/json?all=1&filters=${encodeURIComponent(filters)}`
}
/** Of an address that is not too long. */
const WANTED_MOST = 50

export class DockerSource implements Source {
  readonly name = 'docker'
  readonly #sockets: readonly string[]
  readonly #labels: readonly string[]

  constructor(sockets: readonly string[], labels: readonly string[]) {
    this.#sockets = sockets
    this.#labels = labels
  }

  knows = ({ runtime }: Identity): boolean => runtime === 'docker' || runtime === 'cgroup'

  async ask(signal: AbortSignal, wanted: readonly string[] = []): Promise<Answer | NotAsked> {
    const socket = findSocket(this.#sockets)
    if (socket === undefined) return noSocket(this.#sockets, 'docker')
    const list = async (path: string) =>
      readContainers(await getOverSocket(socket, path, signal), this.#labels)
    const containers = await list(CONTAINERS_PATH)
    const ended = wanted.map(idOfKey).filter((id) => !containers.has(id))
    if (ended.length > 0) {
      for (const [id, facts] of await list(pathOfThese(ended))) containers.set(id, facts)
    }
    return { containers: whose(socket, containers), pods: new Map() }
  }

  async follow(tell: (answer: Answer) => void, signal: AbortSignal): Promise<void> {
    const socket = findSocket(this.#sockets)
    if (socket === undefined) return
    await followEvents(
      socket,
      this.#labels,
      (told) => tell({ containers: whose(socket, new Map([told])), pods: new Map() }),
      signal,
    )
  }
}

/** Each user has an engine, and so a socket, of their own. */
export class PodmanSource implements Source {
  readonly name = 'podman'
  readonly #sockets: readonly string[]
  readonly #labels: readonly string[]
  readonly #users: string
  /** Users whose engine did not answer the last time: they come after all others. */
  readonly #silent = new Set<number>()

  /** `users` is the directory of the users' run-time directories, /run/user. */
  constructor(sockets: readonly string[], labels: readonly string[], users: string) {
    this.#sockets = sockets
    this.#labels = labels
    this.#users = users
  }

  knows = ({ runtime }: Identity): boolean => runtime === 'podman'

  async ask(signal: AbortSignal): Promise<Answer | NotAsked> {
    const system = findSocket(this.#sockets)
    const users = userSockets(this.#users).toSorted(
      (a, b) => Number(this.#silent.has(a.uid)) - Number(this.#silent.has(b.uid)),
    )
    if (system === undefined && users.length === 0) return noSocket(this.#sockets, 'podman')
    const containers = new Map<string, ContainerFacts>()
    let refused: unknown
    // One after the other: a socket may start an engine. A user's that never answers holds up nobody
    // for long.
    for (const { uid, path } of [{ uid: 0, path: system }, ...users]) {
      if (path === undefined) continue
      try {
        const own =
          uid === 0 ? signal : AbortSignal.any([signal, AbortSignal.timeout(USER_ANSWER_MS)])
        const document = await getOverSocket(path, CONTAINERS_PATH, own)
        const found = readContainers(document, this.#labels)
        for (const [key, facts] of uid === 0 ? found : ofUser(uid, found)) {
          containers.set(key, facts)
        }
        this.#silent.delete(uid)
      } catch (error) {
        if (uid !== 0) this.#silent.add(uid)
        refused = error
      }
    }
    // What one engine does not say is no reason to forget what another does.
    if (refused !== undefined && containers.size === 0) throw refused as Error
    return { containers, pods: new Map() }
  }
}

/** Where the socket is a user's, so is the engine that runs without root. */
function whose(
  socket: string,
  containers: ReadonlyMap<string, ContainerFacts>,
): ReadonlyMap<string, ContainerFacts> {
  const uid = statSync(socket, { throwIfNoEntry: false })?.uid ?? 0
  return uid === 0 ? containers : ofUser(uid, containers)
}

const ofUser = (uid: number, containers: ReadonlyMap<string, ContainerFacts>) =>
  new Map(Array.from(containers, ([id, facts]) => [keyOfUser(uid, id), facts] as const))

/** Sockets of the users' own engines, each owned by its user. */
function userSockets(users: string): { uid: number; path: string }[] {
  let names: string[]
  try {
    names = readdirSync(users)
  } catch {
    return []
  }
  return names
    .filter((name) => /^\d{1,10}$/.test(name))
    .slice(0, limits.identityUsers.value)
    .map((name) => ({ uid: Number(name), path: join(users, name, 'podman/podman.sock') }))
    .filter(({ uid, path }) => {
      try {
        const stats = statSync(path, { throwIfNoEntry: false })
        return stats?.isSocket() === true && stats.uid === uid
      } catch {
        return false
      }
    })
}

const noSocket = (paths: readonly string[], name: string): NotAsked => ({
  reason: `no socket at ${paths.join(', ')}`,
  cure: `start the engine's socket, give --identity.${name}-socket, or say --no-identity.${name}`,
})
