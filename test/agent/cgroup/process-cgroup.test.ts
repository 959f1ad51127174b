import { describe, expect, test } from 'vitest'
import { detectLayout } from '../../../agent/cgroup/mode.ts'
import { cgroupOf, parseProcessCgroup } from '../../../agent/cgroup/process-cgroup.ts'
import { filesOf, fixture, type Fixture } from '../fixture.ts'

const layout = (name: Fixture) => detectLayout(filesOf(fixture(name)))

describe('by the kind of the machine', () => {
  const f = (name: Fixture, pid: number, want: RegExp) => {
    const files = filesOf(fixture(name))
    expect(cgroupOf(files, detectLayout(files), pid)).toMatch(want)
  }
  test('v1: where its memory is charged', () => f('v1-centos7-3.10', 4242, /^\/kubepods\/.*00112$/))
  test('hybrid: where its memory is charged', () =>
    f('hybrid-firecracker-6.18', 4242, /^\/docker\/4f1c/))
  test('v2', () => f('v2-uml-6.1', 4242, /^\/system\.slice\/docker-0f3b.*\.scope$/))
  test('v1, mounted together with another controller', () =>
    expect(parseProcessCgroup('3:hugetlb,memory:/a\n0::/b\n', layout('v1-centos7-3.10'))).toBe(
      '/a',
    ))
})

describe('no cgroup that we can see', () => {
  const f = (text: string, name: Fixture = 'v2-uml-6.1') =>
    expect(parseProcessCgroup(text, layout(name))).toBeUndefined()
  test('outside of our namespace', () => f('0::/../../other\n'))
  test('no such line', () => f('1:name=systemd:/x\n'))
  test('empty', () => f(''))
  test('nonsense', () => f('x\n0:memory\n::\n', 'v1-centos7-3.10'))
})

test('a name with colons', () => {
  expect(parseProcessCgroup('0::/system.slice:docker:12\n', layout('v2-uml-6.1'))).toBe(
    '/system.slice:docker:12',
  )
})

test('a process that is gone', () => {
  const files = filesOf(fixture('v2-uml-6.1'))
  expect(cgroupOf(files, detectLayout(files), 1)).toBeUndefined()
})
