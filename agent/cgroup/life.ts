/**
 * The life of cgroups between two passes: what comes is found and read at once, and what ends is
 * read once more before it is gone.
 *
 *   a directory comes     told by inotify of the directory above it: found, opened, read
 *   while it is young     read again at growing distances, so that a last sample is not long ago
 *   its last process ends told by inotify of cgroup.events (v2, and v1 with a v2 tree beside it): read
 *   a directory goes      told as it came: its series end, its last sample is kept
 *
 * All of it has an allowance of this process's time and works in slices, so that neither an engine
 * that starts containers by the hundred nor one that was told to start 10,000 keeps the rest waiting.
 * What the allowance leaves out, and all where inotify is not to be had, the next pass does.
 */
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import type { Off } from '../machine/reader.ts'
import { Allowance } from './allowance.ts'
import type { Cgroup } from './cgroup.ts'
import type { Cgroups } from './cgroups.ts'
import type { Follower } from './follower.ts'
import { Guard } from './guard.ts'
import type { CgroupNode } from './node.ts'
import { Recent } from './recent.ts'
import { Slice } from './slice.ts'
import { dueMs, grow, isDue, type Young } from './young.ts'
import { Watches, WatchLimits } from './watches.ts'

/** What could not be watched is tried again after this time. */
const WATCH_ALL_MS = 60_000
/** The second half of what is told comes within this time, however busy the machine is. */
const HALVES_MS = 10_000
/** A runtime makes several directories for one container: they are looked at together. */
const SETTLE_MS = 5
const SHARE = 0.1
const MOST_SAVED_MS = 200
/** Left to the first and the last reads, which nothing can make up for. */
const FOR_FIRST_AND_LAST_MS = 100
/** What is, or should be, watched for a cgroup. */
interface Watched {
  readonly level: Cgroup['level']
  readonly first: string | undefined
  readonly events: string | undefined
}

export interface LifeOptions {
  readonly cgroups: Cgroups
  readonly log: Log
  /** Told when something has come or gone. */
  readonly onChange: () => void
}

export class Life implements Follower {
  readonly #cgroups: Cgroups
  readonly #onChange: () => void
  readonly #guard: Guard
  readonly #limits: WatchLimits
  readonly #directories: Watches
  readonly #ends: Watches
  readonly #allowance = new Allowance(SHARE, MOST_SAVED_MS)
  /** Directories that were told of, by the cgroup above them, and how often each was. */
  readonly #told = new Map<CgroupNode, Map<string, number>>()
  #toldCount = 0
  /** Paths of those that ended before they were told of: what is told of them later is no news. */
  readonly #ended = new Recent(limits.cgroupEvents.value)
  /** Paths at which nothing was, and of which only the coming was told yet. */
  readonly #halves = new Recent(limits.cgroupEvents.value)
  #halvesMs = 0
  readonly #watched = new Map<CgroupNode, Watched>()
  #allWatchedMs = Date.now()
  readonly #young = new Map<CgroupNode, Young>()
  #settling: NodeJS.Timeout | undefined
  readonly #emptied = new Set<CgroupNode>()
  #settlingEmptied: NodeJS.Timeout | undefined
  #growing: NodeJS.Timeout | undefined
  #growingMs = 0

  constructor({ cgroups, log, onChange }: LifeOptions) {
    this.#cgroups = cgroups
    this.#onChange = onChange
    this.#guard = new Guard(log, () => cgroups.suspect())
    this.#limits = new WatchLimits(log)
    this.#directories = new Watches(limits.cgroupWatches.value, this.#limits)
    this.#ends = new Watches(limits.cgroupEndWatches.value, this.#limits)
    cgroups.follow(this)
  }

  /** Why not all that could be told is told. */
  get trouble(): Off | undefined {
    return this.#limits.trouble
  }

  came(node: CgroupNode, level: Cgroup['level'], isNew: boolean): void {
    if (isNew && node.parent !== undefined) this.#watchOver(node)
    this.changed(node, level)
  }

