/** Reads every cgroup of the machine, whatever the kernel's version, into rows of one table. */
import { container } from '../../catalog/tables/container.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import { isRefusal, type KernelFiles } from '../read/files.ts'
import { MalformedFile } from '../read/malformed.ts'
import { type CgroupDirectory, type CgroupFiles, CgroupGone } from './cgroup-files.ts'
import * as column from './columns.ts'
import { identify, type Identity } from './identity.ts'
import { type EffectiveLimits, tighten, UNLIMITED } from './limits.ts'
import type { Layout } from './mode.ts'
import { cgroupOf } from './process-cgroup.ts'
import { type CgroupNode, CgroupTree, type UnreadCgroup } from './tree.ts'
import { type Directories, V1Files } from './v1.ts'
import { V2Files } from './v2.ts'

/** Limits change rarely: within this time each cgroup's are read again. */
const LIMITS_MS = 60_000

export type UnreadReason = UnreadCgroup | 'malformed' | 'failed'

export interface CgroupRows {
  readonly rows: readonly Row[]
  readonly unread: ReadonlyMap<UnreadReason, number>
}

/** What is kept of a cgroup from pass to pass. */
interface Cgroup {
  readonly node: CgroupNode
  /** `node.version` at which its files were opened. */
  readonly version: number
  files: CgroupFiles
  row: Row
  level: Identity['level']
  holdsOthers: boolean
  effective: EffectiveLimits
  /** What the kernel says of the memory limit; when it changes, the limits are read again. */
  kernelLimit: number | undefined
  limitsDue: boolean
  /** Number of the pass that read it last. */
  pass: number
}

/** Where a process is: the entity of a container, or the root, which is none. */
export type CgroupPlace = Pick<Entity, 'attributes'>

const ROOT: CgroupPlace = { attributes: { 'candor.cgroup.path': '/' } }

export class Cgroups {
  readonly #files: KernelFiles
  readonly #machine: Entity
  readonly #layout: Layout
  readonly #tree: CgroupTree
  /** Parents before children; the root first: it has limits inside a container, but no row. */
  #cgroups: readonly Cgroup[] = []
  #byNode: ReadonlyMap<CgroupNode, Cgroup> = new Map()
  /** Where the round of limits goes on. */
  #nextLimits = 0
  #limitsChanged = false
  #lastMs = Number.NaN
  #pass = 0

  constructor(files: KernelFiles, machine: Entity, layout: Layout) {
    this.#files = files
    this.#machine = machine
    this.#layout = layout
    this.#tree = new CgroupTree(files, layout)
  }

