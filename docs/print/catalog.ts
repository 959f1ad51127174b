/** The pages that are one table of the catalogue each: errors, limits, findings, entities. */
import { attributes, entities, KIND_ATTRIBUTE, type EntityType } from '../../catalog/entity.ts'
import { describeOnly } from '../../catalog/compatibility.ts'
import { type Departure, departures, habits } from '../../catalog/departures.ts'
import { errors, type ErrorRow } from '../../catalog/error.ts'
import { findingRules, type FindingRule } from '../../catalog/finding.ts'
import { notShipped } from '../../catalog/findings/not-shipped.ts'
import { limits, type Limit } from '../../catalog/limit.ts'
import { code, page, table } from './table.ts'

export const errorsPage = (): string =>
  page(
    'Errors',
    'Every error carries one of these codes, in the log as `err.code` and in answers over HTTP.',
    ...Object.entries<ErrorRow>(errors).map(
      ([name, { cause, cure }]) => `## ${name}\n\n${cause}\n\n**Cure.** ${cure}`,
    ),
  )

/** Sizes and times as people write them, beside the exact value. */
function amount({ value, unit }: Limit): string {
  const exact = `${value.toLocaleString('en-US')} ${unit === '1' ? '' : unit}`.trim()
  if (unit === 'By' && value >= 1 << 20) return `${value / (1 << 20)} MiB`
  if (unit === 'ms' && value >= 1000) return `${value / 1000} s`
  return exact
}

export const limitsPage = (): string =>
  page(
    'Limits',
    'Everything that can grow has a bound, and what a bound drops is counted.',
    table(
      ['Limit', 'Value', 'Beyond it'],
      Object.entries<Limit>(limits).map(([name, limit]) => [
        code(name),
        amount(limit),
        limit.beyond,
      ]),
    ),
  )

const seconds = (value: number) =>
  value === 0 ? 'none' : value % 3600 === 0 ? `${value / 3600} h` : `${value} s`

export const findingsPage = (): string =>
  page(
    'Findings',
    `A finding is the verdict of a rule on one machine, container or runtime, with at most ${limits.evidenceItems.value} figures as evidence and the value to set. Where the history is too short or a figure was not measured, the answer is *not judged*, never *fine*.`,
    ...Object.values<FindingRule>(findingRules).map((rule) =>
      [
        `## ${rule.id}`,
        `**${rule.title}.** ${rule.meaning}`,
        `**False when.** ${rule.falseWhen}`,
        ...(rule.explainedBy === undefined
          ? []
          : [`**Told as a consequence of.** ${rule.explainedBy.map(code).join(', ')}`]),
        table(
          ['About', 'Shortest history', 'Raised after', 'Cleared after', 'Since'],
          [
            [
              rule.entity,
              seconds(rule.minHistorySeconds),
              `${rule.raiseAfter} in a row`,
              `${rule.clearAfter} in a row`,
              rule.since,
            ],
          ],
        ),
      ].join('\n\n'),
    ),
    ...(notShipped.length === 0
      ? []
      : [
          '## Not shipped',
          'Rules whose findings could not be proven right; nothing judges by them.',
          table(
            ['Rule', 'Would say', 'Why it is not shipped'],
            notShipped.map(({ id, title, reason }) => [code(id), title, reason]),
          ),
        ]),
  )

export const entitiesPage = (): string =>
  page(
    'Entities',
    `What figures are about. On OTLP an entity is a resource; \`${KIND_ATTRIBUTE}\` names its kind.`,
    table(
      ['Kind', 'Meaning', 'Identity', 'Labels'],
      Object.values<EntityType>(entities).map(({ kind, help, identity, labels }) => [
        kind,
        help,
        identity.map(code).join(', '),
        labels.map(({ label, attribute }) => `${code(label)} (${code(attribute)})`).join(', '),
      ]),
    ),
    '## Attributes',
    table(
      ['Attribute', 'Meaning'],
      Object.entries(attributes).map(([name, help]) => [code(name), help]),
    ),
  )

/** What rules and dashboards will find empty comes first, what nobody misses last. */
const rankOf = ({ only, measuredOtherwise, unmissed }: Departure): number => {
  if (unmissed) return 2
  return measuredOtherwise || only?.figure !== undefined ? 1 : 0
}

const habitsOf = (exporter: Departure['of']): string =>
  habits
    .filter(({ of }) => of === exporter)
    .map(({ text }) => `- ${text}\n`)
    .concat('\n')
    .join('')
    .trimStart()

export const compatibilityPage = (): string =>
  page(
    'Compatibility',
    `What node_exporter shows with its default flags on a machine that offers it, and what cAdvisor shows of
a container, the agent shows under the same name, with the same labels, unit and type. \`candor diff URL\`
compares a running exporter with it, value by value. These are the exceptions: of each exporter first what rules and dashboards will find
empty, then what differs in some series, last what speaks of the exporter or is off by default there.`,
    ...[...Map.groupBy(departures, ({ of }) => of)].map(
      ([of, rows]) =>
        `## ${of}\n\n${habitsOf(of)}${table(
          ['Name', 'Instead', 'Why'],
          rows
            .toSorted((a, b) => rankOf(a) - rankOf(b))
            .map(({ name, only, measuredOtherwise, instead, reason }) => [
              code(name) +
                (only ? ` with ${code(describeOnly(only))}` : '') +
                (measuredOtherwise ? ': other figures' : ''),
              instead === undefined ? '' : instead.split(', ').map(code).join(', '),
              reason,
            ]),
        )}`,
    ),
  )
