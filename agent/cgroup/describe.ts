/** The entity that a cgroup is, from all that is known of it now. */
import type { Entity } from '../../wire/sample.ts'
import { identityAttributes, type KnownFacts } from '../identity/attributes.ts'
import type { Identity } from './identity.ts'
import type { CgroupNode } from './node.ts'

export interface Known {
  readonly machine: Entity
  readonly node: CgroupNode
  readonly identity: Identity
  /** What is known of its owner beyond the path. */
  readonly facts?: KnownFacts | undefined
  /** The cgroup whose memory limit binds it. */
  readonly memoryCgroup: string | undefined
  /** Unix ms. */
  readonly startMs: number | undefined
}

export function toEntity(known: Known): Entity {
  const { machine, node, identity, facts, memoryCgroup, startMs } = known
  return {
    kind: 'container',
    attributes: {
      'host.id': machine.attributes['host.id']!,
      'host.name': machine.attributes['host.name']!,
      'candor.cgroup.path': node.path,
      'candor.cgroup.inode': String(node.inode),
      ...identityAttributes(identity, facts),
      ...(memoryCgroup !== undefined && { 'candor.memory.limit.cgroup': memoryCgroup }),
    },
    ...(startMs !== undefined && { startMs }),
  }
}

/**
 * When a cgroup was made: its directory's time, the earliest of all hierarchies. The kernel keeps that
 * time with the inode in memory; should it have dropped that, the time is that of a later look. So it
 * is never too early, and a time before the boot is none.
 */
export function startOf(
  node: CgroupNode,
  bootMs: number | undefined,
  nowMs: number,
): number | undefined {
  const made = node.places.flatMap((place) => (place === undefined ? [] : [place.madeMs]))
  const earliest = Math.min(...made)
  return earliest <= nowMs && earliest >= (bootMs ?? 0) ? earliest : undefined
}
