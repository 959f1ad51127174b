/**
 * Chance that is the same each time it is asked: a number out of a seed and of what it is asked about.
 * Nothing is drawn in an order, so any part of a fleet at any time can be had without the rest.
 */

/** Multiplications and shifts of which each is a bijection of 32 bits (after Wellons' hash-prospector). */
function mix(n: number): number {
  let h = n | 0
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return (h ^ (h >>> 15)) >>> 0
}

/** 32 bits of whole numbers; of each the low 32 bits count. */
export function word(seed: number, about: number, a = 0, b = 0): number {
  return mix(mix(mix(mix(seed) ^ about) + a) ^ Math.imul(b, 0x9e3779b1))
}

/** Uniform in [0, 1). */
export const chance = (seed: number, about: number, a = 0, b = 0): number =>
  word(seed, about, a, b) / 2 ** 32

/** Eight hex digits that no other number has under the same seed. */
export const uniqueHex = (seed: number, n: number): string =>
  mix((n | 0) ^ mix(seed))
    .toString(16)
    .padStart(8, '0')

/** Hex digits; different for different numbers nearly always. */
export function hex(digits: number, seed: number, about: number, a = 0, b = 0): string {
  let text = ''
  for (let i = 0; text.length < digits; i++) {
    text += word(seed ^ mix(i + 1), about, a, b)
      .toString(16)
      .padStart(8, '0')
  }
  return text.slice(0, digits)
}
