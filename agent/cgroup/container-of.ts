/** The container that a process belongs to. */
import type { Entity } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { type Cgroup, isUnlimited } from './cgroup.ts'
import { type EffectiveLimits, UNLIMITED } from './limits.ts'
import type { Layout } from './mode.ts'
import type { CgroupNode } from './node.ts'
import { cgroupOf } from './process-cgroup.ts'
import type { CgroupTree } from './tree.ts'

/** Where a process is: the entity of a container, or the root, which is none; and what limits it. */
export type CgroupPlace = Pick<Entity, 'attributes'> & {
  /** The tightest over its cgroup and those above. */
  readonly limits?: EffectiveLimits
}

export interface CgroupView {
  readonly files: KernelFiles
  readonly layout: Layout
  readonly tree: CgroupTree
  readonly byNode: ReadonlyMap<CgroupNode, Cgroup>
}

const ROOT: CgroupPlace = { attributes: { 'candor.cgroup.path': '/' }, limits: UNLIMITED }

/**
 * The container, or the root; undefined where it is not known. What reads the root takes it for free
 * of limits: a root that has some, as inside a container, has no row to tell them, and is not known
 * either.
 */
export function containerOf(pid: number, view: CgroupView): CgroupPlace | undefined {
  const path = cgroupOf(view.files, view.layout, pid)
  const node = path === undefined ? undefined : view.tree.find(path)
  const exact = node && view.byNode.get(node)
  if (exact === undefined) return undefined
  if (exact.node.parent !== undefined) {
    const { attributes } = unitOf(exact, view).row.entity
    return { attributes, limits: exact.effective }
  }
  return isUnlimited(exact) ? ROOT : undefined
}

/** The container that a part of it belongs to, unless the part has tighter limits of its own. */
function unitOf(exact: Cgroup, { byNode }: CgroupView): Cgroup {
  const { memoryBytes, cpuCores } = exact.effective
  let unit: Cgroup | undefined = exact
  while (unit !== undefined && unit.level !== 'container') {
    const parent: CgroupNode | undefined = unit.node.parent
    unit = parent && byNode.get(parent)
  }
  const { effective = UNLIMITED } = unit ?? {}
  const same =
    Object.is(effective.memoryBytes, memoryBytes) && Object.is(effective.cpuCores, cpuCores)
  return unit !== undefined && same ? unit : exact
}
