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
  teller: Claim
  /** Comes before the teller, and takes over when that is read next: so none is told twice. */
  heir: Claim | undefined
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
    const namespace = this.#namespaces.get(inode)
    if (namespace === undefined) {
      this.#namespaces.set(inode, { claims: new Set([claim]), teller: claim, heir: undefined })
      claim.tells = true
      return
    }
    const { claims, teller, heir } = namespace
    claims.add(claim)
    if (comesBefore(claim, heir ?? teller)) namespace.heir = claim
  }

  /** To be called when the entity of a claim is another. */
  reconsider(inode: number): void {
    const namespace = this.#namespaces.get(inode)
    if (namespace === undefined) return
    const first = firstOf(namespace.claims)
    namespace.heir = first === namespace.teller ? undefined : first
  }

  /** To be asked by a teller before it tells: whether another is to tell from now on. */
  yields(inode: number): boolean {
    const namespace = this.#namespaces.get(inode)
    if (namespace?.heir === undefined) return false
    namespace.teller.tells = false
    appoint(namespace, namespace.heir)
    return true
  }

  leave(inode: number, claim: Claim): void {
    const namespace = this.#namespaces.get(inode)
    if (namespace === undefined || !namespace.claims.delete(claim)) return
    claim.tells = false
    const first = firstOf(namespace.claims)
    if (first === undefined) this.#namespaces.delete(inode)
    else if (namespace.teller === claim) appoint(namespace, first)
    else this.reconsider(inode)
  }
}

function appoint(namespace: Namespace, claim: Claim): void {
  namespace.teller = claim
  namespace.heir = undefined
  claim.tells = true
}

function firstOf(claims: ReadonlySet<Claim>): Claim | undefined {
  let first: Claim | undefined
  for (const claim of claims) if (first === undefined || comesBefore(claim, first)) first = claim
  return first
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
  if (attributes['candor.cgroup.level'] !== 'container') return 2
  // Of all in a pod, only its sandbox is no container of it.
  const isSandbox = 'k8s.pod.uid' in attributes && !('k8s.container.name' in attributes)
  return isSandbox ? 0 : 1
}
