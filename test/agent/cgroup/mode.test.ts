import { expect, test } from 'vitest'
import { detectLayout } from '../../../agent/cgroup/mode.ts'
import { filesOf, fixture, type Fixture, folder, write } from '../fixture.ts'

const layoutOf = (root: string) => {
  const { mode, hierarchies, unified } = detectLayout(filesOf(root))
  const below = (path: string) => path.slice(`${root}/sys/fs/cgroup`.length)
  return {
    mode,
    hierarchies: hierarchies.map(
      ({ directory, controllers }) => `${below(directory)} ${controllers.join()}`,
    ),
    ...(unified !== undefined && { unified: below(unified) }),
  }
}
const f = (name: Fixture, want: ReturnType<typeof layoutOf>) =>
  test(`layout of ${name}`, () => expect(layoutOf(fixture(name))).toEqual(want))

f('v2-uml-6.1', { mode: 'v2', hierarchies: [' '] })
f('v1-centos7-3.10', {
  mode: 'v1',
  hierarchies: ['/memory memory', '/cpu,cpuacct cpu,cpuacct', '/pids pids'],
})
f('hybrid-firecracker-6.18', {
  mode: 'hybrid',
  hierarchies: ['/memory memory', '/cpu cpu', '/cpuacct cpuacct', '/pids pids'],
  unified: '/unified',
})

test('the unified tree of an old systemd', () => {
  const root = folder()
  write(`${root}/sys/fs/cgroup`, {
    'memory/cgroup.procs': '',
    'systemd/cgroup.controllers': '',
    'systemd/cgroup.procs': '',
  })
  expect(layoutOf(root)).toEqual({
    mode: 'hybrid',
    hierarchies: ['/memory memory'],
    unified: '/systemd',
  })
})

test('nothing mounted', () => {
  expect(layoutOf(folder())).toEqual({ mode: 'none', hierarchies: [] })
})

test('directories without a mounted hierarchy in them', () => {
  const root = folder()
  write(`${root}/sys/fs/cgroup`, { 'memory/readme': '', 'blkio/cgroup.procs': '' })
  expect(layoutOf(root)).toEqual({ mode: 'none', hierarchies: [] })
})
