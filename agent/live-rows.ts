/**
 * The rows of the newest pass. They change between two passes when a container comes or ends: its
 * rows are seen at once, and what ran in one that ended is seen no more.
 */
import type { Row } from '../wire/sample.ts'

export class LiveRows {
  /** All, in the order of the readers; who holds a list sees what it holds now. */
  readonly all: Row[] = []
  readonly cgroups: Row[] = []
  readonly runtimes: Row[] = []

  /** `cgroups` are all that there are now. */
  change(cgroups: readonly Row[]): void {
    const ended = new Set(this.cgroups.map(pathOf)).difference(new Set(cgroups.map(pathOf)))
    const runtimes = this.runtimes.filter((row) => !ended.has(pathOf(row)))
    const before = new Set([...this.cgroups, ...this.runtimes])
    const others = this.all.filter((row) => !before.has(row))
    refill(this.cgroups, cgroups)
    refill(this.runtimes, runtimes)
    refill(this.all, others, cgroups, runtimes)
  }
}

function refill(list: Row[], ...parts: readonly (readonly Row[])[]): void {
  list.length = 0
  for (const part of parts) for (const row of part) list.push(row)
}

const pathOf = ({ entity }: Row): string | undefined => entity.attributes['candor.cgroup.path']
