/**
 * The labels of a series: names in ascending order, no empty values, which are the same as none. Equal sets
 * have equal keys, so a key groups series.
 */
export type Label = readonly [name: string, value: string]

export const METRIC_NAME = '__name__'

export class Labels {
  static readonly NONE = new Labels([])
  readonly entries: readonly Label[]
  #key: string | undefined

  /** Of entries that are in order and not empty already. */
  private constructor(entries: readonly Label[]) {
    this.entries = entries
  }

  static of(labels: Readonly<Record<string, string>> | Iterable<Label>): Labels {
    const all = new Map(Symbol.iterator in labels ? labels : Object.entries(labels))
    const entries = [...all].filter(([, value]) => value !== '')
    return entries.length === 0 ? Labels.NONE : new Labels(entries.sort(byName))
  }

  /** Equal for equal sets and for no others. */
  get key(): string {
    this.#key ??= this.entries
      .map(([name, value]) => `${name.length}:${name}${value.length}:${value}`)
      .join('')
    return this.#key
  }

  get(name: string): string {
    return this.entries.find(([known]) => known === name)?.[1] ?? ''
  }

  with(name: string, value: string): Labels {
    return Labels.of([...this.entries.filter(([known]) => known !== name), [name, value]])
  }

  only(names: ReadonlySet<string>): Labels {
    return this.#filtered((name) => names.has(name))
  }

  /** The name of the metric stays, if it is not among the names. */
  without(names: ReadonlySet<string>): Labels {
    return this.#filtered((name) => !names.has(name))
  }

  withoutName(): Labels {
    return this.#filtered((name) => name !== METRIC_NAME)
  }

  toObject(): Record<string, string> {
    return Object.fromEntries(this.entries)
  }

  #filtered(keep: (name: string) => boolean): Labels {
    const kept = this.entries.filter(([name]) => keep(name))
    return kept.length === this.entries.length ? this : new Labels(kept)
  }
}

const byName = ([a]: Label, [b]: Label) => (a < b ? -1 : a > b ? 1 : 0)

/** The order in which Prometheus lists series. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.entries.length, b.entries.length)
  for (let i = 0; i < length; i++) {
    const [nameA, valueA] = a.entries[i]!
    const [nameB, valueB] = b.entries[i]!
    if (nameA !== nameB) return nameA < nameB ? -1 : 1
    if (valueA !== valueB) return valueA < valueB ? -1 : 1
  }
  return a.entries.length - b.entries.length
}
