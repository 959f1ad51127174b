/**
 * What Docker Engine tells of a container in the moment that it makes one: of one that lives for
 * 300 ms and is removed nobody can ask afterwards.
 *
 * Source: https://docs.docker.com/reference/api/engine/ GET /events: JSON objects, one after the
 *         other, `{"Action": "create", "Actor": {"ID": …, "Attributes": {"image", "name", labels…}}}`
 */
import { limits } from '../../catalog/limit.ts'
import { allowed, clean, CONTAINER_ID, type ContainerFacts, ofKubernetes } from './facts.ts'
import { followOverSocket } from './get.ts'

const FILTERS = JSON.stringify({ type: ['container'], event: ['create', 'rename'] })
const EVENTS_PATH = `/events?filters=${encodeURIComponent(FILTERS)}`

type Told = readonly [id: string, facts: ContainerFacts]

/** Undefined where it is no event of a container. */
export function readEvent(line: string, labelNames: readonly string[]): Told | undefined {
  let event: unknown
  try {
    event = JSON.parse(line)
  } catch {
    return undefined
  }
  const { Actor } = recordOf(event)
  const { ID: id, Attributes } = recordOf(Actor)
  if (typeof id !== 'string' || !CONTAINER_ID.test(id)) return undefined
  const { name, image, ...labels } = recordOf(Attributes)
  const told = new Map(Object.entries(labels))
  return [
    id,
    {
      ...ofKubernetes(told),
      name: clean(name),
      image: clean(image),
      labels: allowed(told, labelNames),
    },
  ]
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** Settles when the engine ends the stream, or the signal does. */
export const followEvents = (
  socket: string,
  labelNames: readonly string[],
  tell: (told: Told) => void,
  signal: AbortSignal,
): Promise<void> =>
  followOverSocket(
    socket,
    EVENTS_PATH,
    limits.identityEventBytes.value,
    (line) => {
      const told = readEvent(line, labelNames)
      if (told !== undefined) tell(told)
    },
    signal,
  )
