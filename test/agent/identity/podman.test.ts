/** podman itself: the machine's, and one that speaks for a user alone. */
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PodmanSource } from '../../../agent/identity/docker.ts'
import { needs } from '../../peers/peers.ts'
import { Podman } from '../../peers/podman.ts'
import { folder } from '../fixture.ts'
import { RealMachine } from './real-machine.ts'

const UID = 4242

describe.skipIf(needs('root', 'cgroup-v1', 'podman', 'runc', 'busybox'))('podman', () => {
  let podman: Podman
  beforeAll(async () => {
    podman = await Podman.start()
  }, 90_000)
  afterAll(() => podman[Symbol.asyncDispose](), 60_000)

  test('tells name and labels; its containers go on without it', async () => {
    const id = podman.run('web', { 'com.example.team': 'shop' })
    const path = `${podman.cgroup}/libpod-${id}`
    const watched = new RealMachine([
      new PodmanSource([podman.socket], ['com.example.team'], '/run/none'),
    ])
    expect(watched.attributes(path)).toMatchObject({
      'container.runtime.name': 'podman',
      'container.name': id.slice(0, 12),
    })
    await watched.settled()
    expect(watched.report).toMatchObject({ name: 'identity.podman', state: 'on', rows: 1 })
    expect(watched.attributes(path)).toMatchObject({
      'container.name': 'web',
      'container.label.com.example.team': 'shop',
    })
    podman.remove('web')
  })

  test("a user's podman names what runs in the user's slice, and nothing else", async () => {
    const users = folder()
    const socket = join(users, `${UID}/podman/podman.sock`)
    await using own = await Podman.start(socket)
    chownSync(socket, UID, UID)
    const id = own.run('mine')
    const watched = new RealMachine([new PodmanSource(['/nowhere.sock'], [], users)])
    await watched.settled()
    expect(watched.report).toMatchObject({ state: 'on', rows: 1 })
    // It lies elsewhere, so whoever speaks for the user is not believed.
    expect(watched.attributes(`${own.cgroup}/libpod-${id}`)!['container.name']).toBe(
      id.slice(0, 12),
    )
  })
})
