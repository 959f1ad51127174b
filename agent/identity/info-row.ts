/** The row of a container that only says what it is. */
import { containerInfo } from '../../catalog/tables/container-info.ts'
import { emptyRow, type Entity, type Row } from '../../wire/sample.ts'

/** Undefined for what only holds others. `state` is that of the runtime, where it was told. */
export function infoRow(entity: Entity, mode: string, state = ''): Row | undefined {
  const { attributes } = entity
  if (attributes['candor.cgroup.level'] !== 'container') return undefined
  // The name of a plain cgroup is a part of its path, which each of its series has as the label id.
  const isUnit = attributes['container.runtime.name'] === 'systemd'
  const known: Readonly<Record<string, string>> = {
    cgroup_version: mode,
    state,
    ...(!isUnit && { unit: '' }),
  }
  const keys = containerInfo.keys.map(
    ({ label, attribute }) => known[label] ?? attributes[attribute] ?? '',
  )
  const row = emptyRow(containerInfo, entity, keys)
  row.values[0] = 1
  return row
}
