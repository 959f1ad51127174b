/** The figures that a rule goes by, out of the catalogue: nowhere else is one written down. */
import { gradings } from '../../catalog/findings/gradings.ts'
import type { Threshold } from '../../catalog/findings/grading.ts'
import type { FindingRuleId } from '../../catalog/finding.ts'

type Thresholds<Id extends FindingRuleId> = {
  readonly [Name in keyof (typeof gradings)[Id]['thresholds']]: number
}

/** In base units. */
export function thresholdsOf<Id extends FindingRuleId>(rule: Id): Thresholds<Id> {
  const rows: Readonly<Record<string, Threshold>> = gradings[rule].thresholds
  return Object.fromEntries(
    Object.entries(rows).map(([name, { value }]) => [name, value]),
  ) as Thresholds<Id>
}
