/** "Did you mean": the known word nearest to a mistyped one, by edit distance. */

/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let older: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, older[j - 2]! + 1)
      }
      current.push(best)
    }
    older = previous
    previous = current
  }
  return previous[b.length]!
}

/** Edits that a slip of the finger makes; what is further away is another word. */
const SLIP = 2

/** The nearest of `known` when it is near enough to be a slip of the finger. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const short = word.slice(0, 100)
  let best: string | undefined
  let bestDistance = SLIP + 1
  for (const candidate of known) {
    const distance = editDistance(short, candidate)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `, did you mean "x"?` or nothing; to be put at the end of a message. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const best = nearest(word, known)
  return best === undefined ? '' : `, did you mean "${best}"?`
}
