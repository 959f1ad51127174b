/**
 * Which pod of Kubernetes a cgroup belongs to, and of what quality of service, told by its path.
 *
 *   kubepods/[burstable|besteffort/]pod<uid>/…                       driver cgroupfs
 *   kubepods.slice/[kubepods-<qos>.slice/]kubepods[-<qos>]-pod<uid>.slice/…   driver systemd
 *
 * systemd takes a dash for a level, so its driver writes the uid with `_`. A kubelet with a cgroup
 * root of its own has its words in front: `kubelet-kubepods-burstable-pod<uid>.slice`. The uid of a
 * static pod is 32 hex digits without dashes.
 */
export type Qos = '' | 'guaranteed' | 'burstable' | 'besteffort'

export interface PodPlace {
  readonly podUid: string
  readonly qos: Qos
}

const UID = '(?<uid>[0-9a-f]{8}(?:(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{24}))'
const BY_SYSTEMD = new RegExp(
  `^(?:[^:]*-)?kubepods(?:-(?<qos>burstable|besteffort))?-pod${UID}\\.slice(?::|$)`,
)
const BY_CGROUPFS = new RegExp(`^pod${UID}$`)
export const NO_POD: PodPlace = { podUid: '', qos: '' }

/** The innermost pod that holds it: a node that is itself a container holds pods of its own. */
export function podAbove(names: readonly string[]): PodPlace {
  for (let i = names.length - 1; i >= 0; i -= 1) {
    const pod = podAt(names, i)
    if (pod !== undefined) return pod
  }
  return NO_POD
}

/** The pod whose directory is `names[i]`, if it is one. */
export function podAt(names: readonly string[], i: number): PodPlace | undefined {
  const bySystemd = BY_SYSTEMD.exec(names[i]!)?.groups
  if (bySystemd !== undefined) return place(bySystemd['uid']!, bySystemd['qos'])
  const uid = BY_CGROUPFS.exec(names[i]!)?.groups?.['uid']
  const above = names[i - 1]
  if (uid === undefined || above === undefined) return undefined
  if (above === 'burstable' || above === 'besteffort') return place(uid, above)
  return above === 'kubepods' ? place(uid, undefined) : undefined
}

/** A pod beside the two others has all that it asks for. */
const place = (uid: string, qos: string | undefined): PodPlace => ({
  podUid: uid.replaceAll('_', '-'),
  qos: (qos ?? 'guaranteed') as Qos,
})
