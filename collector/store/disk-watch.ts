/**
 * How much room the store has left, and until when: for /metrics, and as a profile that is judged like
 * any other. What could not be read is not known, until it can be read again.
 */
import { hostname } from 'node:os'
import { judgeStore } from '../../judge/rules/store-disk-full.ts'
import type { Judged } from '../../judge/lifecycle.ts'
import type { StoreProfile, Subject } from '../../judge/profile.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { type Disk, readDisk } from './disk.ts'
import { type Forecast, forecast } from './operate/forecast.ts'
import { readPartitions, type Retention } from './retention.ts'
import type { Store, StoreOptions } from './store.ts'

const DAY_SECONDS = 86_400

export interface DiskWatchOptions {
  readonly store: Pick<Store, 'query' | 'describe'>
  /** How the store was asked for: an embedded one is on this machine. */
  readonly kind: StoreOptions
  readonly retention: Retention
  readonly own: OwnMetrics
}

export class DiskWatch {
  readonly #options: DiskWatchOptions
  readonly #subject: Subject
  #profile: StoreProfile | undefined

  constructor(options: DiskWatchOptions) {
    this.#options = options
    this.#subject = subjectOf(options)
  }

  async look(nowMs: number): Promise<void> {
    const { store, retention } = this.#options
    try {
      const partitions = await readPartitions(store)
      const disk = await readDisk(store)
      this.#keep(disk, forecast(partitions, retention, disk?.freeBytes ?? Infinity, nowMs))
    } catch (error) {
      this.#keep(undefined, undefined)
      throw error
    }
  }

  /** Nothing before the first look. */
  readonly judged = (): readonly Judged[] => {
    if (this.#profile === undefined) return []
    const { entity, name, machine } = this.#profile
    const judgement = judgeStore(this.#profile)
    return [{ subject: { entity, name, machine }, rule: 'store.disk-full', judgement }]
  }

  #keep(disk: Disk | undefined, told: Forecast | undefined): void {
    const { bytes, bytesPerDay, finalBytes, fullInDays } = told ?? {}
    const fullInSeconds = fullInDays === undefined ? undefined : fullInDays * DAY_SECONDS
    this.#profile = {
      ...this.#subject,
      kind: 'store',
      ...(bytes !== undefined && { sizeBytes: bytes }),
      ...(disk !== undefined && { freeBytes: disk.freeBytes }),
      ...(bytesPerDay !== undefined && { bytesPerDay }),
      ...(finalBytes !== undefined && { finalBytes }),
      ...(fullInSeconds !== undefined && { fullInSeconds }),
    }
    const { own } = this.#options
    const absent = Number.NaN
    own.set('storeBytes', {}, bytes ?? absent)
    own.set('storeDiskBytes', {}, disk?.sizeBytes ?? absent)
    own.set('storeFreeBytes', {}, disk?.freeBytes ?? absent)
    own.set('storeGrowth', {}, (bytesPerDay ?? absent) / DAY_SECONDS)
    own.set('storeFinalBytes', {}, finalBytes ?? absent)
    // Never is known as well.
    const isKnown = bytesPerDay !== undefined && disk !== undefined
    own.set('storeFullIn', {}, isKnown ? (fullInSeconds ?? Infinity) : absent)
  }
}

/** Collectors that share a server speak of one store. */
function subjectOf({ store: { describe }, kind }: DiskWatchOptions): Subject {
  const name = `store (${describe})`
  if ('url' in kind) {
    const { host } = new URL(kind.url)
    return { entity: { 'candor.store': describe }, name, machine: host }
  }
  const machine = hostname()
  return { entity: { 'host.name': machine, 'candor.store': describe }, name, machine }
}
