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
  const heaps = new Heaps(ks, series.length, sign)
  for (const [i, { values, present }] of series.entries()) {
    for (let step = 0; step < steps; step++) {
      if (present[step] === 1) heaps.offer(step, i, values[step]!)
    }
  }
  const kept = new Map<number, Uint8Array>()
  for (let step = 0; step < steps; step++) {
    for (const i of heaps.members(step)) {
      let present = kept.get(i)
      if (present === undefined) kept.set(i, (present = new Uint8Array(steps)))
      present[step] = 1
    }
  }
  const order = steps === 1 ? heaps.inOrder(0) : [...kept.keys()].sort((a, b) => a - b)
  return order.map((i) => ({ ...series[i]!, present: kept.get(i)! }))
}

/**
 * For each step the best so far, the worst of them in front. NaN is worse than any number. Which of equals stay is
 * decided as a binary heap of Go decides it.
 */
class Heaps {
  readonly #sizes: Int32Array
  readonly #lengths: Int32Array
  /** Places that each step has. */
  readonly #stride: number
  readonly #indexes: Int32Array
  readonly #values: Float64Array
  readonly #sign: 1 | -1

  constructor(ks: Float64Array, most: number, sign: 1 | -1) {
    this.#sizes = Int32Array.from(ks, (k) => Math.max(0, Math.min(k, most)))
    this.#lengths = new Int32Array(ks.length)
    this.#stride = this.#sizes.reduce((a, b) => Math.max(a, b), 0)
    this.#indexes = new Int32Array(this.#stride * ks.length)
    this.#values = new Float64Array(this.#stride * ks.length)
    this.#sign = sign
  }

  members(step: number): Int32Array {
    const first = step * this.#stride
    return this.#indexes.subarray(first, first + this.#lengths[step]!)
  }

  /** Best first. */
  inOrder(step: number): number[] {
    const first = step * this.#stride
    const places = Array.from({ length: this.#lengths[step]! }, (_, i) => first + i)
    places.sort((a, b) => (this.#isWorse(a, b) ? 1 : this.#isWorse(b, a) ? -1 : 0))
    return places.map((place) => this.#indexes[place]!)
  }

  offer(step: number, index: number, value: number): void {
    const first = step * this.#stride
    const size = this.#sizes[step]!
    const length = this.#lengths[step]!
    if (length < size) {
      this.#lengths[step] = length + 1
      this.#indexes[first + length] = index
      this.#values[first + length] = value
      this.#up(first, length)
      return
    }
    if (size === 0) return
    const worst = this.#values[first]!
    const isBetter = this.#sign * worst < this.#sign * value
    if (!isBetter && !(Number.isNaN(worst) && !Number.isNaN(value))) return
    this.#indexes[first] = index
    this.#values[first] = value
    this.#down(first, length)
  }

  #isWorse(a: number, b: number): boolean {
    const value = this.#values[a]!
    const other = this.#values[b]!
    return Number.isNaN(value) ? !Number.isNaN(other) : this.#sign * value < this.#sign * other
  }

  #up(first: number, from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isWorse(first + at, first + parent)) return
      this.#swap(first + at, first + parent)
      at = parent
    }
  }

  #down(first: number, length: number): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) return
      if (child + 1 < length && this.#isWorse(first + child + 1, first + child)) child++
      if (!this.#isWorse(first + child, first + at)) return
      this.#swap(first + at, first + child)
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
