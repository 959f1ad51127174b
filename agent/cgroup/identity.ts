/**
 * Whose a cgroup is, told by its path alone. Each runtime has its own way to name directories; the
 * last part of the path decides, unless one above it is a container: whoever is in a container names
 * what lies below as it likes, so all of that is a part of it. Only pods in it, as in a node of
 * Kubernetes that is a container itself, hold containers.
 *
 * A unit of work is a `container` and has a name. What only holds others (a slice, a pod) or is a
 * part of a container is a `group` and has none, so that sums over named rows count nothing twice.
 */
import { NO_POD, podAbove, podAt, type Qos } from './pod.ts'

export type CgroupRuntime =
  | 'docker'
  | 'containerd'
  | 'cri-o'
  | 'podman'
  | 'lxc'
  | 'systemd-nspawn'
  | 'libvirt'
  | 'nomad'
  | 'systemd'
  | 'cgroup'

export interface Identity {
  readonly runtime: CgroupRuntime
  /** 64 hex digits where the path holds them, else empty; that of the container for its parts. */
  readonly containerId: string
  readonly name: string
  readonly level: 'container' | 'group'
  /** Of the Kubernetes pod that this is, or is a container of; with dashes, as the API writes it. */
  readonly podUid: string
  readonly qos: Qos
  /** Lies in another container: nobody outside of that one knows whether it is what it says. */
  readonly isNested?: true
}

/** Length of the short form of an id, as every runtime prints it. */
const SHORT_ID = 12

interface Pattern {
  /** Group `id`, or `name` and `task`; `machine` is a name that systemd escaped. */
  readonly name: RegExp
  readonly runtime: CgroupRuntime
}

const ID = '(?<id>[0-9a-f]{64})'
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
/** Directories that a runtime makes for a container, `.scope` where systemd made them for it. */
const CONTAINERS: readonly Pattern[] = [
  { name: new RegExp(`^docker-${ID}\\.scope$`), runtime: 'docker' },
  { name: new RegExp(`^(?:cri-containerd|nerdctl)-${ID}(?:\\.scope)?$`), runtime: 'containerd' },
  { name: new RegExp(`^crio-${ID}(?:\\.scope)?$`), runtime: 'cri-o' },
  // `payload`: podman --cgroups=split, which is how units of Quadlet run.
  { name: new RegExp(`^libpod-(?:payload-)?${ID}(?:\\.scope)?$`), runtime: 'podman' },
  // A systemd path that was given to a driver of plain cgroups: `slice:prefix:id`.
  { name: new RegExp(`^[^:]*:docker:${ID}$`), runtime: 'docker' },
  { name: new RegExp(`^[^:]*:(?:cri-containerd|nerdctl):${ID}$`), runtime: 'containerd' },
  { name: new RegExp(`^[^:]*:crio:${ID}$`), runtime: 'cri-o' },
  { name: new RegExp(`^[^:]*:libpod:${ID}$`), runtime: 'podman' },
  { name: /^lxc\.payload\.(?<name>.+)$/, runtime: 'lxc' },
  // libvirt tells its kind of machine and its number before the name: `qemu-1-web`.
  { name: /^machine-(?:qemu|lxc)\\x2d\d+\\x2d(?<machine>.+)\.scope$/, runtime: 'libvirt' },
  { name: /^(?:qemu-\d+-)?(?<name>.+)\.libvirt-(?:qemu|lxc)$/, runtime: 'libvirt' },
  { name: /^machine-(?<machine>.+)\.scope$/, runtime: 'systemd-nspawn' },
  { name: /^systemd-nspawn@(?<machine>.+)\.service$/, runtime: 'systemd-nspawn' },
  // Named as Nomad names the containers that it has Docker make.
  { name: new RegExp(`^(?<name>${UUID})\\.(?<task>.+)\\.scope$`), runtime: 'nomad' },
]

/** Monitors of containers, mounts and the like: processes beside the work, not the work. */
const BESIDES: readonly Pattern[] = [
  { name: /^(?:crio-conmon|libpod-conmon)-/, runtime: 'systemd' },
  { name: /^lxc\.(?:monitor|pivot)(?:\.|$)/, runtime: 'lxc' },
  { name: /\.(?:slice|mount|swap|socket)$/, runtime: 'systemd' },
  // The manager of a user: the user's units lie below it.
  { name: /^user@\d+\.service$/, runtime: 'systemd' },
  { name: /^(?:kubelet|kubepods|besteffort|burstable|guaranteed)$/, runtime: 'cgroup' },
  { name: /^(?:libpod_parent|libpod_pod_[0-9a-f]+|conmon)$/, runtime: 'cgroup' },
  { name: /^(?:docker|lxc|lxc\.payload|buildkit|ecs|nomad|machine)$/, runtime: 'cgroup' },
]

/** Directories of containerd's namespaces, below the root: whatever lies in one is a container. */
const NAMESPACES: ReadonlySet<string> = new Set(['default', 'k8s.io', 'moby'])

const BARE_ID = new RegExp(`^${ID}$`)
const KUBEPODS = /^(?:.+-)?kubepods(?:[-.]|$)/
const UNIT = /\.(?:service|scope)$/
/** A task of Fargate: the task's id and a number. */
const FARGATE = /^[0-9a-f]{32}-\d+$/
const TASK = new RegExp(`^${UUID}(?:\\.(?<task>.+))?$`)

/** What the directories right below a cgroup are. */
export type Holds = 'nothing' | 'others' | 'containers'

