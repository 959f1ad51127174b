/**
 * Labels of series by the ids that stand for them in the store, so that a series' labels are asked for once.
 * Labels of a narrow series never change, for its id is made of them. An entity's attributes may: its series
 * are kept with a print of them.
 */
import { Labels, METRIC_NAME } from '../grid/labels.ts'

/** Series of one entity, under one print of its attributes. */
export interface KnownEntity {
  readonly print: bigint
  readonly attributes: ReadonlyMap<string, string>
  /** By column and keys. */
  readonly series: Map<string, Labels>
}

export class LabelsCache {
  readonly #most: number
  readonly #narrow = new Map<bigint, Labels>()
  readonly #entities = new Map<bigint, KnownEntity>()
  #series = 0

  constructor(most: number) {
    this.#most = most
  }

  narrow(id: bigint): Labels | undefined {
    return this.#narrow.get(id)
  }

  addNarrow(id: bigint, name: string, labels: Iterable<readonly [string, string]>): Labels {
    const made = Labels.of([...labels, [METRIC_NAME, name]])
    this.#grow()
    this.#narrow.set(id, made)
    return made
  }

  entity(id: bigint, print: bigint): KnownEntity | undefined {
    const known = this.#entities.get(id)
    return known?.print === print ? known : undefined
  }

  addEntity(id: bigint, print: bigint, attributes: ReadonlyMap<string, string>): KnownEntity {
    const made = { print, attributes, series: new Map<string, Labels>() }
    this.#grow()
    this.#entities.set(id, made)
    return made
  }

  ofEntity({ series }: KnownEntity, key: string, make: () => Labels): Labels {
    let labels = series.get(key)
    if (labels === undefined) {
      this.#grow()
      series.set(key, (labels = make()))
    }
    return labels
  }

  /** What is no longer asked for is not known, so at the limit all of it goes. */
  #grow(): void {
    this.#series += 1
    if (this.#series <= this.#most) return
    this.#narrow.clear()
    this.#entities.clear()
    this.#series = 1
  }
}
