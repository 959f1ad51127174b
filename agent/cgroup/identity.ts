/**
 * Whose a cgroup is, told by its path alone. Each runtime has its own way to name directories; the
 * last part of the path decides, and those above it tell whether it lies inside a container.
 *
 * A unit of work is a `container` and has a name. What only holds others (a slice, a pod) or is a
 * part of a container is a `group` and has none, so that sums over named rows count nothing twice.
 */
export type CgroupRuntime =
  | 'docker'
  | 'containerd'
  | 'cri-o'
  | 'podman'
  | 'lxc'
  | 'systemd'
  | 'cgroup'

export interface Identity {
  readonly runtime: CgroupRuntime
  /** 64 hex digits where the path holds them, else empty; that of the container for its parts. */
  readonly containerId: string
  readonly name: string
  readonly level: 'container' | 'group'
}

/** Length of the short form of an id, as every runtime prints it. */
const SHORT_ID = 12

interface Pattern {
  /** Group 1 is the id or the name. */
  readonly name: RegExp
  readonly runtime: CgroupRuntime
}

const ID = '([0-9a-f]{64})'
/** Directories that a runtime makes for a container, `.scope` where systemd made them for it. */
const CONTAINERS: readonly Pattern[] = [
  { name: new RegExp(`^docker-${ID}\\.scope$`), runtime: 'docker' },
  { name: new RegExp(`^(?:cri-containerd|nerdctl)-${ID}(?:\\.scope)?$`), runtime: 'containerd' },
  { name: new RegExp(`^crio-${ID}(?:\\.scope)?$`), runtime: 'cri-o' },
  { name: new RegExp(`^libpod-${ID}(?:\\.scope)?$`), runtime: 'podman' },
  // A systemd path that was given to a driver of plain cgroups: `slice:prefix:id`.
  { name: new RegExp(`^[^:]*:docker:${ID}$`), runtime: 'docker' },
  { name: new RegExp(`^[^:]*:(?:cri-containerd|nerdctl):${ID}$`), runtime: 'containerd' },
  { name: new RegExp(`^[^:]*:crio:${ID}$`), runtime: 'cri-o' },
  { name: new RegExp(`^[^:]*:libpod:${ID}$`), runtime: 'podman' },
  { name: /^lxc\.payload\.(.+)$/, runtime: 'lxc' },
]

/** Monitors of containers, mounts and the like: processes beside the work, not the work. */
const BESIDES: readonly Pattern[] = [
  { name: /^(?:crio-conmon|libpod-conmon)-/, runtime: 'systemd' },
  { name: /^lxc\.(?:monitor|pivot)(?:\.|$)/, runtime: 'lxc' },
  { name: /\.(?:slice|mount|swap|socket)$/, runtime: 'systemd' },
  // The manager of a user: the user's units lie below it.
  { name: /^user@\d+\.service$/, runtime: 'systemd' },
  { name: /^(?:kubepods|besteffort|burstable|guaranteed|libpod_parent)$/, runtime: 'cgroup' },
  { name: /^(?:docker|lxc|lxc\.payload|buildkit)$/, runtime: 'cgroup' },
  { name: /^pod[0-9a-f]{8}-?[0-9a-f-]*$/, runtime: 'cgroup' },
]

const BARE_ID = new RegExp(`^${ID}$`)
const UNIT = /\.(?:service|scope)$/

/** `path` is below the mount and not `/`; a plain cgroup that holds others is no unit of work. */
export function identify(path: string, holdsOthers: boolean): Identity {
  const names = path.split('/').slice(1)
  const last = names.length - 1
  const own = toContainer(names, last)
  if (own !== undefined) return own
  for (let i = last - 1; i >= 0; i -= 1) {
    const holder = toContainer(names, i)
    if (holder !== undefined) return { ...holder, name: '', level: 'group' }
  }
  const name = names[last]!
  const beside = BESIDES.find((pattern) => pattern.name.test(name))
  if (beside !== undefined) return group(beside.runtime)
  if (UNIT.test(name)) {
    return { runtime: 'systemd', containerId: '', name: unescapeUnit(name), level: 'container' }
  }
  const insideUnit = names.some((above, i) => i < last && isWorkUnit(above))
  if (insideUnit) return group('systemd')
  return holdsOthers
    ? group('cgroup')
    : { runtime: 'cgroup', containerId: '', name, level: 'container' }
}

const group = (runtime: CgroupRuntime): Identity => ({
  runtime,
  containerId: '',
  name: '',
  level: 'group',
})

const isWorkUnit = (name: string) =>
  UNIT.test(name) && !BESIDES.some((pattern) => pattern.name.test(name))

/** The container whose directory is `names[i]`, if it is one. */
function toContainer(names: readonly string[], i: number): Identity | undefined {
  const name = names[i]!
  for (const { name: pattern, runtime } of CONTAINERS) {
    const found = pattern.exec(name)?.[1]
    if (found !== undefined) {
      return runtime === 'lxc' ? container(runtime, '', found) : withId(runtime, found)
    }
  }
  const above = names[i - 1]
  if (above === 'lxc' || above === 'lxc.payload') return container('lxc', '', name)
  return BARE_ID.test(name) ? withId(ownerOfBareId(names, i), name) : undefined
}

/** Who names a directory by the id alone shows in the directories above. */
function ownerOfBareId(names: readonly string[], i: number): CgroupRuntime {
  const above = names.slice(0, i)
  if (above.includes('docker')) return 'docker'
  // CRI-O has a prefix and dockershim is no more: below kubepods it is containerd.
  if (above.some((name) => name.startsWith('kubepods')) || above.at(-1) === 'default') {
    return 'containerd'
  }
  return 'cgroup'
}

const container = (runtime: CgroupRuntime, containerId: string, name: string): Identity => ({
  runtime,
  containerId,
  name,
  level: 'container',
})

const withId = (runtime: CgroupRuntime, id: string): Identity =>
  container(runtime, id, id.slice(0, SHORT_ID))

/** systemd writes bytes that a unit name cannot have as `\x2d`. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([2-7][0-9a-f])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
