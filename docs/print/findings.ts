/** The page of findings: of each rule what it means, when it speaks, how grave, and what it rests on. */
import { type FindingPace, findingPaces } from '../../catalog/finding-pace.ts'
import { findingRules, type FindingRule, type Severity } from '../../catalog/finding.ts'
import type { Grading, Threshold } from '../../catalog/findings/grading.ts'
import { gradings } from '../../catalog/findings/gradings.ts'
import { findingLinks } from '../../catalog/findings/links.ts'
import { notShipped } from '../../catalog/findings/not-shipped.ts'
import { limits } from '../../catalog/limit.ts'
import { code, page, table } from './table.ts'

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'warning', 'info']
const KIB = 1024
const MIB = 1024 ** 2
const GIB = 1024 ** 3

const history = (seconds: number) => (seconds === 0 ? 'none' : duration(seconds))

function duration(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds % 60 === 0 && seconds > 60 ? `${seconds / 60} min` : `${seconds} s`
}

function size(bytes: number): string {
  if (bytes >= GIB) return `${bytes / GIB} GiB`
  return bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / KIB} KiB`
}

/** A share has few digits, and its hundredfold has no more of them. */
const percent = (share: number) => `${Number((100 * share).toPrecision(6))} %`

/** As people write it. */
function amount({ value, unit }: Threshold): string {
  switch (unit) {
    case 'share':
      return percent(value)
    case 'share/h':
      return `${percent(value)} an hour`
    case 'times':
      return `${value} ×`
    case 'By':
      return size(value)
    case 'By/s':
      return `${size(value)} a second`
    case 'By/h':
      return `${size(value)} an hour`
    case 's':
      return duration(value)
    default:
      return `${value} ${words(value, unit)}`
  }
}

/** `{fault}/s` → `faults a second`. */
function words(count: number, unit: string): string {
  const [, noun = unit, per] = /^\{(\w+)\}(?:\/(\w))?$/.exec(unit) ?? []
  const thing = noun === 'cpu' ? 'CPU' : noun
  const many = count === 1 ? thing : `${thing}${thing.endsWith('s') ? 'es' : 's'}`
  if (per === undefined) return many
  return `${many} ${per === 's' ? 'a second' : 'an hour'}`
}

export const findingsPage = (): string =>
  page(
    'Findings',
    `A finding is the verdict of a rule on one machine, container or runtime, or on the store of the collector itself, with at most ${limits.evidenceItems.value} figures as evidence and the value to set. Where the history is too short or a figure was not measured, the answer is *not judged*, never *fine*. Thresholds stand beside their rule, by the name that its conditions call them.`,
    '## How often',
    `Each \`--evaluation.interval\`, and less often the larger the fleet is. A judgement that rests on an earlier answer counts neither for nor against a finding: *raised after* and *cleared after* count answers. What a day tells of a runtime is asked each 10 minutes, what containers of the fleet ask for as the history grows, at least each 10 minutes. \`candor_findings_evaluation_seconds\` says how long an evaluation took, \`candor_findings_evaluations_late_total\` counts those that could not keep their pace, which the log says too.`,
    table(
      ['Asked', 'Looks back', 'Every', 'Most seldom'],
      Object.values<FindingPace>(findingPaces).map(({ what, windowMs, each, msEach, mostMs }) => [
        what,
        duration(windowMs / 1_000),
        `${msEach} ms for each ${each}, in whole seconds`,
        `each ${duration(mostMs / 1_000)}`,
      ]),
    ),
    ...Object.values<FindingRule>(findingRules).map(ruleSection),
    '## Not shipped',
    'Rules whose findings could not be proven right; nothing judges by them.',
    table(
      ['Rule', 'Would say', 'Why it is not shipped'],
      notShipped.map(({ id, title, reason }) => [code(id), title, reason]),
    ),
  )

function ruleSection(rule: FindingRule): string {
  const id = rule.id as keyof typeof gradings
  const { severities, thresholds, unlike }: Grading = gradings[id]
  const rows = Object.entries(thresholds)
  return [
    `## ${rule.id}`,
    `**${rule.title}.** ${rule.meaning}`,
    `**False when.** ${rule.falseWhen}`,
    ...(unlike === undefined ? [] : [`**Unlike what one may expect.** ${unlike}`]),
    ...(rule.explainedBy === undefined
      ? []
      : [`**Told as a consequence of.** ${rule.explainedBy.map(code).join(', ')}`]),
    table(
      ['Severity', 'When'],
      SEVERITIES.flatMap((severity) => {
        const when = severities[severity]
        return when === undefined ? [] : [[severity, when]]
      }),
    ),
    ...(rows.length === 0
      ? []
      : [
          table(
            ['Threshold', 'Value', 'Of what'],
            rows.map(([name, row]) => [code(name), amount(row), row.help]),
          ),
        ]),
    table(
      ['About', 'Shortest history', 'Raised after', 'Cleared after', 'Since'],
      [
        [
          rule.entity,
          history(rule.minHistorySeconds),
          `${rule.raiseAfter} in a row`,
          `${rule.clearAfter} in a row`,
          rule.since,
        ],
      ],
    ),
    `**Read more.** ${findingLinks[id].map(({ title, url }) => `[${title}](${url})`).join(', ')}`,
  ].join('\n\n')
}
