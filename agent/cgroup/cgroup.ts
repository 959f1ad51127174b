/** What is kept of one cgroup from pass to pass. */
import type { Row } from '../../wire/sample.ts'
import type { KnownFacts } from '../identity/attributes.ts'
import type { CgroupDirectory, CgroupFiles } from './cgroup-files.ts'
import type { Holds, Identity } from './identity.ts'
import { type EffectiveLimits, keepLimits, sameLimits } from './limits.ts'
import type { Layout } from './mode.ts'
import type { CgroupNode } from './node.ts'
import type { Shared } from './shared.ts'
import type { Directories } from './slow-columns.ts'
import type { CgroupTree } from './tree.ts'
import { V1Files } from './v1.ts'
import { V2Files } from './v2.ts'

export interface Cgroup {
  readonly node: CgroupNode
  /** `node.version` at which its files were opened. */
  readonly version: number
  /** Unix ms; undefined where it is not known. */
  readonly startMs: number | undefined
  files: CgroupFiles
  row: Row
  /** Rows of the tables with a key, as of the last read that worked. */
  more: readonly Row[]
  /** Says what it is; only a unit of work has one. */
  info?: Row | undefined
  level: Identity['level']
  /** By its path, and what was known of its owner beyond that, when it was described. */
  identity?: Identity
  facts?: KnownFacts | undefined
  holds: Holds
  /** How many there were right below it when `holds` was found. */
  children: number
  /** A plain cgroup that ever held others is no unit of work when the last of them has left. */
  heldOthers: boolean
  effective: EffectiveLimits
  /** What the kernel says of the memory limit; when it changes, the limits are read again. */
  kernelLimit: number | undefined
  limitsDue: boolean
  /** Number of the pass that read it last. */
  pass: number
  /** Unix ms at which its values were read; undefined while they never were. */
  readMs: number | undefined
  /** In how many hierarchies it is. */
  readonly places: number
  /** Unix ms at which it was found to have left one; else NaN. */
  readonly lostMs: number
}

export function openFiles(
  shared: Shared,
  { hierarchies, mode, unified, besides = {} }: Layout,
  tree: CgroupTree,
  node: CgroupNode,
): CgroupFiles {
  const directoryIn = (h: number): CgroupDirectory | undefined => {
    const path = tree.directory(node, h)
    return path === undefined ? undefined : { path, inode: node.places[h]?.inode }
  }
  if (mode === 'v2') return new V2Files(shared, directoryIn(0)!)
  const directories: { -readonly [K in keyof Directories]: Directories[K] } = {}
  hierarchies.forEach(({ controllers }, h) => {
    const directory = directoryIn(h)
    if (directory === undefined) return
    for (const controller of controllers) directories[controller] = directory
  })
  // These trees are not walked: a cgroup's directory there is known by its first look.
  const notWalked = { ...besides, ...(unified !== undefined && { unified }) }
  for (const [name, root] of Object.entries(notWalked)) {
    directories[name as keyof Directories] = { path: root + node.path, inode: undefined }
  }
  return new V1Files(shared, directories)
}

/** Reads the limits of a cgroup; true when one that binds those below is not what it was. */
export function readLimits(cgroup: Cgroup): boolean {
  const { values } = cgroup.row
  const before = keepLimits(values)
  cgroup.files.readLimits(values)
  cgroup.limitsDue = false
  return !sameLimits(before, values)
}

/** False where its limits could not be read. */
export const isUnlimited = ({ effective, limitsDue }: Cgroup): boolean =>
  !limitsDue && Number.isNaN(effective.memoryBytes) && Number.isNaN(effective.cpuCores)
