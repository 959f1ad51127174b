/** GET /api/v1/findings: what is wrong, what could not be judged, and how fresh that is. */
import type { FastifyInstance } from 'fastify'
import { type FindingRuleId, findingRules, type Severity, subjects } from '../../catalog/finding.ts'
import { gradings } from '../../catalog/findings/gradings.ts'
import { findingLinks } from '../../catalog/findings/links.ts'
import type { Findings } from '../find/findings.ts'
import {
  answers,
  evaluation,
  limitQuery,
  list,
  number,
  object,
  oneOf,
  text,
  TIME,
  TRUNCATED,
} from './schema.ts'
import type { Of } from './of.ts'

/** Not listed one by one: a new rule is no change of the API. */
const rule = text('Rule of docs/findings.md.')

const SEVERITIES = ['critical', 'high', 'warning', 'info'] as const satisfies readonly Severity[]
const severity = oneOf(SEVERITIES, 'How bad it is.')

const evidence = object({
  name: text('What the figure is.'),
  value: number('The figure, in `unit`.'),
  unit: text('UCUM: By, s, 1, {cpu}.'),
  windowSeconds: number('Time that the figure covers; 0 for a setting or a momentary value.'),
  source: text('Where it was read.'),
})

const links = list(
  object({ title: text('What the page is about.'), url: text('Its address.') }),
  'Pages that the rule rests on.',
)

const properties = [
  {
    id: text('Stable: rule and entity.'),
    rule,
    severity,
    confidence: oneOf(
      ['exact', 'strong', 'inferred'],
      'exact when every input was read, inferred when one was estimated.',
    ),
    entity: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Identity of what it is about.',
    },
    name: text('What people call it.'),
    machine: text('Machine that it is on.'),
    summary: text('One sentence with the figures in it.'),
    evidence: list(evidence, 'Figures that it rests on.'),
    fix: text('What to set, with the computed value.'),
    fixValues: {
      type: 'object',
      additionalProperties: { type: 'number' },
      description: 'Figures of the fix, for programs.',
    },
    links,
    firstSeenMs: number('When it was raised, Unix ms.'),
    lastSeenMs: number('When it held last, Unix ms.'),
  },
  {
    believed: { ...evidence, description: 'What the workload believes.' },
    enforced: { ...evidence, description: 'What the kernel enforces.' },
  },
] as const

const finding = object(
  {
    ...properties[0],
    severity: { ...severity, description: 'How bad it is, its consequences included.' },
    consequences: list(
      object(...properties),
      'Findings on the same entity that follow from this one; mending it mends them.',
    ),
  },
  properties[1],
)

const notJudged = object({
  rule,
  count: number('Entities that it could not judge.'),
  reasons: list(
    object({ reason: text('Why not.'), count: number('Entities.') }),
    'The most frequent reasons.',
  ),
})

const ruleRow = object({
  id: rule,
  entity: oneOf(Object.keys(subjects), 'What it judges.'),
  title: text('The rule in a few words.'),
  meaning: text('What a finding means.'),
  falseWhen: text('What would make it false.'),
  severities: list(severity, 'How bad a finding may be, the worst first.'),
  links,
  judged: number('Entities that it judged in the last evaluation that worked.'),
})

const answer = object({
  timeMs: TIME,
  evaluation,
  total: number('Open findings, those that follow from others not counted.'),
  truncated: TRUNCATED,
  findings: list(finding, 'Open findings, the worst first.'),
  notJudged: list(notJudged, 'Not judged is neither a finding nor all well.'),
  rules: list(ruleRow, 'Every rule.'),
})

const linked = <F extends { readonly rule: FindingRuleId }>(finding: F) => ({
  ...finding,
  links: findingLinks[finding.rule],
})

export function findingsApi(app: FastifyInstance, of: Of<Findings>, now: () => number): void {
  app.get<{ Querystring: { limit: number } }>(
    '/api/v1/findings',
    answers('Findings', { limit: limitQuery }, answer, 'findings'),
    async ({ raw, query }) => {
      const findings = of({ raw })
      const all = findings.list()
      const judged = findings.judged()
      return {
        timeMs: now(),
        evaluation: findings.evaluation(),
        total: findings.total(),
        truncated: findings.total() > Math.min(query.limit, all.length),
        findings: all.slice(0, query.limit).map((each) => ({
          ...linked(each),
          consequences: each.consequences.map(linked),
        })),
        notJudged: findings.notJudged(),
        rules: Object.values(findingRules).map(({ id, entity, title, meaning, falseWhen }) => ({
          id,
          entity,
          title,
          meaning,
          falseWhen,
          severities: SEVERITIES.filter((each) => each in gradings[id].severities),
          links: findingLinks[id],
          judged: judged.get(id) ?? 0,
        })),
      }
    },
  )
}
