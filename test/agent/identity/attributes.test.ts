/** The contract of labels: what dashboards select, for each kind of cgroup. */
import { describe, expect, test } from 'vitest'
import { identify } from '../../../agent/cgroup/identity.ts'
import { identityAttributes, type KnownFacts } from '../../../agent/identity/attributes.ts'
import { entities } from '../../../catalog/entity.ts'

const ID = '4f1c2d3e5a6b798081929394a5b6c7d8e9fa0b1c2d3e4f506172839405162738'
const SHORT = ID.slice(0, 12)
const UID = '0b9e1f0c-1d53-4a0f-8a3e-6e2f4d1c7a55'
const POD = `/kubepods/burstable/pod${UID}`
const IN_POD = { namespace: 'shop', pod: 'web-1', podUid: UID }

describe('labels', () => {
  const f = (path: string, facts: KnownFacts | undefined, want: Readonly<Record<string, string>>) =>
    test(`of ${path.replace(ID, 'ID')}, ${facts === undefined ? 'by its path' : 'when known'}`, () => {
      const attributes = identityAttributes(identify(path, 'nothing'), facts)
      const labels = entities.container.labels
        .filter(({ label }) => label !== 'id')
        .map(({ label, attribute }) => [label, attributes[attribute]] as const)
        .filter(([, value]) => value !== undefined)
      expect(Object.fromEntries(labels)).toEqual(want)
      expect(Object.values(attributes)).not.toContain('')
    })
  f(`/docker/${ID}`, undefined, { name: SHORT, image: 'unknown' })
  f(`/docker/${ID}`, { name: 'web', image: 'nginx:1' }, { name: 'web', image: 'nginx:1' })
  f(`/docker/${ID}/init`, undefined, {})
  f('/lxc.payload.web', undefined, { name: 'web' })
  f('/system.slice/ssh.service', undefined, {})
  f('/batch', undefined, {})
  f('/docker', undefined, {})
  f('/system.slice', undefined, {})
  f(POD, undefined, {})
  f(POD, { namespace: 'shop', pod: 'web-1' }, { namespace: 'shop', pod: 'web-1' })
  f(`${POD}/${ID}`, undefined, { name: SHORT, image: 'unknown', container: SHORT })
  f(
    `${POD}/${ID}`,
    { namespace: 'shop', pod: 'web-1' },
    { name: SHORT, image: 'unknown', container: SHORT, namespace: 'shop', pod: 'web-1' },
  )
  f(
    `${POD}/${ID}`,
    { ...IN_POD, container: 'app', image: 'web:7' },
    {
      name: 'shop/web-1/app',
      image: 'web:7',
      container: 'app',
      namespace: 'shop',
      pod: 'web-1',
    },
  )
  f(
    `${POD}/${ID}`,
    { ...IN_POD, sandbox: true },
    { name: 'shop/web-1/POD', image: 'unknown', namespace: 'shop', pod: 'web-1' },
  )
  // Docker below Kubernetes keeps its own names.
  f(
    `${POD}/docker-${ID}.scope`,
    { ...IN_POD, name: 'k8s_app_web-1_shop_0', container: 'app', image: 'web:7' },
    {
      name: 'k8s_app_web-1_shop_0',
      image: 'web:7',
      container: 'app',
      namespace: 'shop',
      pod: 'web-1',
    },
  )
})

test('what has no label has a name of its own kind all the same', () => {
  const name = (path: string) =>
    identityAttributes(identify(path, 'nothing'), undefined)['candor.cgroup.name']
  expect(name('/system.slice/ssh.service')).toBe('ssh.service')
  expect(name('/batch')).toBe('batch')
  expect(name(`/docker/${ID}`)).toBeUndefined()
})
