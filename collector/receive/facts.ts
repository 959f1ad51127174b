/** What attributes of an entity are facts, each with the ids by which it is known again. */
import type { EntityKind } from '../../catalog/entity.ts'
import { FACT_LABELS, facts } from '../../catalog/fact.ts'
import { workloadOf } from '../../judge/workload.ts'
import { textId } from './identity.ts'

export interface Fact {
  /** Of workload, entity and name. */
  readonly id: bigint
  /** Of the value. */
  readonly print: bigint
  readonly workload: string
  readonly name: string
  readonly value: string
}

export function factsOf(
  tenant: string,
  kind: EntityKind,
  entity: bigint,
  attributes: ReadonlyMap<string, string>,
): readonly Fact[] {
  if (kind === 'machine') return []
  const workload = workloadOf(kind, Object.fromEntries(attributes))
  if (workload === undefined) return []
  return [...attributes].flatMap(([name, value]) =>
    isFact(kind, name)
      ? [
          {
            id: textId(`${tenant}\0${workload}\0${entity}\0${name}`),
            print: textId(value),
            workload,
            name,
            value,
          },
        ]
      : [],
  )
}

const NAMES: Readonly<Record<'container' | 'runtime', ReadonlySet<string>>> = {
  container: new Set(facts.container),
  runtime: new Set(facts.runtime),
}

const isFact = (kind: 'container' | 'runtime', name: string): boolean =>
  NAMES[kind].has(name) || (kind === 'container' && name.startsWith(FACT_LABELS))
