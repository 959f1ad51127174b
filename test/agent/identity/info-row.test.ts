import { expect, test } from 'vitest'
import { infoRow } from '../../../agent/identity/info-row.ts'
import { containerInfo } from '../../../catalog/tables/container-info.ts'
import type { Entity } from '../../../wire/sample.ts'

const labels = (attributes: Readonly<Record<string, string>>) => {
  const level = { 'candor.cgroup.level': 'container' }
  const entity: Entity = { kind: 'container', attributes: { ...level, ...attributes } }
  const { keys = [] } = infoRow(entity, 'v2') ?? {}
  return Object.fromEntries(
    containerInfo.keys.map(({ label }, i) => [label, keys[i]]).filter(([, text]) => text !== ''),
  )
}

test('a unit of systemd has its name', () => {
  const unit = { 'container.runtime.name': 'systemd', 'candor.cgroup.name': 'sshd.service' }
  expect(labels(unit)).toEqual({ runtime: 'systemd', cgroup_version: 'v2', unit: 'sshd.service' })
})

test('a plain cgroup is no unit, whatever its directory is called', () => {
  const plain = { 'container.runtime.name': 'cgroup', 'candor.cgroup.name': '8f93a1' }
  expect(labels(plain)).toEqual({ runtime: 'cgroup', cgroup_version: 'v2' })
})

test('what only holds others has no row', () => {
  const slice = { 'candor.cgroup.level': 'group', 'container.runtime.name': 'systemd' }
  expect(labels(slice)).toEqual({})
})
