import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdsOf, identify, isOfRuntime } from '../../../agent/cgroup/identity.ts'

const ID = '4f1c2d3e5a6b798081929394a5b6c7d8e9fa0b1c2d3e4f506172839405162738'
const OUTER = 'a'.repeat(64)
const SHORT = '4f1c2d3e5a6b'
const UID = '0b9e1f0c-1d53-4a0f-8a3e-6e2f4d1c7a55'
const UID_ = UID.replaceAll('-', '_')
const STATIC = '99dcb84d2a34f7e338778606703258c4'
const POD = `pod${UID}`
const POD_SLICE = `kubepods-burstable-pod${UID_}.slice`
const KUBE = `/kubepods.slice/kubepods-burstable.slice/${POD_SLICE}`
const KIND = '/kubelet.slice/kubelet-kubepods.slice'
const USER = '/user.slice/user-1000.slice/user@1000.service'
const ALLOC = '4744f0ea-7616-ab3a-a420-8e25056e3861'
const TASK = '8f3a0f7a51f84f1f8f0f4f1f8f3a0f7a'

const short = (path: string) => path.replaceAll(ID, 'ID').replaceAll(OUTER, 'OUTER')
const NO_POD = { podUid: '', qos: '' }

describe('containers by their runtime', () => {
  const f = (path: string, runtime: string, id = ID, name = SHORT) =>
    test(`is ${short(path)}`, () => {
      const want = { runtime, containerId: id, name, level: 'container', ...NO_POD }
      expect(identify(path, 'nothing')).toEqual(want)
      // systemd in a container has cgroups below it: it stays a container.
      expect(identify(path, 'others')).toEqual(want)
      expect(isOfRuntime(identify(path, 'nothing'))).toBe(true)
    })
  f(`/docker/${ID}`, 'docker')
  f(`/system.slice/docker-${ID}.scope`, 'docker')
  f(`${USER}/user.slice/docker-${ID}.scope`, 'docker')
  f(`${USER}/app.slice/docker.service/docker-${ID}.scope`, 'docker')
  f(`/system.slice:docker:${ID}`, 'docker')
  f(`/actions_job/docker/${ID}`, 'docker')
  f(`/ecs/${TASK}/${ID}`, 'docker')
  f(`/ecs/production/${TASK}/${ID}`, 'docker')
  f(`/ecstasks.slice/ecstasks-${TASK}.slice/docker-${ID}.scope`, 'docker')
  f(`/system.slice/nerdctl-${ID}.scope`, 'containerd')
  f(`${USER}/user.slice/nerdctl-${ID}.scope`, 'containerd')
  f(`/default/${ID}`, 'containerd')
  f(`/k8s.io/${ID}`, 'containerd')
  f(`/default/redis`, 'containerd', '', 'redis')
  f(`/ecs/${TASK}/${TASK}-3911840259`, 'containerd', '', `${TASK}-3911840259`)
  f(`/machine.slice/libpod-${ID}.scope`, 'podman')
  f(`/machine.slice/machine-libpod_pod_${OUTER}.slice/libpod-${ID}.scope`, 'podman')
  f(`/libpod_parent/libpod-${ID}`, 'podman')
  f(`/libpod_parent/${OUTER}/libpod-${ID}`, 'podman')
  f(`/system.slice/nginx.service/libpod-payload-${ID}`, 'podman')
  f(`${USER}/app.slice/redis.service/libpod-payload-${ID}`, 'podman')
  f(`${USER}/user.slice/libpod-${ID}.scope`, 'podman')
  f(`${USER}/user.slice/user-libpod_pod_${OUTER}.slice/libpod-${ID}.scope`, 'podman')
  f('/lxc/web', 'lxc', '', 'web')
  f('/lxc.payload.web', 'lxc', '', 'web')
  f('/lxc.payload/web', 'lxc', '', 'web')
  f('/lxc.payload.default_web-1', 'lxc', '', 'default_web-1')
  f('/lxc/101', 'lxc', '', '101')
  f('/machine.slice/machine-web.scope', 'systemd-nspawn', '', 'web')
  f('/machine.slice/machine-web\\x2d1.scope', 'systemd-nspawn', '', 'web-1')
  f('/machine.slice/systemd-nspawn@web.service', 'systemd-nspawn', '', 'web')
  f('/machine.slice/machine-qemu\\x2d1\\x2dvm.scope', 'libvirt', '', 'vm')
  f('/machine.slice/machine-qemu\\x2d12\\x2dweb\\x2d1.scope', 'libvirt', '', 'web-1')
  f('/machine.slice/machine-lxc\\x2d4242\\x2dold.scope', 'libvirt', '', 'old')
  f('/machine/qemu-3-vm.libvirt-qemu', 'libvirt', '', 'vm')
  f('/machine/vm.libvirt-qemu', 'libvirt', '', 'vm')
  f(`/nomad.slice/share.slice/${ALLOC}.redis.scope`, 'nomad', '', `redis-${ALLOC}`)
  f(`/nomad.slice/reserve.slice/${ALLOC}.a.b.scope`, 'nomad', '', `a.b-${ALLOC}`)
  f(`/nomad.slice/${ALLOC}.redis.scope`, 'nomad', '', `redis-${ALLOC}`)
  f(`/nomad/share/${ALLOC}.redis`, 'nomad', '', `redis-${ALLOC}`)
  f(`/nomad/${ALLOC}`, 'nomad', '', ALLOC)
  f(`/jobs/${ID}`, 'cgroup')
})

