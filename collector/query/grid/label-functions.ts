/**
 * label_replace and label_join.
 * Source: prometheus/promql, functions.go; of `$1` and `${name}`: Go's regexp.Expand.
 */
import { RE2JSException, type RE2JS } from 're2js'
import { QueryError } from '../query-error.ts'
import { seriesOf, textOf, vectorOf } from './arguments.ts'
import type { GridSeries } from './grid.ts'
import { METRIC_NAME } from './labels.ts'
import { compileEngine } from './pattern.ts'
import { mergeSameLabels } from './same-labels.ts'
import type { InstantFunction } from './value.ts'

/** A label that is set to the name is the name: it is not dropped any more. */
const withLabel = (series: GridSeries, name: string, value: string): GridSeries => ({
  ...series,
  labels: series.labels.with(name, value),
  dropsName: series.dropsName && name !== METRIC_NAME,
})

const labelReplace: InstantFunction = ([vector, ...texts]) => {
  const [to, replacement, from, pattern] = texts.map(textOf)
  const compiled = patternOf(pattern!)
  if (to === '') throw invalid('destination label name in label_replace()', to)
  const parts = partsOf(replacement!)
  const named = compiled.namedGroups()
  const series = seriesOf(vector).map((one) => {
    const matcher = compiled.matcher(one.labels.get(from!))
    if (!matcher.matches()) return one
    let value = ''
    for (const part of parts) {
      if (typeof part === 'string') value += part
      else {
        const group = 'number' in part ? part.number : named[part.name]
        if (group !== undefined && group <= matcher.groupCount())
          value += matcher.group(group) ?? ''
      }
    }
    return withLabel(one, to!, value)
  })
  return vectorOf(mergeSameLabels(series))
}

function patternOf(pattern: string): RE2JS {
  try {
    return compileEngine(pattern)
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause
    const message = `invalid regular expression in label_replace(): ${pattern}`
    throw new QueryError('execution', message, { cause })
  }
}

type Part = string | { readonly number: number } | { readonly name: string }

const REFERENCE = /\$(?:\$|(\w+)|\{(\w+)\})/g

/** `$1x` asks for the group `1x`, `$$` is a dollar sign, and so is one that asks for nothing. */
function partsOf(replacement: string): Part[] {
  const parts: Part[] = []
  let from = 0
  for (const found of replacement.matchAll(REFERENCE)) {
    parts.push(replacement.slice(from, found.index))
    from = found.index + found[0].length
    const name = found[1] ?? found[2]
    if (name === undefined) parts.push('$')
    else parts.push(/^\d+$/.test(name) ? { number: Number(name) } : { name })
  }
  parts.push(replacement.slice(from))
  return parts.filter((part) => part !== '')
}

const labelJoin: InstantFunction = ([vector, ...texts]) => {
  const [to, separator, ...from] = texts.map(textOf)
  if (to === '') throw invalid('destination label name in label_join()', to)
  if (from.includes('')) throw invalid('source label name in label_join()', '')
  const series = seriesOf(vector).map((one) => {
    const value = from.map((name) => one.labels.get(name)).join(separator)
    return withLabel(one, to!, value)
  })
  return vectorOf(mergeSameLabels(series))
}

const invalid = (what: string, found: string) =>
  new QueryError('execution', `invalid ${what}: ${found}`)

export const labelFunctions: Readonly<Record<string, InstantFunction>> = {
  label_join: labelJoin,
  label_replace: labelReplace,
}
