/** Functions of single values; all drop the name. */
import { scalarOf, seriesOf, vectorOf } from './arguments.ts'
import type { InstantFunction } from './value.ts'

const PER_RADIAN = 180 / Math.PI

const of =
  (compute: (value: number) => number): InstantFunction =>
  ([vector]) =>
    vectorOf(
      seriesOf(vector).map(({ labels, values, present }) => {
        const result = new Float64Array(values.length)
        for (let step = 0; step < values.length; step++) result[step] = compute(values[step]!)
        return { labels, dropsName: true, values: result, present }
      }),
    )

/** As Go has them: where there is an infinity of its side, what is no number does not matter. */
const lesser = (a: number, b: number): number =>
  a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b)
const greater = (a: number, b: number): number =>
  a === Infinity || b === Infinity ? Infinity : Math.max(a, b)

/** With bounds that may change from step to step; where the least is above the most there is nothing. */
function clamped(
  vector: Parameters<InstantFunction>[0][number] | undefined,
  least: Float64Array | undefined,
  most: Float64Array | undefined,
): ReturnType<InstantFunction> {
  const series = seriesOf(vector).map(({ labels, values, present }) => {
    const result = new Float64Array(values.length)
    const kept = present.slice()
    for (let step = 0; step < values.length; step++) {
      const from = least === undefined ? -Infinity : least[step]!
      const to = most === undefined ? Infinity : most[step]!
      if (to < from) kept[step] = 0
      else result[step] = greater(from, lesser(to, values[step]!))
    }
    return { labels, dropsName: true, values: result, present: kept }
  })
  return vectorOf(series.filter(({ present }) => present.includes(1)))
}

/** To the nearest multiple, halves upwards. */
const round: InstantFunction = ([vector, nearest]) => {
  const to = nearest === undefined ? undefined : scalarOf(nearest)
  return vectorOf(
    seriesOf(vector).map(({ labels, values, present }) => {
      const result = new Float64Array(values.length)
      for (let step = 0; step < values.length; step++) {
        // Dividing by the inverse keeps 0.1 from becoming 0.1000…01, as in Prometheus.
        const inverse = to === undefined ? 1 : 1 / to[step]!
        result[step] = Math.floor(values[step]! * inverse + 0.5) / inverse
      }
      return { labels, dropsName: true, values: result, present }
    }),
  )
}

export const mathFunctions: Readonly<Record<string, InstantFunction>> = {
  abs: of(Math.abs),
  acos: of(Math.acos),
  acosh: of(Math.acosh),
  asin: of(Math.asin),
  asinh: of(Math.asinh),
  atan: of(Math.atan),
  atanh: of(Math.atanh),
  ceil: of(Math.ceil),
  clamp: ([vector, least, most]) => clamped(vector, scalarOf(least), scalarOf(most)),
  clamp_max: ([vector, most]) => clamped(vector, undefined, scalarOf(most)),
  clamp_min: ([vector, least]) => clamped(vector, scalarOf(least), undefined),
  cos: of(Math.cos),
  cosh: of(Math.cosh),
  deg: of((value) => value * PER_RADIAN),
  exp: of(Math.exp),
  floor: of(Math.floor),
  ln: of(Math.log),
  log10: of(Math.log10),
  log2: of(Math.log2),
  rad: of((value) => value / PER_RADIAN),
  round,
  sgn: of(Math.sign),
  sin: of(Math.sin),
  sinh: of(Math.sinh),
  sqrt: of(Math.sqrt),
  tan: of(Math.tan),
  tanh: of(Math.tanh),
}