describe('containers of Kubernetes', () => {
  const f = (path: string, runtime: string, qos: string, podUid = UID) =>
    test(`is ${short(path)}`, () => {
      const want = { runtime, containerId: ID, name: SHORT, level: 'container', podUid, qos }
      // A node that is a container itself.
      const isNested = path.includes(OUTER)
      expect(identify(path, 'nothing')).toEqual(isNested ? { ...want, isNested } : want)
    })
  f(`/kubepods/burstable/${POD}/${ID}`, 'containerd', 'burstable')
  f(`/kubepods/besteffort/${POD}/${ID}`, 'containerd', 'besteffort')
  f(`/kubepods/${POD}/${ID}`, 'containerd', 'guaranteed')
  f(`/kubepods/burstable/pod${STATIC}/${ID}`, 'containerd', 'burstable', STATIC)
  f(`/kubepods/burstable/${POD}/crio-${ID}`, 'cri-o', 'burstable')
  f(`/kubepods/burstable/${POD}/docker-${ID}.scope`, 'docker', 'burstable')
  f(`${KUBE}/cri-containerd-${ID}.scope`, 'containerd', 'burstable')
  f(`${KUBE}/crio-${ID}.scope`, 'cri-o', 'burstable')
  f(`${KUBE}/docker-${ID}.scope`, 'docker', 'burstable')
  f(
    `/kubepods.slice/kubepods-pod${UID_}.slice/cri-containerd-${ID}.scope`,
    'containerd',
    'guaranteed',
  )
  f(
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${UID_}.slice/crio-${ID}.scope`,
    'cri-o',
    'besteffort',
  )
  f(`/${POD_SLICE}:cri-containerd:${ID}`, 'containerd', 'burstable')
  f(
    `/system.slice/containerd.service/kubepods-pod${UID_}.slice:cri-containerd:${ID}`,
    'containerd',
    'guaranteed',
  )
  f(`/kubelet/kubepods/besteffort/${POD}/${ID}`, 'containerd', 'besteffort')
  f(
    `${KIND}/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${STATIC}.slice/cri-containerd-${ID}.scope`,
    'containerd',
    'burstable',
    STATIC,
  )
  f(
    `${KIND}/kubelet-kubepods-pod${UID_}.slice/cri-containerd-${ID}.scope`,
    'containerd',
    'guaranteed',
  )
  f(`/docker/${OUTER}/kubelet/kubepods/burstable/${POD}/${ID}`, 'containerd', 'burstable')
  f(
    `/docker/${OUTER}${KIND}/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${UID_}.slice/cri-containerd-${ID}.scope`,
    'containerd',
    'burstable',
  )
})

describe('systemd and plain cgroups', () => {
  const f = (path: string, runtime: string, name: string, holdsOthers = false) =>
    test(`is ${path}`, () => {
      const want = { runtime, containerId: '', name, level: 'container', ...NO_POD }
      expect(identify(path, holdsOthers ? 'others' : 'nothing')).toEqual(want)
      expect(isOfRuntime(identify(path, holdsOthers ? 'others' : 'nothing'))).toBe(false)
    })
  f('/system.slice/ssh.service', 'systemd', 'ssh.service')
  f('/system.slice/ssh.service', 'systemd', 'ssh.service', true)
  f('/system.slice/system-getty.slice/getty@tty1.service', 'systemd', 'getty@tty1.service')
  f('/system.slice/dev\\x2dkeys.service', 'systemd', 'dev-keys.service')
  f('/init.scope', 'systemd', 'init.scope')
  f('/user.slice/user-1000.slice/run-r12.scope', 'systemd', 'run-r12.scope')
  f(`${USER}/app.slice/syncthing.service`, 'systemd', 'syncthing.service')
  f('/batch', 'cgroup', 'batch')
  f('/jobs/night/report', 'cgroup', 'report')
})

describe('what holds others, or is a part, has no name', () => {
  const f = (path: string, runtime: string, holdsOthers = true, id = '') =>
    test(`is ${short(path)}`, () => {
      const want = { runtime, containerId: id, name: '', level: 'group', ...NO_POD }
      expect(identify(path, holdsOthers ? 'others' : 'nothing')).toEqual(want)
    })
  f('/docker', 'cgroup')
  f('/docker', 'cgroup', false)
  f('/ecs', 'cgroup')
  f(`/ecs/${TASK}`, 'cgroup')
  f('/nomad', 'cgroup')
  f('/nomad.slice/share.slice', 'systemd', false)
  f('/machine', 'cgroup')
  f('/default', 'cgroup')
  f('/system.slice', 'systemd')
  f('/system.slice', 'systemd', false)
  f('/kubelet', 'cgroup')
  f('/kubepods', 'cgroup')
  f('/kubepods/burstable', 'cgroup')
  f('/kubepods.slice/kubepods-burstable.slice', 'systemd')
  f(KIND, 'systemd')
  f(USER, 'systemd')
  f('/jobs/night', 'cgroup')
  f(`/machine.slice/libpod-${ID}.scope/container`, 'podman', false, ID)
  f(`${USER}/user.slice/libpod-${ID}.scope/container`, 'podman', false, ID)
  f(`/docker/${ID}/init.scope`, 'docker', false, ID)
  f(`/docker/${ID}/system.slice/cron.service`, 'docker', false, ID)
  f(`${KUBE}/cri-containerd-${ID}.scope/init`, 'containerd', false, ID)
  // Whoever is in a container names what lies below it as it likes.
  f(`/docker/${OUTER}/docker/${ID}`, 'docker', false, OUTER)
  f(`/system.slice/docker-${OUTER}.scope/docker-${ID}.scope`, 'docker', false, OUTER)
  f(`/system.slice/docker-${OUTER}.scope/machine-web.scope`, 'docker', false, OUTER)
  f(`/lxc/101/ns/docker/${ID}`, 'lxc', false)
  f(`${KUBE}/cri-containerd-${OUTER}.scope/${ID}`, 'containerd', false, OUTER)
  f(`/docker/${OUTER}/kubepods/burstable/${POD}/${ID}/docker/${STATIC}`, 'containerd', false, ID)
  f('/lxc/101/ns', 'lxc', false)
  f('/lxc.payload.web/system.slice/cron.service', 'lxc', false)
  f('/machine.slice/systemd-nspawn@web.service/payload', 'systemd-nspawn', false)
  f('/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/vcpu0', 'libvirt', false)
  f('/system.slice/systemd-udevd.service/udev', 'systemd', false)
  f('/system.slice/nginx.service/runtime', 'systemd', false)
  f(`/machine.slice/libpod-conmon-${ID}.scope`, 'systemd', false)
  f(`${KUBE}/crio-conmon-${ID}.scope`, 'systemd', false)
  f(`/libpod_parent/${ID}`, 'podman')
  f('/libpod_parent/conmon', 'cgroup', false)
  f(`/machine.slice/machine-libpod_pod_${ID}.slice`, 'systemd')
  f('/lxc.monitor.web', 'lxc', false)
  f('/system.slice/run-user-1000.mount', 'systemd', false)
})

describe('pods', () => {
  const f = (path: string, runtime: string, qos: string, podUid = UID) =>
    test(`is ${path}`, () => {
      const want = { runtime, containerId: '', name: '', level: 'group', podUid, qos }
      expect(identify(path, 'others')).toEqual(want)
      expect(identify(path, 'nothing')).toEqual(want)
    })
  f(KUBE, 'systemd', 'burstable')
  f(`/kubepods/burstable/${POD}`, 'cgroup', 'burstable')
  f(`/kubepods/${POD}`, 'cgroup', 'guaranteed')
  f(`${KIND}/kubelet-kubepods-pod${STATIC}.slice`, 'systemd', 'guaranteed', STATIC)
})

test('a unit that holds containers is no unit of work', () => {
  const unit = '/system.slice/nginx.service'
  const holds = holdsOf(['runtime', `libpod-payload-${ID}`])
  expect(identify(unit, holds)).toMatchObject({ level: 'group', name: '' })
  expect(identify(unit, holdsOf(['udev']))).toMatchObject({ level: 'container' })
  expect(holdsOf([])).toBe('nothing')
})

test('any path has a name exactly where it is a unit of work', () => {
  const name = fc.oneof(
    fc.constantFrom('docker', 'lxc', 'kubepods', 'nomad', 'a.slice', 'b.service', 'c.scope'),
    fc.constantFrom(ID, POD, ALLOC, 'default', 'libpod_parent', 'machine-\\x2d.scope'),
    fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replaceAll('/', '.')),
  )
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 6 }),
      fc.constantFrom('nothing', 'others', 'containers'),
      (names, holds) => {
        const { name, level, containerId } = identify(`/${names.join('/')}`, holds)
        expect(name !== '').toBe(level === 'container')
        expect(containerId).toMatch(/^([0-9a-f]{64})?$/)
        // Below a container there is one only in a pod.
        const below = identify(`/docker/${OUTER}/${names.join('/')}`, holds)
        expect(below.containerId === OUTER || names.includes(POD)).toBe(true)
      },
    ),
  )
})
