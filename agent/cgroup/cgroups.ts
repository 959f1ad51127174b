/** Reads every cgroup of the machine, whatever the kernel's version, into rows of one table. */
import { container } from '../../catalog/tables/container.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { CgroupGone } from './cgroup-files.ts'
import { type Cgroup, openFiles } from './cgroup.ts'
import { type CgroupPlace, containerOf } from './container-of.ts'
import { describe, type Describing, type KnownIdentities, learn, startOf } from './describe.ts'
import { Endings } from './endings.ts'
import type { Follower } from './follower.ts'
import { holdsOf, identify } from './identity.ts'
import { LimitsRound } from './limits-round.ts'
import { tightenRow, UNLIMITED } from './limits.ts'
import type { Layout } from './mode.ts'
import type { CgroupNode } from './node.ts'
import { readAtEnd, readCgroup } from './read-cgroup.ts'
import { type Shared, share } from './shared.ts'
import { Unnamed } from './unnamed.ts'
import { CgroupTree, type TreeChange } from './tree.ts'
import { countOne, reasonOf, sum, type UnreadReason } from './unread.ts'

export interface CgroupRows {
  readonly rows: readonly Row[]
  readonly unread: ReadonlyMap<UnreadReason, number>
}

export interface CgroupsOptions {
  /** Of one's own where what ended is to be known of later. */
  readonly endings?: Endings
  /** Values of flags by their names. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly identities?: KnownIdentities | undefined
}

export class Cgroups {
  readonly #shared: Shared
  readonly #files: KernelFiles
  readonly #describing: Describing
  #known = 0
  readonly #layout: Layout
  readonly #endings: Endings
  readonly #unnamed: Unnamed
  readonly #tree: CgroupTree
  /** Parents before children; the root first: it has limits inside a container, but no row. */
  readonly #byNode = new Map<CgroupNode, Cgroup>()
  #follower: Follower | undefined
  readonly #round = new LimitsRound()
  #limitsChanged = false
  #pass = 0
  #lookedMs = 0

  constructor(
    files: KernelFiles,
    machine: Entity,
    layout: Layout,
    { endings = new Endings(() => machine), settings, identities }: CgroupsOptions = {},
  ) {
    this.#files = files
    this.#shared = share(files, settings)
    this.#describing = { machine, mode: layout.mode, identities }
    this.#layout = layout
    this.#endings = endings
    this.#unnamed = new Unnamed(endings, this.#describing)
    this.#tree = new CgroupTree(files, layout)
  }

  get root(): CgroupNode {
    return this.#tree.root
  }

  follow(follower: Follower): void {
    this.#follower = follower
  }

