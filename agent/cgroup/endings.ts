/**
 * What is kept of cgroups that are no more: the last sample of each until the next pass hands it out,
 * and sums by image. It outlives the reader of cgroups, which begins anew when the machine gets
 * another name.
 */
import { limits } from '../../catalog/limit.ts'
import type { Ended, Entity, Row } from '../../wire/sample.ts'
import type { Cgroup } from './cgroup.ts'
import { Finished } from './finished.ts'
import type { Identity } from './identity.ts'

/** Rows of its own, which nobody overwrites. */
const copyRows = (rows: readonly Row[], entity: Entity): Row[] =>
  rows.map((row) => ({ ...row, entity, values: row.values.slice() }))

/** What counts of a cgroup at its end. */
export type Gone = Pick<Cgroup, 'row' | 'more' | 'level' | 'heldOthers' | 'startMs' | 'readMs'>

export class Endings {
  readonly finished: Finished
  #ended: Ended[] = []
  #leftOut = 0

  constructor(machine: () => Entity) {
    this.finished = new Finished(machine)
  }

  /** Its sample counts with what is known of it now; `timeMs` is when it was found to be gone. */
  add({ row, more, level, heldOthers, startMs, readMs }: Gone, timeMs: number): void {
    const { entity } = row
    const { attributes } = entity
    const isPlain = attributes['container.runtime.name'] === 'cgroup'
    if (level === 'container' && !(heldOthers && isPlain)) {
      const lifetimeMs = startMs === undefined ? Number.NaN : Math.max(0, timeMs - startMs)
      this.finished.add(attributes, lifetimeMs, readMs === undefined ? [] : [row, ...more])
    }
    if (readMs === undefined) return
    if (this.#ended.length >= limits.endedEntities.value) this.#leftOut += 1
    else this.#ended.push({ entity, timeMs: readMs, rows: copyRows([row, ...more], entity) })
  }

  /** A cgroup that came and went before anyone looked; its name tells what it was. */
  unseen({ level, runtime }: Identity, image?: string): void {
    if (level !== 'container') return
    const attributes = {
      'container.runtime.name': runtime,
      ...(image !== undefined && { 'container.image.name': image }),
    }
    this.finished.add(attributes, Number.NaN, [])
  }

  /** What ended since the last call, and how many more there were. */
  take(): { readonly ended: readonly Ended[]; readonly leftOut: number } {
    const taken = { ended: this.#ended, leftOut: this.#leftOut }
    this.#ended = []
    this.#leftOut = 0
    return taken
  }
}
