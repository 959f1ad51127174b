/** GET /api/v1/facts: what changed about a workload or one entity, and since when. */
import type { FastifyInstance } from 'fastify'
import { readFacts } from '../find/facts.ts'
import { until } from '../find/sql.ts'
import type { Store } from '../store/store.ts'
import {
  answers,
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

const change = object(
  {
    workload: text('What people deploy, whatever machine, container or process it is today.'),
    kind: oneOf(['container', 'runtime'], 'What said it.'),
    name: text('Attribute, by its OpenTelemetry name.'),
    value: text('What it says from then on.'),
    sinceMs: number('When it was said for the first time, Unix ms.'),
    entity: text('Id of the entity that said it first.'),
  },
  {
    before: text('What was said until then; absent where nothing was.'),
    machine: text('Machine of the entity.'),
  },
)

const answer = object({
  timeMs: TIME,
  truncated: TRUNCATED,
  facts: list(change, 'Changes, the newest first.'),
})

interface Query {
  readonly workload?: string
  readonly entity?: string
  readonly limit: number
}

export function factsApi(
  app: FastifyInstance,
  of: Of<{ readonly store: Pick<Store, 'query'>; readonly tenant: string }>,
  now: () => number,
): void {
  app.get<{ Querystring: Query }>(
    '/api/v1/facts',
    answers(
      'Changes of facts',
      {
        workload: { ...text('Only of this workload.'), minLength: 1 },
        entity: { ...text('Only of the entity with this id.'), pattern: '^[0-9]{1,20}$' },
        limit: limitQuery,
      },
      answer,
      'facts',
    ),
    async ({ raw, query: { workload, entity, limit } }) => {
      const { store, tenant } = of({ raw })
      const timeMs = now()
      const wanted = { workload, entity, limit: limit + 1 }
      const facts = await readFacts(store, wanted, { tenant, untilMs: until(timeMs) })
      return { timeMs, truncated: facts.length > limit, facts: facts.slice(0, limit) }
    },
  )
}