  read(timeMs: number): CgroupRows {
    this.look(timeMs)
    this.#pass += 1
    const failures = new Map<UnreadReason, number>()
    this.#round.takeTurn([...this.#byNode.values()], timeMs)
    if (this.#readAll(timeMs, failures) > 0) {
      // A cgroup that was removed may have a successor of the same name: it is read in this pass.
      this.#tree.suspect()
      this.look(timeMs)
      const gone = this.#readAll(timeMs, failures)
      if (gone > 0) failures.set('failed', (failures.get('failed') ?? 0) + gone)
    }
    if (this.#limitsChanged) this.#tightenAll()
    for (const { files } of this.#byNode.values()) countOne(failures, files.unread)
    return { rows: this.rows(), unread: sum(this.#tree.unread, failures) }
  }

  /** Of all that was read in the last pass or since, and has not ended. */
  rows(): Row[] {
    this.#learn()
    const rows: Row[] = []
    for (const { pass, node, row, info, more } of this.#byNode.values()) {
      if (pass !== this.#pass || node.parent === undefined) continue
      rows.push(row)
      if (info !== undefined) rows.push(info)
      for (const each of more) rows.push(each)
    }
    return rows
  }

  /** Finds what came and what ended, and reads nothing of it. */
  look(timeMs: number): void {
    this.#lookedMs = timeMs
    this.#unnamed.settle(timeMs)
    const changed = this.#tree.look(timeMs)
    if (changed || !this.#byNode.has(this.#tree.root)) this.#adopt(timeMs)
  }

  /** As `look`, at one name below a cgroup. */
  refresh(parent: CgroupNode, name: string, timeMs: number): TreeChange {
    const change = this.#tree.refresh(parent, name)
    for (const node of change.went) this.#leave(node, timeMs)
    for (const node of change.came) this.#enter(node, timeMs)
    const there = this.#byNode.get(parent)
    if (there !== undefined) this.#mayHoldOthers(there)
    const node = parent.children.get(name)
    if (change.came.length === 0 && node !== undefined) this.#enter(node, timeMs)
    return change
  }

  /** Whether events below a cgroup can still be its own. */
  isThere(node: CgroupNode): boolean {
    return this.#byNode.has(node) && this.#tree.isThere(node)
  }

  suspect(): void {
    this.#tree.suspect()
  }

  /** Reads one cgroup between two passes; false when it has ended, or cannot be read. */
  sample(node: CgroupNode, timeMs: number): boolean {
    const cgroup = this.#byNode.get(node)
    if (cgroup === undefined || node.parent === undefined) return false
    try {
      this.#limitsChanged = readCgroup(cgroup, timeMs) || this.#limitsChanged
    } catch (error) {
      if (error instanceof CgroupGone) this.#tree.suspect()
      return false
    }
    cgroup.pass = this.#pass
    // Those below it have their turn in the next pass.
    if (this.#limitsChanged) this.#tighten(cgroup)
    return true
  }

  /** Reads a cgroup for the last time, if no process is in it or below it. */
  sampleLast(node: CgroupNode, timeMs: number): boolean {
    const { v2 } = this.placesOf(node)
    const cgroup = this.#byNode.get(node)
    if (v2 === undefined || cgroup === undefined) return false
    const events = this.#files.readText(`${v2}/cgroup.events`)
    if (!events?.startsWith('populated 0')) return false
    readAtEnd(cgroup, timeMs)
    return true
  }

  /** Cgroups of this path that came and went without being seen. */
  unseen(path: string, times: number, timeMs: number): void {
    const identity = identify(path, 'nothing')
    for (let i = 0; i < times; i += 1) this.#unnamed.unseen(identity, path, timeMs)
  }

  /** Directory of a cgroup in the first hierarchy, and that of the v2 tree. */
  placesOf(node: CgroupNode): { first: string | undefined; v2: string | undefined } {
    const first = this.#tree.directory(node, 0)
    const { mode, unified } = this.#layout
    return { first, v2: mode === 'v2' ? first : unified && unified + node.path }
  }

  /** The container that a process belongs to, or the root; undefined where it is not known. */
  containerOf(pid: number): CgroupPlace | undefined {
    return containerOf(pid, {
      files: this.#files,
      layout: this.#layout,
      tree: this.#tree,
      byNode: this.#byNode,
    })
  }

  close(): void {
    this.#unnamed.close()
    for (const { files } of this.#byNode.values()) files.close()
    this.#byNode.clear()
  }

  /** Follows the tree: new cgroups are opened, those that left are closed. */
  #adopt(timeMs: number): void {
    const nodes = [this.#tree.root, ...this.#tree.nodes]
    const now = new Set(nodes)
    for (const node of this.#byNode.keys()) if (!now.has(node)) this.#leave(node, timeMs)
    for (const node of nodes) this.#enter(node, timeMs)
  }

  #enter(node: CgroupNode, timeMs: number): void {
    const known = this.#byNode.get(node)
    if (known?.version === node.version) {
      this.#mayHoldOthers(known)
      return
    }
    known?.files.close()
    const cgroup = this.#open(node, known, timeMs)
    this.#byNode.set(node, cgroup)
    this.#limitsChanged = true
    if (known === undefined) this.#follower?.came(node, cgroup.level, this.#pass > 0)
  }

  #mayHoldOthers(cgroup: Cgroup): void {
    const { children } = cgroup.node
    if (cgroup.children === children.size) return
    cgroup.children = children.size
    const holds = holdsOf(children.keys())
    if (cgroup.holds === holds) return
    cgroup.holds = holds
    cgroup.heldOthers ||= holds !== 'nothing'
    describe(cgroup, this.#describing)
    this.#follower?.changed(cgroup.node, cgroup.level)
  }

  /** Its last sample is kept. */
  #leave(node: CgroupNode, timeMs: number): void {
    const cgroup = this.#byNode.get(node)
    if (cgroup === undefined) return
    this.#byNode.delete(node)
    // More may be known of whose it is than at the last pass.
    const { more } = cgroup
    describe(cgroup, this.#describing)
    cgroup.more = more
    cgroup.files.close()
    this.#follower?.went(node)
    if (node.parent !== undefined) this.#unnamed.add(cgroup, timeMs)
  }

  #open(node: CgroupNode, known: Cgroup | undefined, timeMs: number): Cgroup {
    const holds = holdsOf(node.children.keys())
    const places = node.places.filter((place) => place !== undefined).length
    const cgroup: Cgroup = {
      node,
      version: node.version,
      startMs: known?.startMs ?? startOf(node, this.#describing.machine.startMs, timeMs),
      files: openFiles(this.#shared, this.#layout, this.#tree, node),
      row: known?.row ?? emptyRow(container, this.#describing.machine),
      more: known?.more ?? [],
      level: 'group',
      holds,
      children: node.children.size,
      heldOthers: holds !== 'nothing' || known?.heldOthers === true,
      effective: known?.effective ?? UNLIMITED,
      kernelLimit: undefined,
      limitsDue: true,
      pass: known?.pass ?? 0,
      readMs: known?.readMs,
      places,
      lostMs: known !== undefined && places < known.places ? timeMs : Number.NaN,
    }
    const { more } = cgroup
    describe(cgroup, this.#describing)
    cgroup.more = more
    this.#expectEnd(cgroup)
    return cgroup
  }

  /** Describes all anew when more is known of whose they are than at `#known`. */
  #learn(): void {
    const { version = 0 } = this.#describing.identities ?? {}
    if (version === this.#known) return
    this.#known = version
    for (const cgroup of this.#byNode.values()) {
      learn(cgroup, this.#describing)
      this.#expectEnd(cgroup)
    }
    this.#unnamed.settle(this.#lookedMs)
  }

  #expectEnd({ level, row }: Cgroup): void {
    if (level === 'container') this.#endings.finished.expect(row.entity.attributes)
  }

  /** Reads all that this pass has not read yet; returns how many were found to be gone. */
  #readAll(timeMs: number, failures: Map<UnreadReason, number>): number {
    let gone = 0
    for (const cgroup of this.#byNode.values()) {
      if (cgroup.pass === this.#pass) continue
      try {
        this.#limitsChanged = readCgroup(cgroup, timeMs) || this.#limitsChanged
        cgroup.pass = this.#pass
      } catch (error) {
        if (error instanceof CgroupGone) {
          gone += 1
          cgroup.files.close()
          cgroup.files = openFiles(this.#shared, this.#layout, this.#tree, cgroup.node)
          cgroup.files.describe(cgroup.row.entity)
        } else {
          countOne(failures, reasonOf(error))
        }
      }
    }
    return gone
  }

  #tightenAll(): void {
    this.#limitsChanged = false
    for (const cgroup of this.#byNode.values()) this.#tighten(cgroup)
  }

  #tighten(cgroup: Cgroup): void {
    const { node, row, kernelLimit, effective } = cgroup
    const own = { path: node.path, hierarchicalMemoryBytes: kernelLimit }
    const above = node.parent === undefined ? undefined : this.#byNode.get(node.parent)
    cgroup.effective = tightenRow(row.values, own, above?.effective ?? UNLIMITED)
    if (cgroup.effective.memoryCgroup !== effective.memoryCgroup) describe(cgroup, this.#describing)
  }
}
