/** When a cgroup that is new is read: at ages that grow, so that its last sample is not long ago. */

const AGES_MS = [0, 25, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400]

export interface Young {
  readonly bornMs: number
  /** Position in `AGES_MS` of the next read. */
  step: number
}

/** Of the next read, by the clock of `bornMs`. */
export const dueMs = ({ bornMs, step }: Young): number => bornMs + AGES_MS[step]!

export const isDue = ({ step }: Young, ageMs: number): boolean => ageMs >= AGES_MS[step]!

/** To be called when it was read; false when it is young no more. */
export function grow(young: Young, ageMs: number): boolean {
  while (AGES_MS[young.step]! <= ageMs) young.step += 1
  return young.step < AGES_MS.length
}