  read(timeMs: number): CgroupRows {
    this.#pass += 1
    const failures = new Map<UnreadReason, number>()
    if (this.#tree.look(timeMs)) this.#adopt()
    this.#takeTurn(timeMs)
    if (this.#readAll(failures) > 0) {
      // A cgroup that was removed may have a successor of the same name: it is read in this pass.
      this.#tree.suspect()
      if (this.#tree.look(timeMs)) this.#adopt()
      const gone = this.#readAll(failures)
      if (gone > 0) failures.set('failed', (failures.get('failed') ?? 0) + gone)
    }
    if (this.#limitsChanged) this.#tightenAll()
    const rows: Row[] = []
    for (const { pass, node, row, files } of this.#cgroups) {
      if (pass !== this.#pass || node.parent === undefined) continue
      rows.push(row)
      for (const more of files.more) rows.push(more)
    }
    return { rows, unread: sum(this.#tree.unread, failures) }
  }

  /**
   * The container that a process belongs to, or the root; undefined where it is not known. What reads
   * the root takes it for free of limits: a root that has some, as inside a container, has no row to
   * tell them, and is not known either.
   */
  containerOf(pid: number): CgroupPlace | undefined {
    const path = cgroupOf(this.#files, this.#layout, pid)
    const node = path === undefined ? undefined : this.#tree.find(path)
    const exact = node && this.#byNode.get(node)
    if (exact === undefined) return undefined
    if (exact.node.parent !== undefined) return this.#unitOf(exact).row.entity
    return isUnlimited(exact) ? ROOT : undefined
  }

  close(): void {
    for (const { files } of this.#cgroups) files.close()
    this.#cgroups = []
    this.#byNode = new Map()
  }

  /** The container that a part of it belongs to, unless the part has tighter limits of its own. */
  #unitOf(exact: Cgroup): Cgroup {
    const { memoryBytes, cpuCores } = exact.effective
    let unit: Cgroup | undefined = exact
    while (unit !== undefined && unit.level !== 'container') unit = this.#above(unit)
    const { effective = UNLIMITED } = unit ?? {}
    const same =
      Object.is(effective.memoryBytes, memoryBytes) && Object.is(effective.cpuCores, cpuCores)
    return unit !== undefined && same ? unit : exact
  }

  #above({ node }: Cgroup): Cgroup | undefined {
    return node.parent === undefined ? undefined : this.#byNode.get(node.parent)
  }

  /** Follows the tree: new cgroups are opened, those that left are closed. */
  #adopt(): void {
    const before = this.#byNode
    const now = new Map<CgroupNode, Cgroup>()
    for (const node of [this.#tree.root, ...this.#tree.nodes]) {
      const known = before.get(node)
      const cgroup = known?.version === node.version ? known : this.#open(node, known)
      if (cgroup.holdsOthers !== node.children.size > 0) this.#describe(cgroup)
      now.set(node, cgroup)
    }
    for (const [node, cgroup] of before) if (now.get(node) !== cgroup) cgroup.files.close()
    this.#byNode = now
    this.#cgroups = [...now.values()]
    this.#limitsChanged = true
  }

  #open(node: CgroupNode, known: Cgroup | undefined): Cgroup {
    const cgroup: Cgroup = {
      node,
      version: node.version,
      files: this.#openFiles(node),
      row: emptyRow(container, this.#machine),
      level: 'group',
      holdsOthers: false,
      effective: known?.effective ?? UNLIMITED,
      kernelLimit: undefined,
      limitsDue: true,
      pass: 0,
    }
    this.#describe(cgroup)
    return cgroup
  }

  #openFiles(node: CgroupNode): CgroupFiles {
    const { hierarchies, mode, unified } = this.#layout
    if (mode === 'v2') return new V2Files(this.#files, this.#directory(node, 0)!)
    const directories: { -readonly [K in keyof Directories]: Directories[K] } = {}
    hierarchies.forEach(({ controllers }, h) => {
      const directory = this.#directory(node, h)
      if (directory === undefined) return
      for (const controller of controllers) directories[controller] = directory
    })
    // The v2 tree of a hybrid machine is not walked: it is known by its first look.
    if (unified !== undefined) directories.unified = { path: unified + node.path, inode: undefined }
    return new V1Files(this.#files, directories)
  }

  #directory(node: CgroupNode, hierarchy: number): CgroupDirectory | undefined {
    const path = this.#tree.directory(node, hierarchy)
    return path === undefined ? undefined : { path, inode: node.places[hierarchy]?.inode }
  }

  /** Gives a cgroup the entity that fits what is known of it now. */
  #describe(cgroup: Cgroup): void {
    const { node, effective } = cgroup
    cgroup.holdsOthers = node.children.size > 0
    if (node.parent === undefined) return
    const identity = identify(node.path, cgroup.holdsOthers)
    const entity = toEntity(this.#machine, node, identity, effective.memoryCgroup)
    cgroup.level = identity.level
    cgroup.row = { ...cgroup.row, entity }
    cgroup.files.describe(entity)
  }

  /** Each pass reads the limits of some cgroups, so that in `LIMITS_MS` all had their turn. */
  #takeTurn(timeMs: number): void {
    const all = this.#cgroups.length
    const elapsedMs = timeMs - this.#lastMs
    this.#lastMs = timeMs
    const share = elapsedMs >= 0 ? Math.min(1, elapsedMs / LIMITS_MS) : 1
    for (let n = Math.ceil(all * share); n > 0; n -= 1) {
      this.#nextLimits = (this.#nextLimits + 1) % all
      this.#cgroups[this.#nextLimits]!.limitsDue = true
    }
  }

  /** Reads all that this pass has not read yet; returns how many were found to be gone. */
  #readAll(failures: Map<UnreadReason, number>): number {
    let gone = 0
    for (const cgroup of this.#cgroups) {
      if (cgroup.pass === this.#pass) continue
      try {
        this.#read(cgroup)
        cgroup.pass = this.#pass
      } catch (error) {
        cgroup.limitsDue = true
        if (error instanceof CgroupGone) {
          gone += 1
          cgroup.files.close()
          cgroup.files = this.#openFiles(cgroup.node)
          cgroup.files.describe(cgroup.row.entity)
        } else {
          const reason = reasonOf(error)
          failures.set(reason, (failures.get(reason) ?? 0) + 1)
        }
      }
    }
    return gone
  }

  #read(cgroup: Cgroup): void {
    const { files, node } = cgroup
    const { values } = cgroup.row
    const due = cgroup.limitsDue
    if (due) this.#readLimits(cgroup)
    if (node.parent === undefined) return
    files.readUsage(values)
    if (Object.is(files.hierarchicalMemoryLimit, cgroup.kernelLimit)) return
    cgroup.kernelLimit = files.hierarchicalMemoryLimit
    this.#limitsChanged = true
    if (!due) this.#readLimits(cgroup)
  }

  #readLimits(cgroup: Cgroup): void {
    const { values } = cgroup.row
    const memory = values[column.MEMORY_LIMIT]
    const quota = values[column.CPU_QUOTA]
    const period = values[column.CPU_PERIOD]
    cgroup.files.readLimits(values)
    cgroup.limitsDue = false
    this.#limitsChanged ||=
      !Object.is(memory, values[column.MEMORY_LIMIT]) ||
      !Object.is(quota, values[column.CPU_QUOTA]) ||
      !Object.is(period, values[column.CPU_PERIOD])
  }

  #tightenAll(): void {
    this.#limitsChanged = false
    for (const cgroup of this.#cgroups) {
      const { values } = cgroup.row
      const own = {
        path: cgroup.node.path,
        memoryBytes: values[column.MEMORY_LIMIT]!,
        cpuCores: values[column.CPU_QUOTA]! / values[column.CPU_PERIOD]!,
        hierarchicalMemoryBytes: cgroup.kernelLimit,
      }
      const before = cgroup.effective.memoryCgroup
      cgroup.effective = tighten(own, this.#above(cgroup)?.effective ?? UNLIMITED)
      values[column.MEMORY_EFFECTIVE] = cgroup.effective.memoryBytes
      values[column.CPU_EFFECTIVE] = cgroup.effective.cpuCores
      if (cgroup.effective.memoryCgroup !== before) this.#describe(cgroup)
    }
  }
}

/** False where its limits could not be read. */
const isUnlimited = ({ effective, limitsDue }: Cgroup): boolean =>
  !limitsDue && Number.isNaN(effective.memoryBytes) && Number.isNaN(effective.cpuCores)

function toEntity(
  machine: Entity,
  node: CgroupNode,
  identity: Identity,
  memoryCgroup: string | undefined,
): Entity {
  const { runtime, containerId, name, level } = identity
  return {
    kind: 'container',
    attributes: {
      'host.id': machine.attributes['host.id']!,
      'host.name': machine.attributes['host.name']!,
      'candor.cgroup.path': node.path,
      'candor.cgroup.inode': String(node.inode),
      'candor.cgroup.level': level,
      'container.runtime.name': runtime,
      ...(containerId !== '' && { 'container.id': containerId }),
      ...(name !== '' && { 'container.name': name }),
      ...(memoryCgroup !== undefined && { 'candor.memory.limit.cgroup': memoryCgroup }),
    },
  }
}

function reasonOf(error: unknown): UnreadReason {
  if (error instanceof MalformedFile) return 'malformed'
  return isRefusal(error) ? 'permission' : 'failed'
}

function sum<K>(...counts: readonly ReadonlyMap<K, number>[]): Map<K, number> {
  const total = new Map<K, number>()
  for (const count of counts) {
    for (const [key, n] of count) total.set(key, (total.get(key) ?? 0) + n)
  }
  return total
}
