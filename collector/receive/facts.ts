/** What attributes of an entity are facts, each with the ids by which it is known again. */
import type { EntityKind } from '../../catalog/entity.ts'
import { FACT_LABELS, facts } from '../../catalog/fact.ts'
import { workloadOf } from '../../judge/workload.ts'
import { textId } from './identity.ts'

export interface Fact {
  /** Of entity and name. */
  readonly id: bigint
  /** Of workload and value. */
  readonly print: bigint
  readonly workload: string
  readonly name: string
  readonly value: string
}

export function factsOf(
  kind: EntityKind,
  entity: bigint,
  attributes: ReadonlyMap<string, string>,
): readonly Fact[] {
  if (kind === 'machine') return []
  const workload = workloadOf(kind, Object.fromEntries(attributes))
  if (workload === undefined) return []
  const found: Fact[] = []
  for (const [name, value] of attributes) {
    if (!isFact(kind, name)) continue
    const print = sharedId(`${workload}\0${value}`)
    found.push({ id: entity ^ sharedId(name), print, workload, name, value })
  }
  return found
}

/** Ids of texts that many entities have: names, and what the replicas of a workload say. */
const ids = new Map<string, bigint>()
const IDS = 4_096
const SHARED_LENGTH = 256

function sharedId(text: string): bigint {
  if (text.length > SHARED_LENGTH) return textId(text)
  let id = ids.get(text)
  if (id === undefined) {
    if (ids.size === IDS) ids.clear()
    ids.set(text, (id = textId(text)))
  }
  return id
}

const NAMES: Readonly<Record<'container' | 'runtime', ReadonlySet<string>>> = {
  container: new Set(facts.container),
  runtime: new Set(facts.runtime),
}

const isFact = (kind: 'container' | 'runtime', name: string): boolean =>
  NAMES[kind].has(name) || (kind === 'container' && name.startsWith(FACT_LABELS))
