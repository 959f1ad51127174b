/**
 * The attributes that say whose a cgroup is: what its path says, and what is known beyond that.
 *
 * They are also the labels, so what dashboards select decides what is set:
 * `name!=""` and `image!=""` are containers of a runtime, each once; `container!=""` are those of
 * pods without their sandboxes; `pod!=""` are the same, their sandboxes and the cgroup of the pod.
 */
import { type Identity, isOfRuntime } from '../cgroup/identity.ts'
import type { ContainerFacts } from './facts.ts'

/** All that is known of one cgroup's owner: of a pod, its names alone. */
export type KnownFacts = ContainerFacts

/** Where a container has an image, and nobody was there to tell which. */
const UNKNOWN_IMAGE = 'unknown'
/** Of OpenTelemetry: the name of the label stands behind it. */
const LABEL = 'container.label'

export function identityAttributes(
  identity: Identity,
  facts: KnownFacts | undefined,
): Record<string, string> {
  const { runtime, containerId, level } = identity
  return withoutAbsent({
    'candor.cgroup.level': level,
    'container.runtime.name': runtime,
    'container.id': containerId,
    ...(level === 'container' ? ofContainer(identity, facts) : {}),
    ...ofPod(identity, facts),
  })
}

function ofContainer(identity: Identity, facts: KnownFacts = {}): Attributes {
  if (!isOfRuntime(identity)) return { 'candor.cgroup.name': identity.name }
  const { namespace, pod, container, sandbox, labels = {} } = facts
  const inPod = identity.podUid !== '' || pod !== undefined
  const part = sandbox ? 'POD' : container
  const path = namespace && pod && part ? `${namespace}/${pod}/${part}` : undefined
  return {
    'container.name': facts.name ?? path ?? identity.name,
    'container.image.name': facts.image ?? (identity.containerId === '' ? '' : UNKNOWN_IMAGE),
    ...(inPod && !sandbox && { 'k8s.container.name': container ?? identity.name }),
    ...Object.fromEntries(
      Object.entries(labels).map(([name, value]) => [`${LABEL}.${name}`, value]),
    ),
  }
}

const ofPod = ({ podUid, qos }: Identity, facts: KnownFacts = {}): Attributes => ({
  'k8s.namespace.name': facts.namespace,
  'k8s.pod.name': facts.pod,
  'k8s.pod.uid': podUid || facts.podUid,
  'candor.k8s.qos': qos,
})

type Attributes = Readonly<Record<string, string | undefined>>

const withoutAbsent = (attributes: Attributes): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).filter((pair): pair is [string, string] => Boolean(pair[1])),
  )
