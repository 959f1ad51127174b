/** Docker Engine itself: a container that lives shorter than a pass counts under its image. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DockerSource } from '../../../agent/identity/docker.ts'
import { Identities } from '../../../agent/identity/identities.ts'
import { Sampler } from '../../../agent/pass.ts'
import { silentLog } from '../../../settings/log.ts'
import { Docker, IMAGE } from '../../peers/docker.ts'
import { needs } from '../../peers/peers.ts'
import { present } from '../fixture.ts'

const PATIENCE = { timeout: 30_000, interval: 5 }

describe.skipIf(needs('root', 'cgroup-v1', 'dockerd', 'busybox'))('Docker Engine', () => {
  let docker: Docker
  beforeAll(async () => {
    docker = await Docker.start()
  }, 90_000)
  afterAll(() => docker[Symbol.asyncDispose](), 60_000)

  test('containers between two passes count under their image, with their names', async () => {
    const identities = new Identities([new DockerSource([docker.socket], [])])
    const sampler = new Sampler({
      procfs: '/proc',
      sysfs: '/sys',
      readers: { jvm: false },
      log: silentLog(),
      agentVersion: 'test',
      onChange: () => {},
      identities,
    })
    try {
      const { rows } = sampler.pass(Date.now())
      const sums = () => {
        const row = rows.find(
          ({ table, keys }) => table.name === 'machine_finished' && keys[0] === IMAGE,
        )
        return row === undefined ? {} : present(row)
      }
      const names = ['one', 'two', 'three']
      for (const [i, name] of names.entries()) {
        const id = await docker.run({ name })
        await vi.waitFor(() => {
          const ids = rows.map(({ entity }) => entity.attributes['container.id'])
          expect(ids).toContain(id)
        }, PATIENCE)
        // No pass is made: what it is called is known only at its end.
        await vi.waitFor(() => expect(identities.reports()[0]!.rows).toBe(i + 1), PATIENCE)
        await docker.remove(name)
      }
      await vi.waitFor(() => expect(sums()['containers']).toBe(3), PATIENCE)
      expect(sums()).toMatchObject({ unmeasured: 0, oom_kills: 0 })
      expect(sums()['cpu_seconds']).toBeGreaterThan(0)
      const { ended = [] } = sampler.pass(Date.now())
      const ours = ended.filter(({ entity }) => entity.attributes['container.image.name'] === IMAGE)
      expect(ours.map(({ entity }) => entity.attributes['container.name'])).toEqual(names)
      const entities = ours.flatMap(({ entity, rows: last }) =>
        last.map((row) => row.entity === entity),
      )
      expect(new Set(entities)).toEqual(new Set([true]))
    } finally {
      sampler.close()
      identities.stop()
    }
  }, 90_000)
})
