/**
 * Pieces of the JSON Schemas of the API; /openapi.json is printed from them. Names of figures end in
 * their unit, times are Unix milliseconds. A field that is missing was not measured, which is not 0.
 */
import { limits } from '../../catalog/limit.ts'

export const text = (description: string) => ({ type: 'string', description }) as const
export const number = (description: string) => ({ type: 'number', description }) as const
/** A bound that may not exist. */
export const bound = (description: string) =>
  ({ type: ['number', 'null'], description: `${description}; null when there is none.` }) as const
export const oneOf = (values: readonly string[], description: string) =>
  ({ type: 'string', enum: [...values], description }) as const
export const list = (items: object, description: string) =>
  ({ type: 'array', items, description }) as const

type Properties = Readonly<Record<string, object>>

/** Fields that are always there, and those that may be missing. */
export const object = (required: Properties, optional: Properties = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
})

export const failure = object({
  code: text('Code of docs/errors.md.'),
  message: text('What is wrong, for people.'),
})

export const TIME = number('Time of the answer, Unix ms.')
export const TRUNCATED = {
  type: 'boolean',
  description: 'The list is cut at `limit`.',
} as const

/** How the list that is shown came about. */
export const evaluation = object(
  {
    state: oneOf(
      ['waiting', 'current', 'stale'],
      'waiting: nothing was evaluated yet. stale: the last evaluation failed, the list is older.',
    ),
  },
  {
    lastMs: number('Last evaluation that worked, Unix ms.'),
    error: text('Why the last evaluation failed.'),
  },
)

export const limitQuery = {
  type: 'integer',
  minimum: 1,
  maximum: limits.apiRows.value,
  default: limits.apiRows.value,
  description: 'Longest list that is wanted.',
} as const

/** Route options of a GET that answers with JSON. */
export const answers = (
  summary: string,
  query: Properties,
  answer: object,
  operationId: string,
) => ({
  schema: {
    summary,
    operationId,
    querystring: { type: 'object', properties: query, additionalProperties: false },
    response: {
      200: { ...answer, description: summary },
      default: { ...failure, description: 'An error.' },
    },
  },
})
