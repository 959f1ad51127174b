/** Docker Engine itself: what it tells of its containers, and what stays when it tells nothing. */
import { chmodSync, existsSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DockerSource } from '../../../agent/identity/docker.ts'
import { Docker, IMAGE } from '../../peers/docker.ts'
import { needs } from '../../peers/peers.ts'
import { RealMachine, seenWithoutRights } from './real-machine.ts'

describe.skipIf(needs('root', 'cgroup-v1', 'dockerd', 'busybox'))('Docker Engine', () => {
  let docker: Docker
  beforeAll(async () => {
    docker = await Docker.start()
    // Where containers are there is one already: without a watch, a first one may be noticed late.
    await docker.run({ name: 'anchor' })
  }, 90_000)
  afterAll(() => docker[Symbol.asyncDispose](), 60_000)

  const machine = (labels: readonly string[] = []) =>
    new RealMachine([new DockerSource([docker.socket], labels)])

  test('tells name, image and the labels that are asked for', async () => {
    const id = await docker.run({
      name: 'web',
      labels: { 'com.example.team': 'shop', 'com.example.secret': 'no' },
    })
    const watched = machine(['com.example.team'])
    const path = `${docker.cgroup}/${id}`
    // The path alone comes first: no pass waits for an engine.
    expect(watched.attributes(path)).toMatchObject({
      'container.id': id,
      'container.name': id.slice(0, 12),
      'container.image.name': 'unknown',
    })
    await watched.settled()
    expect(watched.attributes(path)).toMatchObject({
      'container.id': id,
      'container.name': 'web',
      'container.image.name': IMAGE,
      'container.label.com.example.team': 'shop',
    })
    expect(watched.attributes(path)).not.toHaveProperty('container.label.com.example.secret')
    const mode = existsSync('/sys/fs/cgroup/unified') ? 'hybrid' : 'v1'
    expect(watched.lines('candor_container_info', path)).toEqual([
      `candor_container_info{cgroup_version="${mode}",container_id="${id}",container_label_com_example_team="shop",id="${path}",image="${IMAGE}",name="web",runtime="docker",state="running"} 1`,
    ])
    expect(watched.report).toMatchObject({ name: 'identity.docker', state: 'on', rows: 2 })
    await docker.remove('web')
  })

  test('a container that comes later is asked for, and one of the same name is another', async () => {
    const watched = machine()
    const first = await docker.run({ name: 'job' })
    await watched.until(() => {
      expect(watched.attributes(`${docker.cgroup}/${first}`)?.['container.name']).toBe('job')
    })
    await docker.remove('job')
    await watched.until(() => {
      expect(watched.attributes(`${docker.cgroup}/${first}`)).toBeUndefined()
    })
    const second = await docker.run({ name: 'job' })
    await watched.until(() => {
      expect(watched.attributes(`${docker.cgroup}/${second}`)).toMatchObject({
        'container.id': second,
        'container.name': 'job',
      })
    })
    await docker.remove('job')
  })

  test('names stay while the engine is stopped, and what comes after it is named too', async () => {
    const watched = machine()
    const id = await docker.run({ name: 'steady' })
    const path = `${docker.cgroup}/${id}`
    await watched.settled()
    await docker.stopEngine()
    await watched.meetUnknown(docker.cgroup, () => {
      expect(watched.report.state).not.toBe('on')
      expect(watched.report.reason).toMatch(/no socket|ECONNREFUSED/)
    })
    expect(watched.attributes(path)!['container.name']).toBe('steady')
    expect(watched.figures(path)).toHaveProperty('memory_usage_bytes')
    await docker.startEngine()
    const next = await docker.run({ name: 'next' })
    await watched.until(() => {
      expect(watched.attributes(`${docker.cgroup}/${next}`)!['container.name']).toBe('next')
    })
    await docker.remove('steady')
    await docker.remove('next')
  })

  test('a socket that may not be used is told with its cure, and metrics go on', async () => {
    const id = await docker.run({ name: 'shut' })
    const path = `${docker.cgroup}/${id}`
    const { mode } = statSync(docker.socket)
    chmodSync(docker.socket, 0)
    const { attributes, report, figures } = await seenWithoutRights(docker.socket, path)
    chmodSync(docker.socket, mode)
    expect(attributes).toMatchObject({ 'container.name': id.slice(0, 12) })
    expect(figures).toHaveProperty('memory_usage_bytes')
    expect(report).toMatchObject({
      state: 'failed',
      reason: `${docker.socket} may not be read and written by this user`,
    })
    await docker.remove('shut')
  })
})
