/**
 * Merges the parts of each partition that nothing is written to any more into one, which takes less
 * room and is read faster. The engine does so by itself in time, but not to the end.
 */
import { readPartitions, spanOf } from '../retention.ts'
import type { Store } from '../store.ts'

export interface Compacted {
  readonly partitions: number
  /** Partitions that were not looked at since the time was up. */
  readonly left: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** Starts no further partition when `isOver`; one that was started is finished. */
export async function compact(
  store: Pick<Store, 'query' | 'command'>,
  nowMs: number,
  isOver: () => boolean,
): Promise<Compacted> {
  const several = await store.query<{ table: string; id: string }>(
    `SELECT table, partition_id AS id FROM system.parts
     WHERE database = currentDatabase() AND active
     GROUP BY table, partition_id HAVING count() > 1`,
  )
  const before = await readPartitions(store)
  const work = before.filter((partition) => {
    const [, endMs = Infinity] = spanOf(partition) ?? []
    const isClosed = endMs <= nowMs
    return (
      isClosed && several.some(({ table, id }) => table === partition.table && id === partition.id)
    )
  })
  let partitions = 0
  for (const { table, id } of work) {
    if (isOver()) break
    await store.command(`OPTIMIZE TABLE ${table} PARTITION ID '${id}' FINAL`)
    partitions += 1
  }
  const bytes = (of: typeof before) => of.reduce((total, each) => total + each.bytes, 0)
  return {
    partitions,
    left: work.length - partitions,
    bytesBefore: bytes(before),
    bytesAfter: bytes(await readPartitions(store)),
  }
}
