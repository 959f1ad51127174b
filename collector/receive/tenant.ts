/** What receiving remembers of one tenant between requests. */
import { limits } from '../../catalog/limit.ts'
import { type Allowed, UNBOUNDED } from '../access/allowed.ts'
import { Destinations } from './destinations.ts'
import { SeenCache } from './seen.ts'
import { Skeletons } from './skeletons.ts'
import { makeSource, type Source } from './source.ts'

/** last_seen of an entity is behind its newest sample by less than this. */
const ENTITY_REFRESH_MS = 300_000
const SERIES_REFRESH_MS = 900_000

export class Tenant {
  readonly name: string
  readonly entities = new SeenCache(limits.seriesCached.value, ENTITY_REFRESH_MS)
  readonly series = new SeenCache(limits.seriesCached.value, SERIES_REFRESH_MS)
  readonly facts = new SeenCache(limits.seriesCached.value, Number.POSITIVE_INFINITY)
  /** All that was announced to the store. */
  readonly announced: readonly SeenCache[] = [this.entities, this.series, this.facts]
  readonly destinations: Destinations
  readonly skeletons = new Skeletons()
  /** What the sender of the request that is being decoded may add. */
  allowed: Allowed = UNBOUNDED
  /** Decoding gives the same map for the same bytes. */
  readonly #sources = new WeakMap<ReadonlyMap<string, string>, Source>()

  constructor(name: string) {
    this.name = name
    this.destinations = new Destinations(name)
  }

  /** Takes a share, 0-1, of the memory that there is for how requests were laid out. */
  share(part: number): void {
    this.skeletons.limit = limits.skeletonBytes.value * part
    this.destinations.limit = limits.internedSeries.value * part
  }

  refusesSeries(id: bigint): boolean {
    return this.series.isNear(this.allowed.series, 1) && !this.series.has(id)
  }

  refusesEntity(id: bigint): boolean {
    return this.entities.isNear(this.allowed.entities, 1) && !this.entities.has(id)
  }

  source(attributes: ReadonlyMap<string, string>): Source {
    let source = this.#sources.get(attributes)
    if (source === undefined) {
      source = makeSource(this.name, attributes)
      this.#sources.set(attributes, source)
    }
    return source
  }
}
