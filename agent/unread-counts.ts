/** What a pass saw and could not read, counted by reason. */
import { machineUnread } from '../catalog/tables/machine-unread.ts'
import { columnOf } from '../catalog/tables.ts'
import { emptyRow, type Entity, type Row } from '../wire/sample.ts'

export interface Unread {
  readonly kind: 'container' | 'runtime'
  readonly reason: string
  readonly count: number
}

const ENTITIES = columnOf(machineUnread, 'entities')

export class UnreadCounts {
  readonly #all: Unread[] = []

  get all(): readonly Unread[] {
    return this.#all
  }

  count(kind: Unread['kind'], unread: ReadonlyMap<string, number>): void {
    for (const [reason, count] of unread) this.#all.push({ kind, reason, count })
  }

  rows(machine: Entity): Row[] {
    return this.#all.map(({ kind, reason, count }) => {
      const row = emptyRow(machineUnread, machine, [kind, reason])
      row.values[ENTITIES] = count
      return row
    })
  }
}
