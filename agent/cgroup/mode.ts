/**
 * Which kind of cgroups this machine has, and where.
 *
 *   v2      one tree at the root of the cgroup file system
 *   v1      one tree a controller, or a few controllers together (`cpu,cpuacct`)
 *   hybrid  v1, and beside it a v2 tree without controllers, which has pressure figures
 *
 * Of v1, some trees are walked; the others are looked into where a walked one has a cgroup.
 *
 * Told by what lies in the directories, not by the mount table: so it is the same for a machine, for
 * a machine's /sys that is mounted into a container, and for a fixture.
 */
import type { KernelFiles } from '../read/files.ts'

export type CgroupMode = 'v1' | 'v2' | 'hybrid' | 'none'
export type Controller = 'memory' | 'cpu' | 'cpuacct' | 'pids'

/** In the order in which identity is taken from them. */
const CONTROLLERS: readonly Controller[] = ['memory', 'cpu', 'cpuacct', 'pids']

/** Trees of v1 that have figures of a cgroup, and make none known. */
const BESIDES = ['blkio', 'cpuset', 'hugetlb'] as const
export type Beside = (typeof BESIDES)[number]

/** Where systemd mounts the v2 tree beside v1; the second is its place before systemd 233. */
const UNIFIED_PLACES = ['unified', 'systemd']

export interface Hierarchy {
  readonly directory: string
  /** On v1 those that are mounted here; on v2 empty, since each cgroup has its own choice. */
  readonly controllers: readonly Controller[]
  /** As the lines of /proc/PID/cgroup name it: `memory`, `cpu,cpuacct`, or empty for v2. */
  readonly name: string
}

export interface Layout {
  readonly mode: CgroupMode
  /** The trees that hold cgroups: those of v1, or the one of v2. */
  readonly hierarchies: readonly Hierarchy[]
  /** The v2 tree of a hybrid machine. */
  readonly unified?: string
  /** Roots of v1 trees that are not walked. */
  readonly besides?: Readonly<Partial<Record<Beside, string>>>
}

export function detectLayout(files: KernelFiles): Layout {
  const root = files.paths.cgroupfs
  const isV2 = (directory: string) => files.stat(`${directory}/cgroup.controllers`) !== undefined
  if (isV2(root)) {
    return { mode: 'v2', hierarchies: [{ directory: root, controllers: [], name: '' }] }
  }
  const hierarchies = v1Hierarchies(files, root)
  if (hierarchies.length === 0) return { mode: 'none', hierarchies }
  const unified = UNIFIED_PLACES.map((name) => `${root}/${name}`).find(isV2)
  const besides = Object.fromEntries(
    BESIDES.map((name) => [name, `${root}/${name}`] as const).filter(([, directory]) =>
      isV1(files, directory),
    ),
  )
  return unified === undefined
    ? { mode: 'v1', hierarchies, besides }
    : { mode: 'hybrid', hierarchies, unified, besides }
}

const isV1 = (files: KernelFiles, directory: string): boolean =>
  files.stat(`${directory}/cgroup.procs`) !== undefined

function v1Hierarchies(files: KernelFiles, root: string): Hierarchy[] {
  if (files.stat(root) === undefined) return []
  const found = files
    .directories(root)
    .filter((name) => isV1(files, `${root}/${name}`))
    .map((name) => {
      const named = new Set(name.split(','))
      const controllers = CONTROLLERS.filter((controller) => named.has(controller))
      return { directory: `${root}/${name}`, controllers, name }
    })
    .filter(({ controllers }) => controllers.length > 0)
  const rank = ({ controllers }: Hierarchy) => CONTROLLERS.indexOf(controllers[0]!)
  return found.toSorted((a, b) => rank(a) - rank(b))
}
