import { mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  containerOf,
  machineBelow,
  type Traces,
  virtualisation,
} from '../../../agent/machine/virtualisation.ts'
import { type Fixture, fixture, folder, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, openReader, readRows } from './open.ts'

const GUEST = 'processor : 0\nflags : fpu hypervisor\n'
const METAL = 'processor : 0\nflags : fpu vme\n'

const kinds = (root: string) => readRows(virtualisation, root).map(({ keys }) => keys[0])

describe('of a machine', () => {
  const f = (name: Fixture, ...want: readonly string[]) =>
    expect(kinds(fixture(name))).toEqual(want)
  test('Firecracker, by the clock of KVM', () => f('hybrid-firecracker-6.18', 'kvm'))
  test('EC2', () => f('v2-kubernetes-6.8', 'amazon'))
  test('bare metal', () => f('hardware-made', 'none'))
})

describe('what is below', () => {
  const f = (traces: Partial<Traces>, want: string | undefined) =>
    expect(machineBelow({ firmware: [], ...traces })).toBe(want)
  test('nothing tells', () => f({}, undefined))
  test('an unknown hypervisor', () => f({ cpuInfo: GUEST }, 'vm-other'))
  test('bare metal of a cloud', () => f({ cpuInfo: METAL, firmware: ['Amazon EC2'] }, 'none'))
  test('QEMU with KVM', () =>
    f({ cpuInfo: GUEST, firmware: ['QEMU'], clocksources: 'kvm-clock tsc' }, 'kvm'))
  test('QEMU without', () => f({ cpuInfo: GUEST, firmware: ['QEMU'], clocksources: 'tsc' }, 'qemu'))
  test('Hyper-V', () => f({ cpuInfo: GUEST, firmware: ['Virtual Machine'] }, 'microsoft'))
  test('VirtualBox', () => f({ cpuInfo: GUEST, firmware: ['innotek GmbH'] }, 'oracle'))
  test('VMware', () => f({ cpuInfo: GUEST, firmware: ['VMware7,1'] }, 'vmware'))
  test('Xen', () => f({ hypervisorType: 'xen', cpuInfo: METAL }, 'xen'))
  test('User Mode Linux', () =>
    f({ cpuInfo: 'processor : 0\nvendor_id : User Mode Linux\n' }, 'uml'))
  test('arm64 with KVM', () => f({ deviceTree: 'linux,kvm\0' }, 'kvm'))
})

describe('the container of the first process', () => {
  const f = (environ: string, want: string | undefined) => expect(containerOf(environ)).toBe(want)
  test('said', () => f('PATH=/bin\0container=lxc\0HOME=/\0', 'lxc'))
  test('first', () => f('container=systemd-nspawn', 'systemd-nspawn'))
  test('not', () => f('notcontainer=lxc\0', undefined))
  test('not a word', () => f('container=a b\0', undefined))
})

describe('marks of containers', () => {
  const f = (namespace: string, mark: string) => {
    const root = folder()
    mkdirSync(`${root}/proc/self/ns`, { recursive: true })
    symlinkSync(namespace, `${root}/proc/self/ns/pid`)
    write(root, { [mark]: '', 'proc/cpuinfo': GUEST })
    return kinds(root)
  }
  test('Docker', () => expect(f('pid:[4026532201]', '.dockerenv')).toEqual(['vm-other', 'docker']))
  test('podman', () =>
    expect(f('pid:[4026532201]', 'run/.containerenv')).toEqual(['vm-other', 'podman']))
  test('left in the image of a machine', () =>
    expect(f('pid:[4026531836]', '.dockerenv')).toEqual(['vm-other']))
})

test('off where nothing tells', () =>
  expect(isOff(openReader(virtualisation, folder())(0))).toBe(true))

test('any bytes of cpuinfo are a kind, none, or malformed', () => {
  recordOrMalformed(['processor : 0\n', 'flags : hypervisor\n'], (bytes) => {
    machineBelow({ firmware: [], cpuInfo: bytes.toString('latin1') })
    return []
  })
})
