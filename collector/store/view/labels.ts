/** What is said of an entity as columns of a view: labels of its series first, then more of it. */
import { type EntityKind, entities, type EntityType } from '../../../catalog/entity.ts'

export interface ViewColumn {
  readonly name: string
  readonly type: string
  readonly comment: string
}

/** A column out of an attribute of the entity. */
export interface AttributeColumn {
  readonly name: string
  readonly attribute: string
}

/** Names as series have them in PromQL. */
export function labelColumns(kind: EntityKind): readonly AttributeColumn[] {
  const { labels }: EntityType = entities[kind]
  return [
    { name: 'instance', attribute: 'host.name' },
    ...labels.map(({ label, attribute }) => ({ name: label, attribute })),
  ]
}

/** What else a view of entities tells, under a plain name. */
export const MORE: Readonly<Record<EntityKind, readonly AttributeColumn[]>> = {
  machine: [
    { name: 'host_id', attribute: 'host.id' },
    { name: 'arch', attribute: 'host.arch' },
    { name: 'kernel', attribute: 'os.version' },
    { name: 'boot_id', attribute: 'candor.boot.id' },
    { name: 'cgroup_mode', attribute: 'candor.cgroup.mode' },
    { name: 'agent_version', attribute: 'candor.agent.version' },
  ],
  container: [
    { name: 'unit', attribute: 'candor.cgroup.name' },
    { name: 'level', attribute: 'candor.cgroup.level' },
    { name: 'runtime', attribute: 'container.runtime.name' },
    { name: 'container_id', attribute: 'container.id' },
    { name: 'qos', attribute: 'candor.k8s.qos' },
  ],
  runtime: [
    { name: 'runtime', attribute: 'process.runtime.name' },
    { name: 'runtime_version', attribute: 'process.runtime.version' },
    { name: 'program', attribute: 'candor.runtime.name' },
    { name: 'jvm_collector', attribute: 'candor.jvm.collector' },
    { name: 'started', attribute: 'process.creation.time' },
  ],
}

export const attributeColumn = ({ name, attribute }: AttributeColumn): ViewColumn => ({
  name,
  type: 'String',
  comment: `Attribute ${attribute}; empty where it is not known.`,
})

export const attributeSql = ({ name, attribute }: AttributeColumn): string =>
  `attributes['${attribute}'] AS ${name}`
