/**
 * Which cgroups there are.
 *
 * On v1 a cgroup is a path that exists in one or more controllers' trees; on v2 there is one tree.
 * A directory that was removed and made again under the same path has another inode: it is another
 * cgroup, since its counters began anew.
 *
 * Looking is cheap while nothing changes. A directory's link count tells how many directories it
 * holds, and the kernel counts its cgroups (`cgroup.stat` of the v2 root, `/proc/cgroups` for v1).
 * Each look compares these counts and the link counts of the directories that hold others; only when
 * one differs, or a minute has passed, all directories are visited, and only those whose link count
 * differs are listed.
 *
 * What lies in a directory that its owner closes to this user stays as it was known.
 */
import type { Stats } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import type { KernelFiles } from '../read/files.ts'
import { KernelCounts } from './kernel-counts.ts'
import type { Hierarchy, Layout } from './mode.ts'
import { CgroupNode, countLeftOut, type UnreadCgroup } from './node.ts'
import { HIDDEN, isSeen, lookAt, namesIn, type Seen } from './seen.ts'

/** Visits all directories at least this often: on v1 the counts include cgroups that are dying. */
const VISIT_MS = 60_000

/** Links of a directory that holds none; file systems that do not count links say 1. */
const LINKS_OF_A_LEAF = 2

/** What one look at one name found; parents before children. */
export interface TreeChange {
  readonly came: readonly CgroupNode[]
  readonly went: readonly CgroupNode[]
  /** Whether this user may not look there, so that nothing can be said of it. */
  readonly isHidden: boolean
}

export class CgroupTree {
  readonly #files: KernelFiles
  readonly #hierarchies: readonly Hierarchy[]
  readonly #counts: KernelCounts
  readonly root: CgroupNode
  #size = 0
  #visitedMs = Number.NEGATIVE_INFINITY
  #dirty = true
  /** Nodes that hold others, and the root. */
  #parents: readonly CgroupNode[]
  #recreated = false
  /** All cgroups but the root, parents before children. */
  nodes: readonly CgroupNode[] = []
  /** Directories that exist but are not in `nodes`; the most that any one hierarchy has. */
  unread: ReadonlyMap<UnreadCgroup, number> = new Map()

  constructor(files: KernelFiles, layout: Layout) {
    this.#files = files
    this.#hierarchies = layout.hierarchies
    this.#counts = new KernelCounts(files, layout)
    this.root = new CgroupNode(undefined, '', layout.hierarchies.length, 0)
    this.#parents = [this.root]
  }

  /** Directory of a cgroup in a hierarchy; undefined where it does not exist. */
  directory(node: CgroupNode, hierarchy: number): string | undefined {
    if (node.places[hierarchy] === undefined) return undefined
    const { directory } = this.#hierarchies[hierarchy]!
    return node.parent === undefined ? directory : directory + node.path
  }

  find(path: string): CgroupNode | undefined {
    let node: CgroupNode | undefined = this.root
    for (const name of path.split('/')) {
      if (name !== '') node = node?.children.get(name)
    }
    return node
  }

  /** Makes the next look visit all directories: a cgroup was found to be gone. */
  suspect(): void {
    this.#dirty = true
  }

