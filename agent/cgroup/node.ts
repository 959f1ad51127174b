/** A cgroup as the tree knows it: its place in each hierarchy, and what lies below. */

/** A cgroup's directory in one hierarchy. */
export interface Place {
  readonly inode: number
  links: number
  /** Link count when it was last listed; 0 to have it listed again. */
  listedLinks: number
  /** Directories in it that were left out when it was last listed. */
  leftOut?: ReadonlyMap<UnreadCgroup, number> | undefined
  /** When the directory was made as the kernel tells it, Unix ms. */
  readonly madeMs: number
}

export type UnreadCgroup = 'cgroups' | 'cgroupDepth' | 'labelBytes' | 'name' | 'permission'

export class CgroupNode {
  /** Below the mount, `/` for the root. */
  readonly path: string
  readonly parent: CgroupNode | undefined
  readonly depth: number
  readonly children = new Map<string, CgroupNode>()
  /** By the index of the hierarchy; undefined where the cgroup does not exist in it. */
  readonly places: (Place | undefined)[]
  /** Inode in the first hierarchy in which it was seen; names the cgroup for ever. */
  readonly inode: number
  /** Changes when the cgroup appears in a hierarchy or leaves it. */
  version = 0

  constructor(parent: CgroupNode | undefined, name: string, hierarchies: number, inode: number) {
    this.parent = parent
    this.path = parent === undefined ? '/' : `${parent.parent ? parent.path : ''}/${name}`
    this.depth = parent === undefined ? 0 : parent.depth + 1
    this.places = Array.from<Place | undefined>({ length: hierarchies })
    this.inode = inode
  }

  get isNowhere(): boolean {
    return this.places.every((place) => place === undefined)
  }

  /** Itself and all below it, parents before children. */
  *all(): Generator<CgroupNode> {
    yield this
    for (const child of this.children.values()) yield* child.all()
  }
}

/** What was left out below these; the most that any one hierarchy has. */
export function countLeftOut(
  nodes: readonly CgroupNode[],
  hierarchies: number,
): ReadonlyMap<UnreadCgroup, number> {
  const unread = new Map<UnreadCgroup, number>()
  for (let h = 0; h < hierarchies; h += 1) {
    const here = new Map<UnreadCgroup, number>()
    for (const node of nodes) {
      for (const [reason, n] of node.places[h]?.leftOut ?? []) {
        here.set(reason, (here.get(reason) ?? 0) + n)
      }
    }
    for (const [reason, n] of here) unread.set(reason, Math.max(n, unread.get(reason) ?? 0))
  }
  return unread
}
