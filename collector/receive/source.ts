/** What a resource means to the store: the entity that it is, and the labels that it gives. */
import {
  AGENT_JOB,
  type EntityKind,
  entities,
  type EntityType,
  KIND_ATTRIBUTE,
} from '../../catalog/entity.ts'
import { limits } from '../../catalog/limit.ts'
import type { Table } from '../../catalog/metric.ts'
import { prometheusLabels } from '../../wire/names.ts'
import { type Fact, factsOf } from './facts.ts'
import { entityId, textId } from './identity.ts'

export type Labels = Readonly<Record<string, string>>

export interface Source {
  readonly entity: { readonly kind: EntityKind; readonly id: bigint } | undefined
  readonly attributes: ReadonlyMap<string, string>
  /** Attributes as JSON, and the id of that. */
  readonly json: string
  readonly print: bigint
  readonly facts: readonly Fact[]
  /** Labels of series that the catalogue does not know; undefined when one is too long to be one. */
  readonly labels: Labels | undefined
  /** Itself; others have to make it first. */
  describe(): Source
}

export function makeSource(tenant: string, attributes: ReadonlyMap<string, string>): Source {
  const kind = attributes.get(KIND_ATTRIBUTE)
  const id = isKind(kind) ? entityId(tenant, kind, attributes) : undefined
  const told = [...attributes].filter(([name]) => name !== KIND_ATTRIBUTE)
  const json = JSON.stringify(Object.fromEntries(told.toSorted(byName)))
  const source: Source = {
    entity: isKind(kind) && id !== undefined ? { kind, id } : undefined,
    attributes,
    json,
    print: textId(json),
    facts: isKind(kind) && id !== undefined ? factsOf(kind, id, attributes) : [],
    labels: jobAndInstance(attributes, isKind(kind) && id !== undefined ? AGENT_JOB : undefined),
    describe: () => source,
  }
  return source
}

const isKind = (kind: string | undefined): kind is EntityKind =>
  kind !== undefined && Object.hasOwn(entities, kind)

export const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : 1

/** As Prometheus names them when it is sent OTLP. */
function jobAndInstance(
  attributes: ReadonlyMap<string, string>,
  otherwise: string | undefined,
): Labels | undefined {
  const service = attributes.get('service.name')
  const namespace = attributes.get('service.namespace')
  const job = service && namespace ? `${namespace}/${service}` : (service ?? otherwise)
  const instance = attributes.get('service.instance.id') ?? attributes.get('host.name')
  return short({
    ...(job !== undefined && { job }),
    ...(instance !== undefined && { instance }),
  })
}

/** Labels that the entity gives to every series of a table, as those of typed tables have them. */
export function entityLabels(
  { entity, attributeLabels: prefix }: Table,
  attributes: ReadonlyMap<string, string>,
): Labels | undefined {
  const { labels }: EntityType = entities[entity]
  const told = [...attributes].filter(([name]) => prefix !== undefined && name.startsWith(prefix))
  return short({
    ...prometheusLabels(new Map(told)),
    ...Object.fromEntries(
      labels.map(({ label, attribute }) => [label, attributes.get(attribute) ?? '']),
    ),
    instance: attributes.get('host.name') ?? '',
    job: AGENT_JOB,
  })
}

const short = (labels: Labels): Labels | undefined =>
  Object.values(labels).some((text) => Buffer.byteLength(text) > limits.labelBytes.value)
    ? undefined
    : labels
