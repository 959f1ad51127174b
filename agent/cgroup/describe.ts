/** The entity that a cgroup is, from all that is known of it now. */
import type { Entity } from '../../wire/sample.ts'
import { identityAttributes, type KnownFacts } from '../identity/attributes.ts'
import { infoRow } from '../identity/info-row.ts'
import type { Cgroup } from './cgroup.ts'
import { identify, type Identity } from './identity.ts'
import type { CgroupMode } from './mode.ts'
import type { CgroupNode } from './node.ts'

/** What is known of the owners of cgroups beyond their paths. */
export interface KnownIdentities {
  /** Another one when more is known, or something else. */
  readonly version: number
  of(identity: Identity, path: string): KnownFacts | undefined
  /** Whether somebody who was asked for it may still answer. */
  expects?(identity: Identity, path: string): boolean
}

export interface Describing {
  readonly machine: Entity
  readonly mode: CgroupMode
  readonly identities: KnownIdentities | undefined
}

/** Gives a cgroup the entity that fits what is known of it now, where that is another than it has. */
export function describe(cgroup: Cgroup, { machine, mode, identities }: Describing): void {
  const { node, effective, holds, startMs } = cgroup
  if (node.parent === undefined) return
  const identity = identify(node.path, holds)
  const facts = identities?.of(identity, node.path)
  const { memoryCgroup } = effective
  const entity = toEntity({ machine, node, identity, facts, memoryCgroup, startMs })
  cgroup.level = identity.level
  cgroup.identity = identity
  cgroup.facts = facts
  if (!sameEntity(entity, cgroup.row.entity)) {
    cgroup.row = { ...cgroup.row, entity }
    cgroup.files.describe(entity)
    cgroup.more = cgroup.files.more
  }
  const info = infoRow(cgroup.row.entity, mode, facts?.state)
  const same =
    info?.entity === cgroup.info?.entity &&
    info?.keys.every((key, i) => key === cgroup.info?.keys[i]) !== false
  if (!same) cgroup.info = info
}

/** Describes a cgroup anew where more is known of its owner than when it was described. */
export function learn(cgroup: Cgroup, describing: Describing): void {
  const { identity, facts, node } = cgroup
  if (identity === undefined) return
  if (!sameFacts(describing.identities?.of(identity, node.path), facts))
    describe(cgroup, describing)
}

/** Facts that are told again are the same objects, but are put together anew. */
function sameFacts(a: KnownFacts = NOTHING, b: KnownFacts = NOTHING): boolean {
  if (a === b) return true
  const names = Object.keys(a) as (keyof KnownFacts)[]
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

const NOTHING: KnownFacts = {}

function sameEntity(a: Entity, b: Entity): boolean {
  const names = Object.keys(a.attributes)
  return (
    a.startMs === b.startMs &&
    names.length === Object.keys(b.attributes).length &&
    names.every((name) => a.attributes[name] === b.attributes[name])
  )
}

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
