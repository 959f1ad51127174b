/** Who is told at once of cgroups that come, change their level and go. */
import type { Cgroup } from './cgroup.ts'
import type { CgroupNode } from './node.ts'

export interface Follower {
  /** What the first look finds was there before, and is not new. */
  came(node: CgroupNode, level: Cgroup['level'], isNew: boolean): void
  changed(node: CgroupNode, level: Cgroup['level']): void
  went(node: CgroupNode): void
}