  /** What holds others is watched for them; what may soon, while it is young. */
  changed(node: CgroupNode, level: Cgroup['level']): void {
    const known = this.#watched.get(node)
    const { first = known?.first, v2 } = this.#cgroups.placesOf(node)
    const events = v2 === undefined ? known?.events : `${v2}/cgroup.events`
    this.#watched.set(node, { level, first, events })
    const mayHold = node.parent === undefined || level === 'group' || this.#young.has(node)
    const nowMs = Date.now()
    if (first !== undefined) {
      if (!mayHold) this.#directories.remove(first)
      else this.#directories.add(first, (event, name) => this.#tell(node, event, name), nowMs)
    }
    if (events === undefined || node.parent === undefined) return
    if (level === 'group') this.#ends.remove(events)
    else this.#ends.add(events, () => this.#populationChanged(node), nowMs)
  }

  went(node: CgroupNode): void {
    const { first, events } = this.#watched.get(node) ?? {}
    if (first !== undefined) this.#directories.remove(first)
    if (events !== undefined) this.#ends.remove(events)
    this.#watched.delete(node)
    this.#young.delete(node)
    this.#forget(node)
    this.#ended.add(node.path)
  }

  /** To be called after each pass. */
  passed(timeMs: number): void {
    if (!this.#ended.isEmpty) this.#planSettling(SETTLE_MS)
    if (Math.abs(timeMs - this.#halvesMs) >= HALVES_MS) {
      this.#halvesMs = timeMs
      this.#halves.turn()
    }
    const sinceMs = timeMs - this.#allWatchedMs
    if (sinceMs >= 0 && sinceMs < WATCH_ALL_MS) return
    this.#allWatchedMs = timeMs
    for (const [node, { level }] of this.#watched) this.changed(node, level)
  }

  close(): void {
    clearTimeout(this.#settling)
    clearTimeout(this.#growing)
    clearTimeout(this.#settlingEmptied)
    this.#directories.close()
    this.#ends.close()
    this.#watched.clear()
    this.#young.clear()
    this.#told.clear()
  }

  #tell(node: CgroupNode, event: 'rename' | 'change', name: string): void {
    // A file in the directory was written.
    if (event !== 'rename') return
    if (this.#toldCount >= limits.cgroupEvents.value) {
      this.#cgroups.suspect()
      return
    }
    let names = this.#told.get(node)
    if (names === undefined) this.#told.set(node, (names = new Map()))
    names.set(name, (names.get(name) ?? 0) + 1)
    this.#toldCount += 1
    this.#planSettling(SETTLE_MS)
  }

  #forget(node: CgroupNode): void {
    for (const times of this.#told.get(node)?.values() ?? []) this.#toldCount -= times
    this.#told.delete(node)
  }

  #planSettling(afterMs: number): void {
    this.#settling ??= setTimeout(() => this.#settle(), afterMs).unref()
  }

  #settle(): void {
    const slice = new Slice()
    this.#settling = undefined
    let changed = false
    for (const [node, names] of this.#told) {
      // What is told of a directory that is no more may be of that directory itself.
      const isThere = this.#guard.attempt(() => this.#cgroups.isThere(node))
      for (const [name, times] of isThere ? names : []) {
        if (slice.isOver) break
        names.delete(name)
        this.#toldCount -= times
        changed = this.#guard.attempt(() => this.#look(node, name, times)) || changed
      }
      if (slice.isOver) break
      this.#forget(node)
      if (!isThere) this.#cgroups.suspect()
    }
    // What is done with the change costs too, and the more the more cgroups there are.
    if (changed) this.#onChange()
    this.#allowance.spend(slice.spentMs)
    if (this.#told.size > 0) this.#planSettling(SETTLE_MS + slice.pauseMs)
    else this.#ended.turn()
  }

  /** True when something came or went. */
  #look(parent: CgroupNode, name: string, times: number): boolean {
    const { came, went, isHidden } = this.#cgroups.refresh(parent, name, Date.now())
    if (came.length + went.length > 0) return true
    const node = parent.children.get(name)
    if (node === undefined) return !isHidden && this.#miss(parent, name, times)
    // It leaves one hierarchy of v1 after the other, and only the first one tells.
    this.#watchOver(node)
    return false
  }

  /** Nothing is there: what came and went so fast was told of twice, if not both times by now. */
  #miss(parent: CgroupNode, name: string, times: number): boolean {
    const path = `${parent.parent === undefined ? '' : parent.path}/${name}`
    // A change of the directory above itself, as of its mode, is told with that one's own name.
    const isOwn = this.#cgroups.placesOf(parent).first?.endsWith(`/${name}`) === true
    if (isOwn || this.#ended.has(path)) return false
    const all = times + (this.#halves.delete(path) ? 1 : 0)
    if (all % 2 === 1) this.#halves.add(path)
    if (all > 1) this.#cgroups.unseen(path, Math.floor(all / 2), Date.now())
    return all > 1
  }

  #watchOver(node: CgroupNode): void {
    if (this.#young.has(node) || this.#young.size >= limits.youngCgroups.value) return
    this.#young.set(node, { bornMs: performance.now(), step: 0 })
    this.#planGrowing(0)
  }

  #planGrowing(afterMs: number): void {
    if (this.#growing !== undefined && this.#growingMs <= performance.now() + afterMs) return
    clearTimeout(this.#growing)
    this.#growingMs = performance.now() + afterMs
    this.#growing = setTimeout(() => this.#grow(), afterMs).unref()
  }

  /** Those that were never read come first. */
  #grow(): void {
    const slice = new Slice()
    this.#growing = undefined
    let changed = false
    let leftOut = false
    for (const isFirst of [true, false]) {
      for (const [node, young] of this.#young) {
        if ((young.step === 0) !== isFirst) continue
        const ageMs = performance.now() - young.bornMs
        if (!isDue(young, ageMs)) continue
        const leftMs = this.#allowance.leftMs(performance.now())
        leftOut ||= slice.isOver || leftMs <= (isFirst ? 0 : FOR_FIRST_AND_LAST_MS)
        if (leftOut) break
        const before = slice.spentMs
        changed = this.#guard.attempt(() => this.#readYoung(node)) || isFirst || changed
        this.#allowance.spend(slice.spentMs - before)
        if (!grow(young, ageMs)) this.#mature(node)
      }
    }
    const before = slice.spentMs
    if (changed) this.#onChange()
    this.#allowance.spend(slice.spentMs - before)
    if (leftOut) this.#planGrowing(SETTLE_MS + slice.pauseMs)
    else this.#planNextGrowth()
  }

  /** Looks again first: it may be in another hierarchy by now, hold others, or be gone. */
  #readYoung(node: CgroupNode): boolean {
    const nowMs = Date.now()
    const name = node.path.slice(node.path.lastIndexOf('/') + 1)
    const { came, went } = this.#cgroups.refresh(node.parent!, name, nowMs)
    this.#cgroups.sample(node, nowMs)
    const watched = this.#watched.get(node)
    if (watched !== undefined) this.changed(node, watched.level)
    return came.length + went.length > 0
  }

  #mature(node: CgroupNode): void {
    this.#young.delete(node)
    const watched = this.#watched.get(node)
    if (watched !== undefined) this.changed(node, watched.level)
  }

  #planNextGrowth(): void {
    const nextMs = Math.min(...this.#young.values().map(dueMs))
    if (nextMs < Number.POSITIVE_INFINITY) {
      this.#planGrowing(Math.max(SETTLE_MS, nextMs - performance.now()))
    }
  }

  /** A process that ends is charged for a moment longer than it is in the cgroup. */
  #populationChanged(node: CgroupNode): void {
    if (!this.#readEmptied(node)) return
    this.#emptied.add(node)
    this.#settlingEmptied ??= setTimeout(() => {
      this.#settlingEmptied = undefined
      for (const each of this.#emptied) this.#readEmptied(each)
      this.#emptied.clear()
    }, SETTLE_MS).unref()
  }

  #readEmptied(node: CgroupNode): boolean {
    if (this.#allowance.leftMs(performance.now()) <= 0) return false
    const slice = new Slice()
    const isEmpty = this.#guard.attempt(() => this.#cgroups.sampleLast(node, Date.now()))
    this.#allowance.spend(slice.spentMs)
    return isEmpty
  }
}
