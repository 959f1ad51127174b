/** Every function of what its arguments are at each step, by name. */
import { conversions } from './conversions.ts'
import { dateFunctions } from './dates.ts'
import { histogramFunctions } from './histogram.ts'
import { labelFunctions } from './label-functions.ts'
import { mathFunctions } from './math.ts'
import { orderFunctions } from './order.ts'
import type { InstantFunction } from './value.ts'

export const instantFunctions: Readonly<Record<string, InstantFunction>> = {
  ...conversions,
  ...dateFunctions,
  ...histogramFunctions,
  ...labelFunctions,
  ...mathFunctions,
  ...orderFunctions,
}
