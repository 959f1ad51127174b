/** containerd itself, driven as the kubelet drives it: pods, their sandboxes and their containers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CriSource } from '../../../agent/identity/cri.ts'
import { Containerd, CRI_IMAGE, type Pod } from '../../peers/containerd.ts'
import { needs } from '../../peers/peers.ts'
import { RealMachine } from './real-machine.ts'

const WEB: Pod = {
  name: 'web-7d4b9c-x2x',
  namespace: 'shop',
  uid: '0b9e1f0c-1d53-4a0f-8a3e-6e2f4d1c7a55',
  labels: { app: 'web' },
}

describe.skipIf(needs('root', 'cgroup-v1', 'containerd', 'runc', 'busybox'))('containerd', () => {
  let containerd: Containerd
  beforeAll(async () => {
    containerd = await Containerd.start()
  }, 90_000)
  afterAll(() => containerd[Symbol.asyncDispose](), 60_000)

  const machine = (labels: readonly string[] = []) =>
    new RealMachine([new CriSource([containerd.socket], labels)])

  test('tells pod, namespace, container and image', async () => {
    const sandbox = await containerd.runPod(WEB)
    const app = await containerd.runContainer(WEB, sandbox, 'app')
    const pod = containerd.cgroupOf(WEB)
    const watched = machine(['app', 'io.kubernetes.pod.name'])
    const ofPod = {
      'k8s.namespace.name': WEB.namespace,
      'k8s.pod.name': WEB.name,
      'k8s.pod.uid': WEB.uid,
    }
    expect(watched.attributes(`${pod}/${app}`)).toMatchObject({
      'container.name': app.slice(0, 12),
      'k8s.container.name': app.slice(0, 12),
      'k8s.pod.uid': WEB.uid,
    })
    await watched.settled()
    expect(watched.report).toMatchObject({ name: 'identity.cri', state: 'on', rows: 2 })
    expect(watched.attributes(`${pod}/${app}`)).toMatchObject({
      ...ofPod,
      'container.name': 'shop/web-7d4b9c-x2x/app',
      'container.image.name': CRI_IMAGE,
      'k8s.container.name': 'app',
      'candor.k8s.qos': 'burstable',
      'container.label.io.kubernetes.pod.name': WEB.name,
    })
    const ofSandbox = watched.attributes(`${pod}/${sandbox}`)!
    expect(ofSandbox).toMatchObject({
      ...ofPod,
      'container.name': 'shop/web-7d4b9c-x2x/POD',
      'container.label.app': 'web',
    })
    expect(ofSandbox).not.toHaveProperty('k8s.container.name')
    const ofGroup = watched.attributes(pod)!
    expect(ofGroup).toMatchObject({ ...ofPod, 'candor.cgroup.level': 'group' })
    for (const empty of ['container.name', 'container.image.name', 'k8s.container.name']) {
      expect(ofGroup).not.toHaveProperty(empty)
    }
    await containerd.removePod(sandbox)
  })

  test('what dashboards select is counted once', async () => {
    const pod: Pod = { name: 'job-1', namespace: 'batch', uid: 'b1e89a2fcc688644de3eb95aee8025ce' }
    const sandbox = await containerd.runPod(pod)
    const names = ['first', 'second']
    for (const name of names) await containerd.runContainer(pod, sandbox, name)
    const watched = machine()
    await watched.settled()
    const lines = watched.linesBelow('container_memory_usage_bytes', containerd.cgroupOf(pod))
    const selected = (label: string) => lines.filter((line) => line.includes(`${label}="`))
    expect(lines).toHaveLength(4)
    expect(selected('pod')).toHaveLength(4)
    expect(selected('image')).toHaveLength(3)
    expect(selected(',name')).toHaveLength(3)
    const containers = selected('container').map((line) => /container="(.*?)"/.exec(line)![1])
    expect(new Set(containers)).toEqual(new Set(names))
    await containerd.removePod(sandbox)
  })

  test('names stay while containerd is stopped', async () => {
    const sandbox = await containerd.runPod(WEB)
    const app = await containerd.runContainer(WEB, sandbox, 'app')
    const path = `${containerd.cgroupOf(WEB)}/${app}`
    const watched = machine()
    await watched.settled()
    await containerd.stopDaemon()
    await watched.meetUnknown(containerd.cgroupOf(WEB), () => {
      expect(watched.report.state).not.toBe('on')
      expect(watched.report.reason).toMatch(/no socket|ECONNREFUSED/)
    })
    expect(watched.attributes(path)!['k8s.container.name']).toBe('app')
    expect(watched.figures(path)).toHaveProperty('memory_usage_bytes')
    await containerd.startDaemon()
    await containerd.removePod(sandbox)
  })
})
