import { expect, test } from 'vitest'
import { UNREAD_JAVA } from '../../catalog/unread-jvm.ts'
import { coverageText, jvmCoverage } from '../../judge/coverage.ts'
import type { Fleet, UnreadFigures } from '../../judge/fleet.ts'
import { makeProfiles } from '../../judge/profiles.ts'
import { figuresBy, runtimeNewest } from '../../judge/runtime-columns.ts'
import { machine, now, runtime } from './figures.ts'

const read = figuresBy(runtimeNewest, (column) => (column === 'heap_max_bytes' ? 2 ** 30 : null))

function coverage(runtimes: Fleet['runtimes'], unread?: readonly UnreadFigures[]) {
  const silent = {
    ...machine,
    entity: '2',
    lastMs: now - 3_600_000,
    attributes: { ...machine.attributes, 'host.id': 'b', 'host.name': 'web-2' },
  }
  const fleet: Fleet = {
    nowMs: now,
    machines: [machine, silent],
    containers: [],
    runtimes,
    ...(unread && { unread }),
  }
  return jvmCoverage(fleet, makeProfiles(fleet, { containers: 0 }))
}

test('JVMs that told their heap, of all that are there', () => {
  const jvms = [runtime(7, 'jvm', { newest: read }), runtime(8, 'jvm')]
  const found = coverage([...jvms, runtime(9, 'go')])
  expect(found).toEqual({ readable: 1, total: 2, unread: [] })
  expect(coverageText(found)).toBe('1 of 2 JVMs readable')
})

test('what is a JVM by its name alone counts, what may be any runtime is told', () => {
  const unread = [
    { entity: '1', reason: UNREAD_JAVA, count: 2 },
    { entity: '1', reason: 'maps not readable', count: 5 },
    { entity: '1', reason: 'was read since', count: 0 },
    { entity: '2', reason: UNREAD_JAVA, count: 9 },
    { entity: '3', reason: UNREAD_JAVA, count: 9 },
  ]
  expect(coverage([runtime(7, 'jvm', { newest: read })], unread)).toEqual({
    readable: 1,
    total: 3,
    unread: [
      { machine: 'web-1', reason: 'maps not readable', count: 5 },
      { machine: 'web-1', reason: UNREAD_JAVA, count: 2 },
    ],
  })
})

test('one, and none', () => {
  expect(coverageText(coverage([runtime(8, 'jvm')]))).toBe('0 of 1 JVM readable')
  expect(coverageText(coverage([runtime(9, 'go')]))).toBeUndefined()
})
