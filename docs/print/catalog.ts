/** The pages that are one table of the catalogue each: errors, limits, entities. */
import { attributes, entities, KIND_ATTRIBUTE, type EntityType } from '../../catalog/entity.ts'
import { describeOnly } from '../../catalog/compatibility.ts'
import { type Departure, departures, habits } from '../../catalog/departures.ts'
import { errors, type ErrorRow } from '../../catalog/error.ts'
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
