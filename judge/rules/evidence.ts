/** Figures that a verdict rests on, and the verdict as the answer of a rule. */
import type { Evidence, Judgement, Verdict } from '../finding.ts'

/** A figure with its UCUM unit; without a window it is a setting or of one moment. */
export const evidence = (
  name: string,
  value: number,
  unit: string,
  source: string,
  windowSeconds = 0,
): Evidence => ({ name, value, unit, windowSeconds, source })

export const finding = (verdict: Verdict): Judgement => ({ kind: 'finding', verdict })

/** What to set, in words and as figures. */
export type Fix = Pick<Verdict, 'fix' | 'fixValues'>
