/** A kubelet over real TLS: what its /pods tells, whom it is believed by, and what it may not do. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { identify } from '../../../agent/cgroup/identity.ts'
import { identityAttributes } from '../../../agent/identity/attributes.ts'
import { Identities } from '../../../agent/identity/identities.ts'
import { KubeletSource, readPods } from '../../../agent/identity/kubelet.ts'
import { SourceRefused } from '../../../agent/identity/source.ts'
import { limits } from '../../../catalog/limit.ts'
import { type Certificates, makeCertificates } from '../../peers/certificates.ts'
import { needs } from '../../peers/peers.ts'
import { outcome } from './outcome.ts'
import { daemonFolder, removeDaemonFolder } from '../../peers/daemon.ts'

const APP = '4f1c2d3e5a6b798081929394a5b6c7d8e9fa0b1c2d3e4f506172839405162738'
const INIT = 'b'.repeat(64)
const UID = '0b9e1f0c-1d53-4a0f-8a3e-6e2f4d1c7a55'
const POD = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`
const PATH = `${POD}/cri-containerd-${APP}.scope`

/** A v1.PodList as the kubelet answers, with what is asked of it and some more. */
const PODS = {
  kind: 'PodList',
  apiVersion: 'v1',
  metadata: {},
  items: [
    {
      metadata: {
        name: 'web-7d4b9c-x2x',
        namespace: 'shop',
        uid: UID,
        labels: { app: 'web', 'pod-template-hash': '7d4b9c' },
        annotations: { 'kubernetes.io/config.source': 'api' },
      },
      spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'shop/web:7' }] },
      status: {
        phase: 'Running',
        qosClass: 'Burstable',
        initContainerStatuses: [
          {
            name: 'migrate',
            state: { terminated: { exitCode: 0, containerID: `containerd://${INIT}` } },
            image: 'docker.io/shop/migrate:3',
            containerID: `containerd://${INIT}`,
          },
        ],
        containerStatuses: [
          {
            name: 'app',
            state: { running: { startedAt: '2026-11-21T09:00:00Z' } },
            ready: true,
            restartCount: 0,
            image: 'docker.io/shop/web:7',
            imageID: `docker.io/shop/web@sha256:${'c'.repeat(64)}`,
            containerID: `containerd://${APP}`,
          },
          { name: 'late', state: { waiting: { reason: 'ContainerCreating' } }, image: 'late:1' },
        ],
      },
    },
  ],
}

test('containers and pods of a list', () => {
  const { containers, pods } = readPods(PODS, ['app'])
  const ofPod = { namespace: 'shop', pod: 'web-7d4b9c-x2x', podUid: UID, labels: { app: 'web' } }
  expect(Object.fromEntries(pods)).toEqual({ [UID]: { namespace: 'shop', pod: 'web-7d4b9c-x2x' } })
  expect(Object.fromEntries(containers)).toEqual({
    [INIT]: {
      ...ofPod,
      container: 'migrate',
      image: 'docker.io/shop/migrate:3',
      state: 'terminated',
    },
    [APP]: { ...ofPod, container: 'app', image: 'docker.io/shop/web:7', state: 'running' },
  })
})

test('any document is a list of pods, or refused', () => {
  const item = fc.record(
    {
      metadata: fc.oneof(fc.jsonValue(), fc.record({ name: fc.string(), namespace: fc.string() })),
      status: fc.oneof(fc.jsonValue(), fc.record({ containerStatuses: fc.jsonValue() })),
    },
    { requiredKeys: [] },
  )
  const document = fc.oneof(
    fc.jsonValue(),
    fc.record({ items: fc.array(fc.oneof(item, fc.jsonValue())) }),
  )
  fc.assert(
    fc.property(document, (value) => {
      const containers = outcome(
        () => readPods(value, ['a', '__proto__']).containers,
        SourceRefused,
        new Map(),
      )
      expect([...containers.keys()].every((id) => /^[0-9a-f]{64}$/.test(id))).toBe(true)
    }),
  )
})

