/** A comparison with another exporter as a page of text. */
import { styleText } from 'node:util'
import { describeOnly } from '../catalog/compatibility.ts'
import type { Departure } from '../catalog/departures.ts'
import type { Comparison, Difference, FamilyNote } from './compare-pages.ts'
import { printable, table } from './table.ts'

/** Lines of each kind that are shown; the rest is counted. */
const SHOWN = 30

const bold = (text: string) => styleText('bold', text, { stream: process.stdout })

export function describeComparison(url: string, rounds: number, of: Comparison): string {
  const { theirFamilies, sharedFamilies, compared, equal, extra } = of
  const left = [...of.explained, ...of.explainedSeries]
  const share = compared === 0 ? '' : ` (${((equal / compared) * 100).toFixed(2)} %)`
  return [
    `${bold(printable(url))}  ${rounds === 1 ? '1 round' : `${rounds} rounds`}`,
    `families  ${theirFamilies} theirs: ${sharedFamilies} ours too, ${of.renamed.length} under another name, ${of.explained.length} left out for a reason, ${of.missing.length} missing; ${extra.length} only ours`,
    `series    ${compared} compared: ${equal} equal${share}, ${of.different.length} different; ${of.missingSeries.length} missing, ${of.explainedSeries.length} left out for a reason`,
    ...block('missing families', of.missing.map(familyLine)),
    ...block(
      'missing series',
      of.missingSeries.map((key) => `  ${printable(key)}`),
    ),
    ...differences('other types', of.types),
    ...differences('different', of.different),
    ...block(
      'under another name',
      of.renamed.map((one) => `${familyLine(one)}: ${one.departure.instead ?? ''}`),
    ),
    ...block('left out', reasons(left)),
  ].join('\n')
}

const familyLine = ({ name, type, series }: FamilyNote) =>
  `  ${printable(name)}  ${type}, ${series} series`

function block(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return []
  const more = lines.length > SHOWN ? [`  … and ${lines.length - SHOWN} more`] : []
  return ['', bold(title), ...lines.slice(0, SHOWN), ...more]
}

function differences(title: string, found: readonly Difference[]): string[] {
  if (found.length === 0) return []
  const rows = found
    .slice(0, SHOWN)
    .map(({ series, what, theirs, ours }) => [what, theirs, ours, series])
  const more = found.length > SHOWN ? [`  … and ${found.length - SHOWN} more`] : []
  return ['', bold(title), table(['what', 'theirs', 'ours', 'series'], rows), ...more]
}

/** One line a reason, with the names that it explains. */
function reasons(left: readonly { readonly departure: Departure }[]): string[] {
  const byDeparture = Map.groupBy(left, ({ departure }) => departure)
  return [...byDeparture].map(([{ name, only, measuredOtherwise, reason }, of]) => {
    const which = only === undefined ? 'families' : `series with ${describeOnly(only)}`
    const what = measuredOtherwise ? 'series with other figures' : which
    return `  ${name}  ${of.length} ${what}: ${reason}`
  })
}
