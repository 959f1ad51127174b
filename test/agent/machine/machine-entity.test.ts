import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readMachine } from '../../../agent/machine/machine-entity.ts'
import { copy, filesOf } from '../fixture.ts'

test('what names and describes a machine', () => {
  const { kind, attributes, startMs } = readMachine(filesOf(copy('v1-centos7-3.10')), 'v1', '1.2.3')
  expect(kind).toBe('machine')
  expect(startMs).toBe(1_700_000_000_000)
  const { 'host.arch': arch, ...rest } = attributes
  expect(arch).not.toBe('x64')
  expect(rest).toEqual({
    'host.id': '5061728394051627384f1c0b1c2d3e4f',
    'host.name': 'db7.example.test',
    'os.type': 'linux',
    'os.version': '3.10.0-1160.119.1.el7.x86_64',
    'candor.boot.id': '1c0e6a51-7a5e-4be0-9a27-7b2a86d0b1aa',
    'candor.cgroup.mode': 'v1',
    'candor.machine.controllers': 'cpuset,cpu,cpuacct,memory,pids',
    'candor.agent.version': '1.2.3',
  })
})

describe('without a machine-id the boot names the machine', () => {
  const f = (change: (path: string) => void) => {
    const root = copy('v1-centos7-3.10')
    change(`${root}/proc/1/root/etc/machine-id`)
    const { attributes } = readMachine(filesOf(root), 'v1', '1')
    expect(attributes['host.id']).toBe('1c0e6a51-7a5e-4be0-9a27-7b2a86d0b1aa')
  }
  test('no file', () => f((path) => rmSync(path)))
  test('an image that never booted', () => f((path) => writeFileSync(path, 'uninitialized\n')))
  test('zeros', () => f((path) => writeFileSync(path, `${'0'.repeat(32)}\n`)))
  test('empty', () => f((path) => writeFileSync(path, '')))
})

describe('controllers', () => {
  const f = (text: string | undefined, want: string | undefined) => {
    const root = copy('v1-centos7-3.10')
    if (text === undefined) rmSync(`${root}/proc/cgroups`)
    else writeFileSync(`${root}/proc/cgroups`, text)
    const { attributes } = readMachine(filesOf(root), 'v2', '1')
    expect(attributes['candor.machine.controllers']).toBe(want)
  }
  const head = '#subsys_name\thierarchy\tnum_cgroups\tenabled\n'
  test('those that are enabled', () =>
    f(`${head}cpu\t0\t9\t1\nmemory\t0\t9\t0\npids\t0\t9\t1\n`, 'cpu,pids'))
  test('none are an empty list', () => f(head, ''))
  test('without the file nobody knows', () => f(undefined, undefined))
})
