/**
 * The newest pass as it is sent, made when it is first asked for and kept until the next pass: any
 * number of scrapers cost one rendering a format and one compression an encoding, also while these
 * are still going on.
 *
 * A body belongs to one pass from its first byte to its last: it is made from a snapshot that was
 * taken in one go. Scrapers that are still reading an older body keep that one alone.
 */
import { limits } from '../../catalog/limit.ts'
import type { Format } from '../../wire/exposition-format.ts'
import { renderChunks, type Snapshot, takeSnapshot } from '../../wire/exposition.ts'
import type { Row } from '../../wire/sample.ts'
import type { AgentPass } from '../pass.ts'
import { Blocks } from './blocks.ts'
import { type Body, type Encoding, makeBody } from './body.ts'
import { type Filter, filterKey, rowsOf } from './filter.ts'

export interface Wanted {
  readonly filter: Filter
  readonly format: Format
  readonly encoding: Encoding
}

interface Kept {
  readonly snapshot: Snapshot
  readonly bodies: Map<string, Promise<Body>>
  /** Called when the pass is over: readers may still hold a body. */
  readonly releases: (() => void)[]
}

export class Expositions {
  readonly #own: (pass: AgentPass) => readonly Row[]
  #pass: AgentPass | undefined
  #ownRows: readonly Row[] = []
  readonly #kept = new Map<string, Kept>()
  readonly #blocks = new Blocks()
  #identities = 0

  /** `own` are rows of the agent itself, which no filter leaves out. */
  constructor(own: (pass: AgentPass) => readonly Row[]) {
    this.#own = own
  }

  /** `pass` must be the newest, whose rows nothing has overwritten yet. */
  body(pass: AgentPass, { filter, format, encoding }: Wanted): Promise<Body> {
    if (pass !== this.#pass) {
      this.drop()
      this.#ownRows = this.#own(pass)
      this.#pass = pass
    }
    const { snapshot, bodies, releases } = this.#keptFor(pass, filter)
    const key = `${format} ${encoding}`
    const known = bodies.get(key)
    if (known !== undefined) return known
    if (encoding === 'identity') this.#identities += 1
    const made = makeBody(renderChunks(snapshot, format), encoding, this.#blocks)
    bodies.set(key, made)
    made.then(
      (body) => releases.push(body.hold()),
      // Whoever waits for it is told; who comes later tries again.
      () => bodies.delete(key),
    )
    return made
  }

  /** The next body is made anew: the pass is over, or something of it is no more. */
  drop(): void {
    if (this.#pass === undefined) return
    this.#pass = undefined
    this.#ownRows = []
    if (this.#identities === 0) this.#blocks.forget()
    this.#identities = 0
    for (const { releases } of this.#kept.values()) for (const release of releases) release()
    this.#kept.clear()
  }

  #keptFor(pass: AgentPass, filter: Filter): Kept {
    const key = filterKey(filter)
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const { rows, foreign, only } = rowsOf(pass, filter)
    const kept: Kept = {
      snapshot: takeSnapshot([...rows, ...this.#ownRows], foreign, only),
      bodies: new Map(),
      releases: [],
    }
    if (this.#kept.size < limits.scrapeFilters.value) this.#kept.set(key, kept)
    return kept
  }
}
