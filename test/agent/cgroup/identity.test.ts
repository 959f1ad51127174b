import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identify } from '../../../agent/cgroup/identity.ts'

const ID = '4f1c2d3e5a6b798081929394a5b6c7d8e9fa0b1c2d3e4f506172839405162738'
const SHORT = '4f1c2d3e5a6b'
const POD = 'pod0b9e1f0c-1d53-4a0f-8a3e-6e2f4d1c7a55'
const POD_SLICE = 'kubepods-burstable-pod0b9e1f0c_1d53_4a0f_8a3e_6e2f4d1c7a55.slice'
const KUBE = `/kubepods.slice/kubepods-burstable.slice/${POD_SLICE}`
const USER = '/user.slice/user-1000.slice/user@1000.service'

describe('containers by their runtime', () => {
  const f = (path: string, runtime: string, id = ID, name = SHORT) =>
    test(`is ${path.replaceAll(ID, 'ID')}`, () => {
      const want = { runtime, containerId: id, name, level: 'container' }
      expect(identify(path, false)).toEqual(want)
      // systemd in a container has cgroups below it: it stays a container.
      expect(identify(path, true)).toEqual(want)
    })
  f(`/docker/${ID}`, 'docker')
  f(`/system.slice/docker-${ID}.scope`, 'docker')
  f(`${USER}/user.slice/docker-${ID}.scope`, 'docker')
  f(`/system.slice:docker:${ID}`, 'docker')
  f(`/actions_job/docker/${ID}`, 'docker')
  f(`/kubepods/burstable/${POD}/${ID}`, 'containerd')
  f(`/kubepods/${POD}/${ID}`, 'containerd')
  f(`${KUBE}/cri-containerd-${ID}.scope`, 'containerd')
  f(`/kubepods-burstable-pod1.slice:cri-containerd:${ID}`, 'containerd')
  f(`/system.slice/nerdctl-${ID}.scope`, 'containerd')
  f(`/default/${ID}`, 'containerd')
  f(`${KUBE}/crio-${ID}.scope`, 'cri-o')
  f(`/kubepods/burstable/${POD}/crio-${ID}`, 'cri-o')
  f(`/machine.slice/libpod-${ID}.scope`, 'podman')
  f(`/libpod_parent/libpod-${ID}`, 'podman')
  f(`${USER}/user.slice/libpod-${ID}.scope`, 'podman')
  f('/lxc/web', 'lxc', '', 'web')
  f('/lxc.payload.web', 'lxc', '', 'web')
  f('/lxc.payload/web', 'lxc', '', 'web')
  f(`/jobs/${ID}`, 'cgroup')
  f(
    `/docker/${'a'.repeat(64)}/kubelet.slice/kubelet-kubepods.slice/cri-containerd-${ID}.scope`,
    'containerd',
  )
})

describe('systemd and plain cgroups', () => {
  const f = (path: string, runtime: string, name: string, holdsOthers = false) =>
    test(`is ${path}`, () => {
      const want = { runtime, containerId: '', name, level: 'container' }
      expect(identify(path, holdsOthers)).toEqual(want)
    })
  f('/system.slice/ssh.service', 'systemd', 'ssh.service')
  f('/system.slice/ssh.service', 'systemd', 'ssh.service', true)
  f('/init.scope', 'systemd', 'init.scope')
  f('/user.slice/user-1000.slice/run-r12.scope', 'systemd', 'run-r12.scope')
  f(`${USER}/app.slice/syncthing.service`, 'systemd', 'syncthing.service')
  f('/machine.slice/machine-qemu\\x2d1\\x2dvm.scope', 'systemd', 'machine-qemu-1-vm.scope')
  f('/batch', 'cgroup', 'batch')
  f('/jobs/night/report', 'cgroup', 'report')
})

describe('what holds others, or is a part, has no name', () => {
  const f = (path: string, runtime: string, holdsOthers = true, id = '') =>
    test(`is ${path.replaceAll(ID, 'ID')}`, () => {
      const want = { runtime, containerId: id, name: '', level: 'group' }
      expect(identify(path, holdsOthers)).toEqual(want)
    })
  f('/docker', 'cgroup')
  f('/docker', 'cgroup', false)
  f('/system.slice', 'systemd')
  f('/system.slice', 'systemd', false)
  f('/kubepods', 'cgroup')
  f('/kubepods/burstable', 'cgroup')
  f(`/kubepods/burstable/${POD}`, 'cgroup', false)
  f('/kubepods.slice/kubepods-burstable.slice', 'systemd')
  f(KUBE, 'systemd', false)
  f(USER, 'systemd')
  f('/jobs/night', 'cgroup')
  f(`/machine.slice/libpod-${ID}.scope/container`, 'podman', false, ID)
  f(`/docker/${ID}/init.scope`, 'docker', false, ID)
  f(`/docker/${ID}/system.slice/cron.service`, 'docker', false, ID)
  f('/system.slice/systemd-udevd.service/udev', 'systemd', false)
  f(`${KUBE}/crio-conmon-${ID}.scope`, 'systemd', false)
  f(`/machine.slice/libpod-conmon-${ID}.scope`, 'systemd', false)
  f('/lxc.monitor.web', 'lxc', false)
  f('/system.slice/run-user-1000.mount', 'systemd', false)
})

test('any path has a name exactly where it is a unit of work', () => {
  const name = fc.oneof(
    fc.constantFrom('docker', 'lxc', 'kubepods', 'a.slice', 'b.service', 'c.scope', ID, POD),
    fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replaceAll('/', '.')),
  )
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), fc.boolean(), (names, holds) => {
      const { name, level, containerId } = identify(`/${names.join('/')}`, holds)
      expect(name !== '').toBe(level === 'container')
      expect(containerId).toMatch(/^([0-9a-f]{64})?$/)
    }),
  )
})
