/** The disks of a store, asked of the engine: it may be in this process or on another machine. */
import type { Store } from './store.ts'

export interface Disk {
  /** What the engine may still write. */
  readonly freeBytes: number
  readonly sizeBytes: number
}

const DISKS = `
SELECT sum(toFloat64(unreserved_space)) AS freeBytes, sum(toFloat64(total_space)) AS sizeBytes
FROM system.disks`

/** Of all of them together; undefined where the engine tells of none. */
export async function readDisk(store: Pick<Store, 'query'>): Promise<Disk | undefined> {
  const [disk] = await store.query<Disk>(DISKS, {}, { session: 'background' })
  return disk !== undefined && disk.sizeBytes > 0 ? disk : undefined
}
