/**
 * How use moves in time: by day and night, and by a wobble that is another one for each figure. Both are
 * functions of the time, so counters are what they are at any moment, and never fall.
 */
import { chance } from './chance.ts'
import { DAY_MS, MINUTE_MS } from './plan.ts'

/** Use at the top of the day is so much above the mean, and at night so much below. */
const SWING = 0.5
const KNOT_MS = MINUTE_MS
/** A counter is ahead of its mean by what these seconds bring at most. Its rate stays above 0: 20/60 < 1 - SWING. */
const AHEAD_SECONDS = 20

/** In [0, 1]: a line through a number of chance each minute. */
export function wobble(seed: number, about: number, timeMs: number): number {
  const knots = timeMs / KNOT_MS
  const knot = Math.floor(knots)
  const before = chance(seed, about, knot)
  return before + (chance(seed, about, knot + 1) - before) * (knots - knot)
}

const turns = (timeMs: number, phase: number) => 2 * Math.PI * (timeMs / DAY_MS - phase)

/** Use at a time in relation to the mean of the day. `phase` is a part of a day. */
export const dayCurve = (timeMs: number, phase: number): number =>
  1 + SWING * Math.sin(turns(timeMs, phase))

/** Its integral from one time to another, in seconds at the mean. */
export const activeSeconds = (fromMs: number, toMs: number, phase: number): number =>
  (toMs - fromMs) / 1_000 -
  ((SWING * DAY_MS) / 2_000 / Math.PI) *
    (Math.cos(turns(toMs, phase)) - Math.cos(turns(fromMs, phase)))

/** What a counter of rate 1 shows whose entity was active for so many seconds by then. */
export const counted = (
  active: number,
  seed: number,
  about: number,
  fromMs: number,
  toMs: number,
): number => active + AHEAD_SECONDS * (wobble(seed, about, toMs) - wobble(seed, about, fromMs))
