/** GET /api/v1/runtimes: every runtime with what it believes, what is enforced and the worst finding. */
import type { FastifyInstance } from 'fastify'
import { runtimeKinds } from '../../catalog/runtime-kind.ts'
import { supportAsOf } from '../../catalog/runtime-support.ts'
import { VERDICTS } from '../../judge/runtime-list.ts'
import type { Findings } from '../find/findings.ts'
import {
  answers,
  bound,
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

const believed = (description: string) => ({
  ...object({
    value: number('The figure.'),
    confidence: oneOf(['exact', 'strong', 'inferred'], 'inferred when it is a prediction.'),
    source: text('Where it comes from.'),
  }),
  description,
})

const runtime = object(
  {
    entity: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Identity of the process.',
    },
    workload: text('What people deploy, whatever machine, container or process it is today.'),
    name: text('What people call the process.'),
    machine: text('Machine that it is on.'),
    pid: text('Pid as the host sees it.'),
    runtime: oneOf(runtimeKinds, 'Kind of runtime.'),
    verdict: oneOf(
      VERDICTS,
      'The worst finding; fine where a rule judged and none found anything.',
    ),
    findings: number('Open findings, the worst one included.'),
    rules: number('Rules that are about it.'),
    judged: number('Rules that could judge it.'),
  },
  {
    version: text('Version of the runtime.'),
    supportEnded: {
      ...object({ line: text('Line of versions.'), end: text('Last day with fixes, ISO 8601.') }),
      description: 'There when its version gets no fixes any more.',
    },
    believedCpus: believed('CPUs that it takes itself to have.'),
    believedMemory: believed('Most memory, in bytes, that it takes itself to be allowed.'),
    enforcedCpus: bound('Tightest CPU quota in cores'),
    enforcedMemoryBytes: bound('Tightest memory limit'),
    rule: text('Rule of the worst finding.'),
    summary: text('The worst finding in one sentence.'),
    fix: text('What to set, with the computed value.'),
    reason: text('Why nothing could be judged.'),
  },
)

const jvms = {
  ...object({
    readable: number('JVMs that told their heap.'),
    total: number('JVMs that are there, those that are told by their name alone among them.'),
    unread: list(
      object({
        machine: text('Machine that they are on.'),
        reason: text('Why not.'),
        count: number('Processes.'),
      }),
      'Processes that may be runtimes and were not read, or not wholly, the most first.',
    ),
  }),
  description: 'How many JVMs can be read, and why not the others.',
}

const answer = object({
  timeMs: TIME,
  evaluation,
  total: number('Runtimes that report.'),
  truncated: TRUNCATED,
  supportAsOf: text('The ends of support are those that were known on this day, ISO 8601.'),
  jvms,
  runtimes: list(runtime, 'Runtimes, the worst first.'),
})

export function runtimesApi(app: FastifyInstance, of: Of<Findings>, now: () => number): void {
  app.get<{ Querystring: { limit: number } }>(
    '/api/v1/runtimes',
    answers('Runtimes', { limit: limitQuery }, answer, 'runtimes'),
    async ({ raw, query }) => {
      const findings = of({ raw })
      const all = findings.runtimes()
      return {
        timeMs: now(),
        evaluation: findings.evaluation(),
        total: all.length,
        truncated: all.length > query.limit,
        supportAsOf,
        jvms: findings.jvms(),
        runtimes: all.slice(0, query.limit),
      }
    },
  )
}
