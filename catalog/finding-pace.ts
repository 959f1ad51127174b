/**
 * How often the store is asked for what findings rest on. A small fleet is asked about at every
 * evaluation; the more there is to read the more seldom, up to a bound that follows from what the rules
 * need to see in time. A judgement that rests on what was asked before counts neither for nor against a
 * finding, so `raiseAfter` and `clearAfter` count answers, not evaluations.
 */
export interface FindingPace {
  /** What is asked. */
  readonly what: string
  /** Time that the answer looks back over. */
  readonly windowMs: number
  /** What makes it dear, and how much time goes by for each of them. */
  readonly each: string
  readonly msEach: number
  readonly mostMs: number
}

export const findingPaces = {
  runtimes: {
    what: 'runtimes, their cgroups, which machines report: all rules about runtimes',
    windowMs: 600_000,
    each: 'machine or runtime',
    msEach: 3,
    mostMs: 60_000,
  },
  machines: {
    what: 'sizes and intervals of machines; at once of one that is new',
    windowMs: 3_600_000,
    each: 'machine',
    msEach: 30,
    mostMs: 300_000,
  },
  strands: {
    what: 'what limits take of each machine, and of those that are full the last hour: `strand.cpu`, `strand.mem`',
    windowMs: 3_600_000,
    each: 'container',
    msEach: 3,
    mostMs: 600_000,
  },
} as const satisfies Record<string, FindingPace>

/** Whole seconds, so that of some hundred things there is no wait at all. */
export const paceMs = ({ msEach, mostMs }: FindingPace, count: number): number =>
  Math.min(mostMs, 1_000 * Math.floor((msEach * count) / 1_000))

/** Whether it is to be asked again; a clock that went back makes an answer of the future, which is of no use. */
export const isDue = (pace: FindingPace, count: number, askedMs: number, nowMs: number): boolean =>
  nowMs < askedMs || nowMs - askedMs >= paceMs(pace, count)
