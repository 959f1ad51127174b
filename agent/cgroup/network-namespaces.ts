/**
 * Which container tells of which network. The containers of a pod share one, and it must be told
 * once; and what runs in the machine's own network has none of its own.
 *
 * A network namespace is known by the inode of its `net/dev`: each namespace has a tree of /proc/net
 * of its own. Unlike /proc/PID/ns/net, it may be looked at without the right to trace the process.
 */
import type { Entity } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'

/** A cgroup that has processes in a network of its own. */
export interface Claim {
  readonly entity: Entity
  /** Set here: whether it is the one to tell of that network. */
  tells: boolean
}

interface Namespace {
  readonly claims: Set<Claim>
  teller: Claim | undefined
}

export class NetworkNamespaces {
  readonly #files: KernelFiles
  readonly #namespaces = new Map<number, Namespace>()
  #host: number | undefined

  constructor(files: KernelFiles) {
    this.#files = files
  }

  /** Of a process; undefined where it is gone or hidden. */
  inodeOf(pid: number): number | undefined {
    return this.#files.stat(`${this.#files.paths.procfs}/${pid}/net/dev`)?.ino
  }

  /** Undefined where the machine's own network is not known. */
  isHost(inode: number): boolean | undefined {
    this.#host ??= this.#lookAtHost()
    return this.#host === undefined ? undefined : inode === this.#host
  }

  #lookAtHost(): number | undefined {
    const { procfs } = this.#files.paths
    // With another machine's /proc, our own network says nothing of that machine.
    return (
      this.inodeOf(1) ??
      (procfs === '/proc' ? this.#files.stat('/proc/self/net/dev')?.ino : undefined)
    )
  }

  claim(inode: number, claim: Claim): void {
    let namespace = this.#namespaces.get(inode)
    if (namespace === undefined) {
      namespace = { claims: new Set(), teller: undefined }
      this.#namespaces.set(inode, namespace)
    }
    namespace.claims.add(claim)
    if (namespace.teller === undefined || comesBefore(claim, namespace.teller)) {
      appoint(namespace, claim)
    }
  }

  /** To be called before the entity of a claim changes too, with `claim` after it. */
  leave(inode: number, claim: Claim): void {
    const namespace = this.#namespaces.get(inode)
    if (namespace === undefined || !namespace.claims.delete(claim)) return
    claim.tells = false
    if (namespace.claims.size === 0) this.#namespaces.delete(inode)
    if (namespace.teller !== claim) return
    let first: Claim | undefined
    for (const other of namespace.claims) {
      if (first === undefined || comesBefore(other, first)) first = other
    }
    appoint(namespace, first)
  }
}

function appoint(namespace: Namespace, claim: Claim | undefined): void {
  if (namespace.teller !== undefined) namespace.teller.tells = false
  namespace.teller = claim
  if (claim !== undefined) claim.tells = true
}

/** The sandbox of a pod, then containers before their parts, then the oldest. */
function comesBefore(a: Claim, b: Claim): boolean {
  const rank = rankOf(a.entity) - rankOf(b.entity)
  if (rank !== 0) return rank < 0
  const made = (a.entity.startMs ?? Infinity) - (b.entity.startMs ?? Infinity)
  return made === 0 || Number.isNaN(made) ? pathOf(a.entity) < pathOf(b.entity) : made < 0
}

const pathOf = ({ attributes }: Entity): string => attributes['candor.cgroup.path'] ?? ''

function rankOf({ attributes }: Entity): number {
  if (attributes['k8s.container.name'] === 'POD') return 0
  return attributes['candor.cgroup.level'] === 'container' ? 1 : 2
}
