/**
 * A workload: what people deploy, under a name that outlives its processes, containers and machines.
 *
 * Source: names of pods by k8s.io/apiserver names/generate.go and the controllers: owner, hash of the
 *         template, five random characters; of a StatefulSet, owner and number
 */
import type { EntityKind } from '../catalog/entity.ts'

type Attributes = Readonly<Record<string, string | undefined>>

/** Kubernetes makes random parts of names from these alone, so that they form no words. */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]'
const OF_POD = [
  // Deployment.
  new RegExp(`^(.+)-${RANDOM}{6,10}-${RANDOM}{5}$`),
  // CronJob: the minute at which it was due.
  new RegExp(`^(.+)-\\d{8,10}-${RANDOM}{5}$`),
  // DaemonSet, Job.
  new RegExp(`^(.+)-${RANDOM}{5}$`),
  // StatefulSet.
  /^(.+)-\d{1,4}$/,
]
/** Ids of containers as runtimes cut them, and whole ones. */
const ID = /^(?:[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64})$/
/** Of a path: many programs are called index.js or main.py. */
const PATH_END = /[^/]+\/[^/]+$/

/** Undefined for what has no name that would hold on another machine, or after the next deploy. */
export function workloadOf(kind: EntityKind, attributes: Attributes): string | undefined {
  if (kind === 'machine') return undefined
  const place = placeOf(attributes)
  if (kind === 'container') return place
  const program =
    attributes['candor.runtime.name'] ??
    attributes['candor.jvm.main'] ??
    attributes['process.runtime.name']
  if (program === undefined) return place
  const name = PATH_END.exec(program)?.[0].replace(/^\.\//, '') ?? program.replace(/^\/+/, '')
  return place === undefined ? name : `${place}/${name}`
}

/** `namespace/owner/container` in Kubernetes, else the name of the container or of the unit. */
function placeOf(attributes: Attributes): string | undefined {
  const name = attributes['container.name'] || attributes['candor.cgroup.name']
  if (name === undefined || ID.test(name)) return undefined
  const [namespace, pod, container, ...rest] = name.split('/')
  if (container === undefined || rest.length > 0) return name
  return `${namespace}/${ownerOf(pod!)}/${container}`
}

export function ownerOf(pod: string): string {
  for (const form of OF_POD) {
    const owner = form.exec(pod)?.[1]
    if (owner !== undefined) return owner
  }
  return pod
}
