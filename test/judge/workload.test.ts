import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownerOf, workloadOf } from '../../judge/workload.ts'

describe('owner of a pod', () => {
  const f = (pod: string, owner: string) => expect(ownerOf(pod)).toBe(owner)
  test('Deployment', () => f('web-7d9c5b8f6d-x2x4z', 'web'))
  test('Deployment with dashes', () => f('shop-web-api-6c4f5b7d9-zq2hk', 'shop-web-api'))
  test('StatefulSet', () => f('db-0', 'db'))
  test('DaemonSet', () => f('node-agent-4x8kp', 'node-agent'))
  test('CronJob', () => f('report-29384760-k7x2d', 'report'))
  test('a pod of its own', () => f('redis-cache', 'redis-cache'))
  test('a word is not random', () => f('web-frontend-proxy', 'web-frontend-proxy'))
  test('a name of random letters alone', () => f('x2x4z', 'x2x4z'))
})

describe('workload', () => {
  const f = (
    kind: 'machine' | 'container' | 'runtime',
    attributes: Record<string, string>,
    want: string | undefined,
  ) => expect(workloadOf(kind, attributes)).toBe(want)

  test('a machine is none', () => f('machine', { 'host.name': 'web-1' }, undefined))
  test('a container by its name', () => f('container', { 'container.name': 'shop' }, 'shop'))
  test('a container of a pod, whichever pod it is today', () =>
    f(
      'container',
      { 'container.name': 'prod/web-7d9c5b8f6d-x2x4z/app', 'k8s.pod.name': 'web-7d9c5b8f6d-x2x4z' },
      'prod/web/app',
    ))
  test('a unit of systemd', () =>
    f('container', { 'candor.cgroup.name': 'shop.service' }, 'shop.service'))
  test('a container of which only the id is known yet', () =>
    f('container', { 'container.name': '4f1c0b1c2d3e' }, undefined))
  test('a runtime: where it runs and what it is called', () =>
    f(
      'runtime',
      { 'container.name': 'prod/web-7d9c5b8f6d-x2x4z/app', 'candor.runtime.name': 'shop.jar' },
      'prod/web/app/shop.jar',
    ))
  test('a JVM by its main class', () =>
    f('runtime', { 'container.name': 'shop', 'candor.jvm.main': 'shop.Main' }, 'shop/shop.Main'))
  test('a runtime without a name by its kind', () =>
    f('runtime', { 'container.name': 'shop', 'process.runtime.name': 'go' }, 'shop/go'))
  test('a runtime that runs nowhere in particular', () =>
    f('runtime', { 'candor.runtime.name': 'etl.py' }, 'etl.py'))
  test('a program by the end of its path', () => {
    const program = (name: string, want: string) =>
      f('runtime', { 'container.name': 'shop', 'candor.runtime.name': name }, want)
    program('/srv/shop/server.js', 'shop/shop/server.js')
    program('server.js', 'shop/server.js')
    program('./server.js', 'shop/server.js')
    program('/server.js', 'shop/server.js')
    program('dist/main.js', 'shop/dist/main.js')
    program('/', 'shop/')
  })
  test('a runtime that runs nowhere in particular, by the end of its path', () =>
    f('runtime', { 'candor.runtime.name': '/srv/etl/main.py' }, 'etl/main.py'))
  test.each([32, 64])('a container of which only an id of %i digits is known', (digits) =>
    f('container', { 'container.name': '4f1c0b1c2d3e5a6b'.repeat(4).slice(0, digits) }, undefined),
  )
  test('a runtime in a container without a name', () =>
    f('runtime', { 'container.name': '4f1c0b1c2d3e', 'candor.runtime.name': 'etl.py' }, 'etl.py'))
})

test('two pods of one Deployment are one workload', () => {
  const random = (length: number) =>
    fc.string({
      unit: fc.constantFrom('b', 'f', 'x', 'z', '2', '9'),
      minLength: length,
      maxLength: length,
    })
  const name = fc.stringMatching(/^[a-z]{1,8}(-[aeiou]{1,8})?$/)
  fc.assert(
    fc.property(name, random(9), random(5), (owner, template, pod) => {
      expect(ownerOf(`${owner}-${template}-${pod}`)).toBe(owner)
    }),
  )
})
