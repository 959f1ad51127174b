/** How series of two sides find each other, and how people are told of them. */
import type { Matching } from '../language/tree.ts'
import { quote } from '../language/string-literal.ts'
import { METRIC_NAME, type Labels } from './labels.ts'

/** The labels that `on` names, or all but the name and what `ignoring` names. */
export function matchedLabels(labels: Labels, { isOn, labels: names }: Matching): Labels {
  const set = new Set(names)
  return isOn ? labels.only(set) : labels.without(set.add(METRIC_NAME))
}

/** Equal for series that match. */
export function matchKey({ isOn, labels: names }: Matching): (labels: Labels) => string {
  const set = new Set(names)
  if (isOn) return (labels) => labels.only(set).key
  set.add(METRIC_NAME)
  return (labels) => labels.without(set).key
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** `{a="b", c="d"}`, the name among them. */
export const labelsText = (labels: Labels): string =>
  `{${labels.entries
    .map(([name, value]) => `${PLAIN_NAME.test(name) ? name : quote(name)}=${quote(value)}`)
    .join(', ')}}`
