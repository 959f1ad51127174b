/** Between scalars, vectors and time. */
import { scalarOf, seriesOf, vectorOf } from './arguments.ts'
import { secondsOfSteps } from './dates.ts'
import { stepsOf } from './grid.ts'
import { Labels } from './labels.ts'
import type { InstantFunction } from './value.ts'

/** NaN at a step at which there are none or several. */
const scalar: InstantFunction = ([vector], { grid }) => {
  const steps = stepsOf(grid)
  const values = new Float64Array(steps)
  const counts = new Uint32Array(steps)
  for (const one of seriesOf(vector)) {
    for (let step = 0; step < steps; step++) {
      if (one.present[step] === 0) continue
      values[step] = one.values[step]!
      counts[step]!++
    }
  }
  for (let step = 0; step < steps; step++) if (counts[step] !== 1) values[step] = Number.NaN
  return { type: 'scalar', values }
}

const vector: InstantFunction = ([value]) => {
  const values = scalarOf(value)
  const present = new Uint8Array(values.length).fill(1)
  return vectorOf([{ labels: Labels.NONE, dropsName: false, values, present }])
}

/** Of what is no selector; that of a selector's sample is known to who has the samples. */
const timestamp: InstantFunction = ([of], { grid }) => {
  const values = secondsOfSteps(grid)
  return vectorOf(seriesOf(of).map((one) => ({ ...one, dropsName: true, values })))
}

export const conversions: Readonly<Record<string, InstantFunction>> = {
  pi: (_, { grid }) => ({
    type: 'scalar',
    values: new Float64Array(stepsOf(grid)).fill(Math.PI),
  }),
  scalar,
  time: (_, { grid }) => ({ type: 'scalar', values: secondsOfSteps(grid) }),
  timestamp,
  vector,
}
