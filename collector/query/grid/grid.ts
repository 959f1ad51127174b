/**
 * Values over the steps of a question. NaN is a value; whether there is one at all is in `present`.
 */
import type { Labels } from './labels.ts'

/** Times at which an expression is evaluated, Unix ms. One step where start and end are the same. */
export interface Grid {
  readonly startMs: number
  /** Not after the last step by a whole step or more. */
  readonly endMs: number
  /** Above 0, also where there is only one step. */
  readonly stepMs: number
}

export const stepsOf = ({ startMs, endMs, stepMs }: Grid): number =>
  endMs < startMs ? 0 : Math.floor((endMs - startMs) / stepMs) + 1

/** A series with one value, or none, at each step of a grid. */
export interface GridSeries {
  readonly labels: Labels
  /** The name is dropped in the end: until then labels keep it, for functions that ask for it. */
  readonly dropsName: boolean
  readonly values: Float64Array
  /** 1 where there is a value, 0 where there is none and `values` says nothing. */
  readonly present: Uint8Array
}

/** Samples as they were stored, ascending in time; those that mark the end of a series are left in. */
export interface SampleSeries {
  readonly labels: Labels
  /** Unix ms, each once. */
  readonly times: Float64Array
  readonly values: Float64Array
}

/** The payload of a NaN that says that a series has ended; no other NaN does. */
export const STALE_BITS = 0x7ff0_0000_0000_0002n
