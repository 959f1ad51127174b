/**
 * What is known of the owners of cgroups beyond their paths, from all who may be asked. It answers at
 * once with what was told so far; asking goes on beside the passes.
 */
import type { Identity } from '../cgroup/identity.ts'
import { Asker, type AskerState } from './asker.ts'
import type { KnownFacts } from './attributes.ts'
import type { ContainerFacts, PodFacts } from './facts.ts'
import type { Source } from './source.ts'

/** As that of a reader. */
export interface SourceReport extends AskerState {
  /** `identity.<source>`. */
  readonly name: string
  /** Containers that it told of. */
  readonly rows: number
  readonly found: readonly never[]
  readonly columns: readonly never[]
}

export class Identities {
  readonly #askers: readonly Asker[]
  /** Changes when more, or something else, is known. */
  version = 0

  /** Where two tell the same, the one that stands first is believed. */
  constructor(sources: readonly Source[], onNews: () => void = () => {}) {
    const learn = () => {
      this.version += 1
      onNews()
    }
    this.#askers = sources.map((source) => new Asker(source, learn))
  }

  /** `path` is that of the cgroup. Undefined where nothing is known. */
  of(identity: Identity, path: string): KnownFacts | undefined {
    const { level, podUid, isNested } = identity
    if (isNested || (level === 'group' && podUid === '')) return undefined
    let facts: KnownFacts | undefined
    for (const asker of this.#askers) {
      asker.meet(identity, path)
      const told = asker.container(identity, path) ?? asker.pod(identity, path)
      if (told !== undefined) facts = facts === undefined ? told : complete(facts, told)
    }
    return facts
  }

  /** Whether one of them may still tell of it. */
  expects(identity: Identity, path: string): boolean {
    return this.#askers.some((asker) => asker.expects(identity, path))
  }

  reports(): SourceReport[] {
    return this.#askers.map((asker) => ({
      ...asker.state,
      name: `identity.${asker.name}`,
      rows: asker.size,
      found: [],
      columns: [],
    }))
  }

  /** Settles when all that is due was asked, or after `mostMs`. */
  async settled(mostMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, mostMs)
    await Promise.race([promise, Promise.all(this.#askers.map((asker) => asker.settled()))])
    clearTimeout(timer)
  }

  stop(): void {
    for (const asker of this.#askers) asker.stop()
  }
}

/** The first has the word; what it does not say, the other may. */
function complete(first: KnownFacts, other: ContainerFacts | PodFacts): KnownFacts {
  const told = Object.entries(first).filter(([, value]) => value !== undefined)
  return { ...other, ...Object.fromEntries(told) }
}
