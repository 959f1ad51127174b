/** topk, bottomk, limitk, limit_ratio: some of the series at each step, as they are. */
import type { GridSeries } from './grid.ts'
import type { Labels } from './labels.ts'

type Chosen = (series: readonly GridSeries[], ks: Float64Array, steps: number) => GridSeries[]

export const largestOf: Chosen = (series, ks, steps) => ranked(series, ks, steps, 1)
export const leastOf: Chosen = (series, ks, steps) => ranked(series, ks, steps, -1)

/** One step is an instant, whose result is in order of rank; over a range series stay in theirs. */
function ranked(
  series: readonly GridSeries[],
  ks: Float64Array,
  steps: number,
  sign: 1 | -1,
): GridSeries[] {
  const kept = series.map(() => new Uint8Array(steps))
  const heap = new Heap(series.length, sign)
  for (let step = 0; step < steps; step++) {
    const k = ks[step]!
    if (k < 1) continue
    heap.clear()
    for (let i = 0; i < series.length; i++) {
      if (series[i]!.present[step] === 1) heap.offer(i, series[i]!.values[step]!, k)
    }
    for (const i of heap.members()) kept[i]![step] = 1
  }
  const order = steps === 1 ? heap.inOrder() : series.keys()
  const found: GridSeries[] = []
  for (const i of order) {
    if (kept[i]!.includes(1)) found.push({ ...series[i]!, present: kept[i]! })
  }
  return found
}

/**
 * The best so far, the worst of them in front. NaN is worse than any number. Which of equals stay is decided as a
 * binary heap of Go decides it.
 */
class Heap {
  readonly #indexes: Int32Array
  readonly #values: Float64Array
  readonly #sign: 1 | -1
  #length = 0

  constructor(capacity: number, sign: 1 | -1) {
    this.#indexes = new Int32Array(capacity)
    this.#values = new Float64Array(capacity)
    this.#sign = sign
  }

  clear(): void {
    this.#length = 0
  }

  members(): Int32Array {
    return this.#indexes.subarray(0, this.#length)
  }

  /** Best first. */
  inOrder(): number[] {
    const places = Array.from({ length: this.#length }, (_, i) => i)
    places.sort((a, b) => (this.#isWorse(a, b) ? 1 : this.#isWorse(b, a) ? -1 : 0))
    return places.map((place) => this.#indexes[place]!)
  }

  offer(index: number, value: number, k: number): void {
    if (this.#length < k) {
      const at = this.#length++
      this.#indexes[at] = index
      this.#values[at] = value
      this.#up(at)
      return
    }
    const worst = this.#values[0]!
    const isBetter = this.#sign * worst < this.#sign * value
    if (!isBetter && !(Number.isNaN(worst) && !Number.isNaN(value))) return
    this.#indexes[0] = index
    this.#values[0] = value
    this.#down()
  }

  #isWorse(a: number, b: number): boolean {
    const [value, other] = [this.#values[a]!, this.#values[b]!]
    return Number.isNaN(value) ? !Number.isNaN(other) : this.#sign * value < this.#sign * other
  }

  #up(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isWorse(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #down(): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#length) return
      if (child + 1 < this.#length && this.#isWorse(child + 1, child)) child++
      if (!this.#isWorse(child, at)) return
      this.#swap(at, child)
      at = child
    }
  }

  #swap(a: number, b: number): void {
    const index = this.#indexes[a]!
    const value = this.#values[a]!
    this.#indexes[a] = this.#indexes[b]!
    this.#values[a] = this.#values[b]!
    this.#indexes[b] = index
    this.#values[b] = value
  }
}

/** The first k that have a value at a step. */
export const firstOf: Chosen = (series, ks, steps) => {
  const taken = new Float64Array(steps)
  const found: GridSeries[] = []
  for (const one of series) {
    const present = one.present.slice()
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue
      if (taken[step]! >= ks[step]!) present[step] = 0
      else taken[step]!++
    }
    if (present.includes(1)) found.push({ ...one, present })
  }
  return found
}

/** A share of the series, always the same; a negative ratio takes just those that its complement leaves. */
export function ratioOf(series: readonly GridSeries[], ratios: Float64Array): GridSeries[] {
  const found: GridSeries[] = []
  for (const one of series) {
    const place = placeOf(one.labels)
    const present = one.present.slice()
    for (let step = 0; step < present.length; step++) {
      const ratio = ratios[step]!
      if (ratio >= 0 ? place >= ratio : place < 1 + ratio) present[step] = 0
    }
    if (present.includes(1)) found.push({ ...one, present })
  }
  return found
}

/** From 0 to below 1, evenly spread (FNV-1a, with the last step of MurmurHash3). */
function placeOf({ key }: Labels): number {
  let hash = 0x81_1c_9d_c5
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01_00_01_93)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
