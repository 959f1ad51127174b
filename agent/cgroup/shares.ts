/**
 * CPU shares out of a weight of v2.
 *
 * Runtimes are told shares (2 to 262144, 1024 by default) and write a weight (1 to 10000, 100 by
 * default). Two formulas are in use, and the kernel does not tell which one was used:
 *
 *   straight  1 + (shares − 2) × 9999 ÷ 262142           runc before 1.3.2, crun before 1.23
 *   curved    ceil(10 ^ ((l² + 125 l) ÷ 612 − 7 ÷ 34))   since, with l = log2(shares)
 *
 * Either way a weight stands for a range of shares. People ask for usual values: tenths of a CPU,
 * and powers of two. The formula whose range has one of these, or comes nearest to one, is taken.
 */
interface Range {
  readonly least: number
  readonly most: number
}

const LEAST_SHARES = 2
const MOST_SHARES = 262_144
const SHARES_OF_A_CPU = 1024
const TENTHS_OF_CPUS_MAX = 2_560

const USUAL: readonly number[] = [
  ...Array.from({ length: 18 }, (_, power) => 2 ** (power + 1)),
  ...Array.from({ length: TENTHS_OF_CPUS_MAX }, (_, i) =>
    Math.floor(((i + 1) * SHARES_OF_A_CPU) / 10),
  ),
].toSorted((a, b) => a - b)

/** NaN for a weight that means nothing, such as the 0 of an idle cgroup. */
export function sharesOf(weight: number): number {
  if (!(weight >= 1 && weight <= 10_000)) return Number.NaN
  const straight = nearestUsual(straightRange(weight))
  const curved = nearestUsual(curvedRange(weight))
  return straight.off < curved.off ? straight.shares : curved.shares
}

function straightRange(weight: number): Range {
  const least = Math.ceil(LEAST_SHARES + ((weight - 1) * 262_142) / 9999)
  const most = Math.ceil(LEAST_SHARES + (weight * 262_142) / 9999) - 1
  return within({ least, most })
}

function curvedRange(weight: number): Range {
  const most = Math.floor(curvedInverse(weight))
  const least = weight === 1 ? LEAST_SHARES : Math.floor(curvedInverse(weight - 1)) + 1
  return within({ least, most })
}

/** Shares, not rounded, at which the curve before its ceiling has this weight. */
function curvedInverse(weight: number): number {
  const squared = 612 * (Math.log10(weight) + 7 / 34)
  // A weight of 100 is 1024 shares exactly; the sum of logarithms is a little off.
  return 2 ** ((Math.sqrt(125 ** 2 + 4 * squared) - 125) / 2) * (1 + 1e-12)
}

const within = ({ least, most }: Range): Range => ({
  least: Math.min(Math.max(least, LEAST_SHARES), MOST_SHARES),
  most: Math.min(Math.max(most, LEAST_SHARES), MOST_SHARES),
})

/** The value of the range that is nearest to a usual one, and by which ratio it is off. */
function nearestUsual({ least, most }: Range): { shares: number; off: number } {
  let best = { shares: most, off: Number.POSITIVE_INFINITY }
  for (const usual of USUAL) {
    const shares = Math.min(Math.max(usual, least), most)
    const off = Math.abs(Math.log(shares / usual))
    if (off < best.off) best = { shares, off }
  }
  return best
}
