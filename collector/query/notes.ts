/** What is to be said beside an answer: each note once, and not more than a reader reads. */
const MOST = 10

export class Notes {
  readonly #warnings: Kept
  readonly #infos: Kept
  readonly #places: readonly (string | undefined)[]

  constructor(
    places: readonly (string | undefined)[] = [],
    warnings = new Kept('warning'),
    infos = new Kept('info'),
  ) {
    this.#places = places
    this.#warnings = warnings
    this.#infos = infos
  }

  /** The same notes, where what is said is about a call whose arguments start at these places. */
  about(places: readonly (string | undefined)[]): Notes {
    return new Notes(places, this.#warnings, this.#infos)
  }

  /** The result may be wrong; `argument` is the one that it is about. */
  warn(text: string, argument = 0): void {
    this.#warnings.add(text, this.#places[argument])
  }

  /** The query may be meant otherwise. */
  info(text: string, argument = 0): void {
    this.#infos.add(text, this.#places[argument])
  }

  get warnings(): readonly string[] {
    return this.#warnings.list
  }

  get infos(): readonly string[] {
    return this.#infos.list
  }
}

class Kept {
  readonly #kind: string
  readonly #texts = new Set<string>()
  /** Those above the bound are told apart by nothing but their number. */
  #more = 0

  constructor(kind: 'warning' | 'info') {
    this.#kind = kind
  }

  add(text: string, place: string | undefined): void {
    const said = `PromQL ${this.#kind}: ${text}${place === undefined ? '' : ` (${place})`}`
    if (this.#texts.has(said)) return
    if (this.#texts.size < MOST) this.#texts.add(said)
    else this.#more++
  }

  get list(): readonly string[] {
    if (this.#more === 0) return [...this.#texts]
    return [...this.#texts, `${this.#more} more ${this.#kind} annotations omitted`]
  }
}