  /** Whether a cgroup's directory in the first hierarchy is still that one. */
  isThere(node: CgroupNode): boolean {
    const directory = this.directory(node, 0)
    const seen = directory === undefined ? undefined : lookAt(this.#files, directory)
    return isSeen(seen) ? seen.ino === node.places[0]!.inode : seen === HIDDEN
  }

  /**
   * Looks at one name below a cgroup, in all hierarchies; what comes brings all that lies below it.
   * `nodes` is as it was until the next look.
   */
  refresh(parent: CgroupNode, name: string): TreeChange {
    const before = new Set(parent.children.get(name)?.all())
    const size = this.#size
    const isHidden = this.#lookAt(parent, name)
    const after = new Set(parent.children.get(name)?.all())
    this.#size = size - before.size + after.size
    return { came: [...after.difference(before)], went: [...before.difference(after)], isHidden }
  }

  /** True where it is hidden. */
  #lookAt(parent: CgroupNode, name: string): boolean {
    this.#recreated = false
    const stats = this.#hierarchies.map((_, h) => this.#lookAtChild(parent, h, name))
    const isHidden = stats.includes(HIDDEN)
    const known = parent.children.get(name)
    const isAnother = stats.some((stat, h) => {
      const place = known?.places[h]
      return isSeen(stat) && place !== undefined && stat.ino !== place.inode
    })
    if (isAnother) parent.children.delete(name)
    const first = stats.find(isSeen)
    let node = parent.children.get(name)
    if (node === undefined) {
      if (first === undefined || this.#refusal(parent, name) !== undefined) return isHidden
      node = new CgroupNode(parent, name, this.#hierarchies.length, first.ino)
      parent.children.set(name, node)
      this.#size += 1
    }
    for (const [h, stat] of stats.entries()) {
      if (isSeen(stat)) this.#enter(node, h, stat)
      else if (stat === undefined) this.#leave(node, h)
    }
    for (const [h, place] of node.places.entries()) {
      if (place !== undefined && place.links !== place.listedLinks) this.#visit(node, h)
    }
    this.#dirty ||= this.#recreated
    this.#prune(node)
    if (node.isNowhere) parent.children.delete(name)
    return isHidden
  }

  #lookAtChild(parent: CgroupNode, h: number, name: string): Seen {
    const directory = this.directory(parent, h)
    const seen = directory === undefined ? undefined : lookAt(this.#files, `${directory}/${name}`)
    return isSeen(seen) && !seen.isDirectory() ? undefined : seen
  }

  /** Brings `nodes` up to date; true when they are not what they were. */
  look(timeMs: number): boolean {
    const counted = this.#counts.changed()
    const since = timeMs - this.#visitedMs
    const due = this.#dirty || counted || since < 0 || since >= VISIT_MS
    if (!due && !this.#parentsChanged()) return false
    this.#visitedMs = timeMs
    this.#dirty = false
    return this.#visitAll()
  }

  #parentsChanged(): boolean {
    return this.#parents.some((node) =>
      node.places.some((place, h) => {
        if (place === undefined) return false
        const seen = lookAt(this.#files, this.directory(node, h)!)
        if (seen === HIDDEN) return false
        return seen?.nlink !== place.links || seen.ino !== place.inode
      }),
    )
  }

  #visitAll(): boolean {
    const before = this.nodes
    const versions = before.map(({ version }) => version)
    this.#recreated = false
    this.#hierarchies.forEach((_, h) => this.#visitHierarchy(h))
    // A cgroup that is found to be another one in one hierarchy is so in those visited before it.
    if (this.#recreated) this.#hierarchies.forEach((_, h) => this.#visitHierarchy(h))
    this.nodes = this.#prune(this.root)
    this.#parents = [this.root, ...this.nodes.filter(({ children }) => children.size > 0)]
    this.#size = this.nodes.length
    this.unread = countLeftOut([this.root, ...this.nodes], this.#hierarchies.length)
    return (
      this.nodes.length !== before.length ||
      this.nodes.some((node, i) => node !== before[i] || node.version !== versions[i])
    )
  }

  #visitHierarchy(h: number): void {
    const stat = this.#files.stat(this.#hierarchies[h]!.directory)
    if (stat === undefined) {
      this.#leave(this.root, h)
      return
    }
    this.#enter(this.root, h, stat)
    this.#visit(this.root, h)
  }

  /** Visits the children of a node whose own place was just read. */
  #visit(node: CgroupNode, h: number): void {
    const place = node.places[h]!
    const directory = this.directory(node, h)!
    let list = place.links !== place.listedLinks || place.links < LINKS_OF_A_LEAF
    list ||= place.leftOut !== undefined
    for (const [name, child] of node.children) {
      const known = child.places[h]
      if (known === undefined) continue
      const seen = lookAt(this.#files, `${directory}/${name}`)
      if (seen === HIDDEN) continue
      if (seen === undefined || seen.ino !== known.inode) {
        if (seen === undefined) this.#leave(child, h)
        else this.#forget(node, name)
        list = true
      } else {
        known.links = seen.nlink
      }
    }
    if (list) this.#list(node, h, directory)
    for (const child of node.children.values()) {
      if (child.places[h] !== undefined) this.#visit(child, h)
    }
  }

  /** Takes in the directories that are new below a node. */
  #list(node: CgroupNode, h: number, directory: string): void {
    const place = node.places[h]!
    const leftOut = new Map<UnreadCgroup, number>()
    const leave = (reason: UnreadCgroup) => leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1)
    const names = place.links === LINKS_OF_A_LEAF ? [] : namesIn(this.#files, directory)
    if (names === HIDDEN) leave('permission')
    for (const name of names === HIDDEN ? [] : names) {
      const known = node.children.get(name)
      if (known?.places[h] !== undefined) continue
      const why = known === undefined ? this.#refusal(node, name) : undefined
      if (why !== undefined) {
        leave(why)
        continue
      }
      const seen = lookAt(this.#files, `${directory}/${name}`)
      if (seen === HIDDEN) leave('permission')
      if (!isSeen(seen)) continue
      const child = known ?? this.#makeNode(node, name, h, seen.ino)
      if (known === undefined) {
        node.children.set(name, child)
        this.#size += 1
      }
      this.#enter(child, h, seen)
    }
    place.listedLinks = place.links
    place.leftOut = leftOut.size > 0 ? leftOut : undefined
  }

  /** It may be there in hierarchies before this one, which come first in naming it. */
  #makeNode(parent: CgroupNode, name: string, h: number, inode: number): CgroupNode {
    const stats = this.#hierarchies.slice(0, h).map((_, i) => this.#lookAtChild(parent, i, name))
    const first = stats.find(isSeen)?.ino ?? inode
    return new CgroupNode(parent, name, this.#hierarchies.length, first)
  }

  /** Another cgroup has this one's name now: all hierarchies are listed for it. */
  #forget(parent: CgroupNode, name: string): void {
    parent.children.delete(name)
    for (const place of parent.places) if (place !== undefined) place.listedLinks = 0
    this.#recreated = true
  }

  #refusal(parent: CgroupNode, name: string): UnreadCgroup | undefined {
    if (this.#size >= limits.cgroups.value) return 'cgroups'
    if (parent.depth >= limits.cgroupDepth.value) return 'cgroupDepth'
    // A name that is not UTF-8 is read with this sign in it, and could not be opened.
    if (name.includes('\uFFFD')) return 'name'
    const bytes = Buffer.byteLength(parent.path) + 1 + Buffer.byteLength(name)
    return bytes > limits.labelBytes.value ? 'labelBytes' : undefined
  }

  #enter(node: CgroupNode, h: number, { ino, nlink, mtimeMs }: Stats): void {
    const place = node.places[h]
    if (place?.inode === ino) {
      place.links = nlink
      return
    }
    node.places[h] = { inode: ino, links: nlink, listedLinks: 0, madeMs: mtimeMs }
    node.version += 1
  }

  #leave(node: CgroupNode, h: number): void {
    if (node.places[h] === undefined) return
    node.places[h] = undefined
    node.version += 1
    for (const child of node.children.values()) this.#leave(child, h)
  }

  /** Removes what exists nowhere any more; the rest in order, without the node itself. */
  #prune(node: CgroupNode): CgroupNode[] {
    const kept: CgroupNode[] = []
    for (const [name, child] of node.children) {
      if (child.isNowhere) node.children.delete(name)
      else kept.push(child, ...this.#prune(child))
    }
    return kept
  }
}
