import { expect, test } from 'vitest'
import { Cgroups } from '../../../agent/cgroup/cgroups.ts'
import { Endings, type Gone } from '../../../agent/cgroup/endings.ts'
import { detectLayout } from '../../../agent/cgroup/mode.ts'
import { limits } from '../../../catalog/limit.ts'
import { container } from '../../../catalog/tables/container.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { emptyRow, type Entity } from '../../../wire/sample.ts'
import { rmSync } from 'node:fs'
import { filesOf, folder, present, write } from '../fixture.ts'

const machine: Entity = { kind: 'machine', attributes: { 'host.id': 'h', 'host.name': 'n' } }
const CPU = columnOf(container, 'cpu_usage_seconds')
const USAGE = columnOf(container, 'memory_usage_bytes')

function gone(attributes: Record<string, string>, of: Partial<Gone> = {}): Gone {
  const row = emptyRow(container, { kind: 'container', attributes })
  row.values[CPU] = 2
  row.values[USAGE] = 100
  return { row, more: [], level: 'container', heldOthers: false, startMs: 0, readMs: 900, ...of }
}
const docker = (image: string) => ({
  'container.runtime.name': 'docker',
  'container.image.name': image,
})
const sums = (endings: Endings) =>
  Object.fromEntries(endings.finished.rows.map((row) => [row.keys.join(' '), present(row)]))

test('sums are by image, with what is known of the container at its end', () => {
  const endings = new Endings(() => machine)
  endings.add(gone(docker('nginx:1')), 1_000)
  endings.add(gone(docker('nginx:1'), { startMs: undefined }), 3_000)
  endings.add(gone(docker('redis')), 5_000)
  const one = { containers: 1, unmeasured: 0, cpu_seconds: 2, memory_peak_bytes: 100 }
  expect(sums(endings)).toEqual({
    'nginx:1 docker': { ...one, containers: 2, cpu_seconds: 4, lifetime_seconds: 1 },
    'redis docker': { ...one, lifetime_seconds: 5 },
  })
})

test('without an image, or with one that nobody told, a container counts under its runtime', () => {
  const endings = new Endings(() => machine)
  endings.add(gone(docker('unknown')), 1_000)
  endings.add(gone({ 'container.runtime.name': 'docker' }), 1_000)
  expect(Object.keys(sums(endings))).toEqual([' docker'])
})

test('what was never read is counted, and adds nothing', () => {
  const endings = new Endings(() => machine)
  endings.add(gone(docker('a'), { readMs: undefined }), 1_000)
  expect(sums(endings)).toEqual({
    'a docker': { containers: 1, unmeasured: 1, lifetime_seconds: 1 },
  })
  expect(endings.take()).toEqual({ ended: [], leftOut: 0 })
})

test('what only holds others, or did, is no container that finished; its last sample is kept', () => {
  const endings = new Endings(() => machine)
  endings.add(gone({ 'container.runtime.name': 'cgroup' }, { level: 'group' }), 1_000)
  endings.add(gone({ 'container.runtime.name': 'cgroup' }, { heldOthers: true }), 1_000)
  expect(sums(endings)).toEqual({})
  expect(endings.take().ended).toHaveLength(2)
  endings.add(gone({ 'container.runtime.name': 'docker' }, { heldOthers: true }), 1_000)
  expect(sums(endings)[' docker']).toMatchObject({ containers: 1 })
})

test('the last sample is a copy with the time at which it was read, handed out once', () => {
  const endings = new Endings(() => machine)
  const one = gone(docker('a'))
  endings.add(one, 1_000)
  one.row.values[CPU] = 7
  const { ended } = endings.take()
  expect(ended).toMatchObject([{ timeMs: 900, entity: one.row.entity }])
  expect(ended[0]!.rows[0]!.values[CPU]).toBe(2)
  expect(endings.take().ended).toEqual([])
})

test('above the limits images are summed together, and last samples are left out and counted', () => {
  const endings = new Endings(() => machine)
  const images = limits.finishedImages.value
  const all = limits.endedEntities.value + 3
  for (let i = 0; i < all; i += 1) endings.add(gone(docker(`image-${i % (images + 2)}`)), 1_000)
  const rows = sums(endings)
  expect(Object.keys(rows)).toHaveLength(images + 1)
  const counts = Object.values(rows).map((row) => row['containers']!)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all)
  expect(rows['other other']!['containers']).toBeGreaterThan(1)
  const { ended, leftOut } = endings.take()
  expect([ended.length, leftOut]).toEqual([limits.endedEntities.value, 3])
})

test('sums go on when the machine is another entity', () => {
  let now = machine
  const endings = new Endings(() => now)
  endings.add(gone(docker('a')), 1_000)
  now = { ...machine, attributes: { 'host.id': 'h', 'host.name': 'later' } }
  endings.finished.renew()
  endings.add(gone(docker('a')), 1_000)
  expect(sums(endings)['a docker']).toMatchObject({ containers: 2, cpu_seconds: 4 })
  expect(endings.finished.rows.every(({ entity }) => entity === now)).toBe(true)
})

test('one that leaves one hierarchy of v1 after the other ends once, with what it had in each', () => {
  const root = folder()
  const at = (name: string) => `${root}/sys/fs/cgroup/${name}`
  write(root, {
    'proc/cgroups': '1\n',
    'sys/fs/cgroup/memory/cgroup.procs': '',
    'sys/fs/cgroup/cpuacct/cgroup.procs': '',
    'sys/fs/cgroup/memory/job/memory.usage_in_bytes': '4096\n',
    'sys/fs/cgroup/cpuacct/job/cpuacct.usage': '5000000000\n',
  })
  const files = filesOf(root)
  const endings = new Endings(() => machine)
  const cgroups = new Cgroups(files, machine, detectLayout(files), { endings })
  cgroups.read(10_000)
  const changes = ['memory/job', 'cpuacct/job'].map((directory, i) => {
    rmSync(at(directory), { recursive: true })
    write(root, { 'proc/cgroups': `${i}\n` })
    cgroups.read(10_100 + i)
    return endings.take().ended
  })
  expect(changes.map((ended) => ended.length)).toEqual([0, 1])
  expect(present(changes[1]![0]!.rows[0]!)).toMatchObject({
    memory_usage_bytes: 4096,
    cpu_usage_seconds: 5,
  })
  expect(sums(endings)[' cgroup']).toMatchObject({ containers: 1, memory_peak_bytes: 4096 })
})