/**
 * `path` is below the mount and not `/`. A plain cgroup that holds others is no unit of work; nor is a
 * unit of systemd that holds containers, as one of Quadlet does.
 */
export function identify(path: string, holds: Holds): Identity {
  const names = path.split('/').slice(1)
  const last = names.length - 1
  const holder = holderOf(names)
  if (holder?.at === last) {
    const { identity, isNested } = holder
    return { ...identity, ...podAbove(names), ...(isNested && { isNested }) }
  }
  if (holder !== undefined) {
    return { ...holder.identity, name: '', level: 'group', ...NO_POD }
  }
  const name = names[last]!
  const pod = podAt(names, last)
  if (pod !== undefined) return { ...group(isSlice(name) ? 'systemd' : 'cgroup'), ...pod }
  const beside = BESIDES.find((pattern) => pattern.name.test(name))
  if (beside !== undefined) return group(beside.runtime)
  if (names[last - 1] === 'libpod_parent') return group('podman')
  if (UNIT.test(name)) {
    return holds === 'containers' ? group('systemd') : container('systemd', '', unescapeUnit(name))
  }
  const insideUnit = names.some((above, i) => i < last && isWorkUnit(above))
  if (insideUnit) return group('systemd')
  return holds === 'nothing' ? container('cgroup', '', name) : group('cgroup')
}

interface Holder {
  readonly identity: Identity
  /** Which name of the path is its directory. */
  readonly at: number
  readonly isNested: boolean
}

/** The container that a path leads to, or into. */
function holderOf(names: readonly string[]): Holder | undefined {
  let holder: Holder | undefined
  let mayHold = true
  for (let at = 0; at < names.length; at += 1) {
    mayHold ||= podAt(names, at) !== undefined
    const identity = mayHold ? toContainer(names, at) : undefined
    if (identity === undefined) continue
    holder = { identity, at, isNested: holder !== undefined }
    mayHold = false
  }
  return holder
}

/** By the names of the directories right below it. */
export function holdsOf(names: Iterable<string>): Holds {
  let holds: Holds = 'nothing'
  for (const name of names) {
    if (isContainerName(name)) return 'containers'
    holds = 'others'
  }
  return holds
}

const isContainerName = (name: string): boolean =>
  CONTAINERS.some(({ name: pattern }) => pattern.test(name))

/** True where a container runtime made it, and not an operator or systemd. */
export const isOfRuntime = ({ runtime, containerId }: Identity): boolean =>
  containerId !== '' || (runtime !== 'systemd' && runtime !== 'cgroup')

const isSlice = (name: string): boolean => name.endsWith('.slice')

const group = (runtime: CgroupRuntime): Identity => ({
  runtime,
  containerId: '',
  name: '',
  level: 'group',
  ...NO_POD,
})

const isWorkUnit = (name: string) =>
  UNIT.test(name) && !BESIDES.some((pattern) => pattern.name.test(name))

/** The container whose directory is `names[i]`, if it is one. */
function toContainer(names: readonly string[], i: number): Identity | undefined {
  const name = names[i]!
  for (const { name: pattern, runtime } of CONTAINERS) {
    const found = pattern.exec(name)?.groups
    if (found === undefined) continue
    const { id, name: named, task, machine } = found
    if (id !== undefined) return withId(runtime, id)
    if (machine !== undefined) return container(runtime, '', unescapeUnit(machine))
    return container(runtime, '', task === undefined ? named! : `${unescapeUnit(task)}-${named}`)
  }
  const above = names[i - 1]
  if (above === 'lxc' || above === 'lxc.payload') return container('lxc', '', name)
  if (BARE_ID.test(name)) return ofBareId(names, i)
  if (FARGATE.test(name) && names[0] === 'ecs') return container('containerd', '', name)
  if (i === 1 && NAMESPACES.has(above!)) return container('containerd', '', name)
  return names.slice(0, i).includes('nomad') ? ofNomad(name) : undefined
}

/** Who names a directory by the id alone shows in the directories above, the nearest first. */
function ofBareId(names: readonly string[], i: number): Identity | undefined {
  const id = names[i]!
  // A pod of podman has an id as well.
  if (names[i - 1] === 'libpod_parent') return undefined
  for (let above = i - 1; above >= 0; above -= 1) {
    const name = names[above]!
    if (name === 'docker' || name === 'ecs') return withId('docker', id)
    // CRI-O has a prefix and dockershim is no more: below kubepods it is containerd.
    if (KUBEPODS.test(name) || NAMESPACES.has(name)) return withId('containerd', id)
  }
  return withId('cgroup', id)
}

/** `ALLOCATION.TASK` of the drivers of today, `ALLOCATION` of those of v1. */
function ofNomad(name: string): Identity | undefined {
  const found = TASK.exec(name)
  if (found === null) return undefined
  const { task } = found.groups!
  const allocation = task === undefined ? name : name.slice(0, -task.length - 1)
  return container('nomad', '', task === undefined ? allocation : `${task}-${allocation}`)
}

const container = (runtime: CgroupRuntime, containerId: string, name: string): Identity => ({
  runtime,
  containerId,
  name,
  level: 'container',
  ...NO_POD,
})

const withId = (runtime: CgroupRuntime, id: string): Identity =>
  container(runtime, id, id.slice(0, SHORT_ID))

/** systemd writes bytes that a unit name cannot have as `\x2d`. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([2-7][0-9a-f])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