describe.skipIf(needs('openssl'))('over TLS', () => {
  const folder = daemonFolder()
  const tokenFile = join(folder, 'token')
  let certificates: Certificates
  let server: Server
  let answer: (send: (body: string) => void) => void = (send) => send(JSON.stringify(PODS))
  let token = 'first'

  beforeAll(async () => {
    certificates = makeCertificates(folder)
    server = createServer(certificates, (request, response) => {
      if (request.headers.authorization !== `Bearer ${token}`) {
        response.writeHead(401).end('Unauthorized')
        return
      }
      answer((body) => response.writeHead(200, { 'content-type': 'application/json' }).end(body))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
    removeDaemonFolder(folder)
  })

  async function learn(options: { caFile?: string; skipVerify?: boolean; given?: string } = {}) {
    writeFileSync(tokenFile, `${options.given ?? 'first'}\n`)
    const identities = new Identities([
      new KubeletSource({
        url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/pods`,
        tokenFile,
        caFile: options.caFile ?? certificates.caFile,
        skipVerify: options.skipVerify ?? false,
        labels: [],
      }),
    ])
    onTestFinished(() => identities.stop())
    const of = (path: string) => {
      const identity = identify(path, 'nothing')
      return identityAttributes(identity, identities.of(identity, path))
    }
    of(PATH)
    await identities.settled(2_000)
    return { of, report: identities.reports()[0]!, identities }
  }

  test('names a container and its pod', async () => {
    const { of, report } = await learn()
    expect(report).toMatchObject({ name: 'identity.kubelet', state: 'on', rows: 2 })
    expect(of(PATH)).toEqual({
      'candor.cgroup.level': 'container',
      'container.runtime.name': 'containerd',
      'container.id': APP,
      'container.name': 'shop/web-7d4b9c-x2x/app',
      'container.image.name': 'docker.io/shop/web:7',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'web-7d4b9c-x2x',
      'k8s.pod.uid': UID,
      'k8s.container.name': 'app',
      'candor.k8s.qos': 'burstable',
    })
    expect(of(POD)).toMatchObject({ 'k8s.pod.name': 'web-7d4b9c-x2x' })
    expect(of(POD)).not.toHaveProperty('k8s.container.name')
  })

  test('asks with the token that the file has now', async () => {
    const refused = await learn({ given: 'of yesterday' })
    expect(refused.report).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/answers with status 401$/) as string,
    })
    expect(refused.of(PATH)).toMatchObject({ 'k8s.container.name': APP.slice(0, 12) })
    token = 'of today'
    expect((await learn({ given: 'of today' })).report.state).toBe('on')
    token = 'first'
  })

  test('believes a certificate of the authority alone, unless it is told to believe any', async () => {
    const unknown = await learn({ caFile: join(folder, 'none.crt') })
    expect(unknown.report).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/UNABLE_TO|SELF_SIGNED|certificate/) as string,
    })
    const any = await learn({ caFile: join(folder, 'none.crt'), skipVerify: true })
    expect(any.report.state).toBe('on')
  })

  describe('an answer that does harm does none', () => {
    const f = (name: string, body: () => string, reason: RegExp) =>
      test(`one ${name}`, async () => {
        answer = (send) => send(body())
        onTestFinished(() => {
          answer = (send) => send(JSON.stringify(PODS))
        })
        const { of, report } = await learn()
        expect(report.state).toBe('failed')
        expect(report.reason).toMatch(reason)
        expect(of(PATH)).toMatchObject({ 'container.name': APP.slice(0, 12) })
      })
    f('that is no JSON', () => '<html>', /no JSON$/)
    f('that is no list', () => '{"items":7}', /no list of pods$/)
    f(
      'that is too long',
      () => `[${' '.repeat(limits.identityAnswerBytes.value)}]`,
      /more than \d+ bytes$/,
    )
    f('that is deep', () => '['.repeat(1_000_000), /no JSON$/)
  })

  test('a name that is too long is cut, and one that is no text is left out', async () => {
    const [item] = PODS.items
    const pods = {
      items: [
        {
          ...item,
          metadata: { ...item!.metadata, name: 'é'.repeat(5_000), namespace: 'a"\n\u0000' },
        },
        { metadata: { name: 7, namespace: null } },
      ],
    }
    answer = (send) => send(JSON.stringify(pods))
    onTestFinished(() => {
      answer = (send) => send(JSON.stringify(PODS))
    })
    const attributes = (await learn()).of(PATH)
    expect(Buffer.byteLength(attributes['k8s.pod.name']!)).toBe(limits.labelBytes.value)
    expect(attributes['k8s.namespace.name']).toBe('a"\n\u0000')
  })
})

test('without a URL says so, and asks nobody', async () => {
  const source = new KubeletSource({
    url: undefined,
    tokenFile: '/none',
    caFile: '/none',
    skipVerify: false,
    labels: [],
  })
  expect(await source.ask(AbortSignal.timeout(1_000))).toMatchObject({
    reason: 'no kubelet is known',
  })
})
