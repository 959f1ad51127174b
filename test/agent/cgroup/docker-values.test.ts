/** Docker Engine itself: limits and figures of its containers, and the ends of those that live shortly. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DockerSource } from '../../../agent/identity/docker.ts'
import { Identities } from '../../../agent/identity/identities.ts'
import { type AgentPass, Sampler } from '../../../agent/pass.ts'
import { silentLog } from '../../../settings/log.ts'
import type { Row } from '../../../wire/sample.ts'
import { Docker, IMAGE } from '../../peers/docker.ts'
import { needs } from '../../peers/peers.ts'
import { present } from '../fixture.ts'

const MIB = 1 << 20
const PATIENCE = { timeout: 60_000, interval: 200 }
/** In a minute, as a machine that runs jobs has them; a quarter of it in a quarter of a minute. */
const MANY = process.env['LONG'] === '1' ? 200 : 48

/** The disk that a folder lies on, by its number and its name. */
function diskOf(path: string): string | undefined {
  const { dev } = statSync(path)
  const uevent = `/sys/dev/block/${(dev >> 8) & 0xfff}:${dev & 0xff}/uevent`
  if (!existsSync(uevent)) return undefined
  return `/dev/${/^DEVNAME=(.+)$/m.exec(readFileSync(uevent, 'latin1'))![1]}`
}

describe.skipIf(needs('root', 'cgroup-v1', 'dockerd', 'busybox', 'ip'))('Docker Engine', () => {
  let docker: Docker
  let identities: Identities
  let sampler: Sampler
  beforeAll(async () => {
    docker = await Docker.start()
    identities = new Identities([new DockerSource([docker.socket], [])])
    sampler = new Sampler({
      procfs: '/proc',
      sysfs: '/sys',
      readers: { jvm: false },
      log: silentLog(),
      agentVersion: 'test',
      onChange: () => {},
      identities,
    })
  }, 90_000)
  afterAll(async () => {
    sampler.close()
    identities.stop()
    await docker[Symbol.asyncDispose]()
  }, 60_000)

  const pass = (): AgentPass => sampler.pass(Date.now())
  const rowsOf = (id: string, { rows }: AgentPass): readonly Row[] =>
    rows.filter(({ entity }) => entity.attributes['container.id'] === id)
  const figures = (id: string, table: string, key?: string) => {
    const row = rowsOf(id, pass()).find(
      (each) => each.table.name === table && (key === undefined || each.keys[0] === key),
    )
    return row === undefined ? {} : present(row)
  }
  const finished = () => {
    const row = pass().rows.find(
      ({ table, keys }) => table.name === 'machine_finished' && keys[0] === IMAGE,
    )
    return row === undefined ? {} : present(row)
  }

  test('limits are those that were asked for, and figures those of the kernel', async () => {
    const disk = diskOf(docker.folder)
    const id = await docker.run({
      name: 'limited',
      command: ['sh', '-c', 'dd if=/dev/zero of=/f bs=65536 count=64 oflag=direct; sleep 600'],
      host: {
        Memory: 64 * MIB,
        MemoryReservation: 32 * MIB,
        CpuQuota: 50_000,
        CpuPeriod: 100_000,
        CpuShares: 512,
        PidsLimit: 50,
        // Since Linux 6.9 throttling counts only where there is a limit.
        ...(disk !== undefined && { BlkioDeviceWriteBps: [{ Path: disk, Rate: 1 << 30 }] }),
      },
    })
    await vi.waitFor(() => {
      expect(figures(id, 'container')).toMatchObject({
        memory_limit_bytes: 64 * MIB,
        memory_limit_effective_bytes: 64 * MIB,
        memory_reservation_limit_bytes: 32 * MIB,
        cpu_quota: 50_000,
        cpu_period: 100_000,
        cpu_limit_effective_cores: 0.5,
        cpu_shares: 512,
        threads_max: 50,
      })
    }, PATIENCE)
    // A folder of which no disk is known, such as one of a tmpfs, is written to no disk.
    await vi.waitFor(() => {
      const written =
        disk === undefined ? 4 * MIB : figures(id, 'container_disk', disk)['written_bytes']
      expect(written).toBe(4 * MIB)
    }, PATIENCE)
    const pid = await docker.pidOf('limited')
    const inside = (...command: string[]) =>
      execFileSync('nsenter', [`--target=${pid}`, '--net', ...command], { encoding: 'utf8' })
    inside('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1')
    inside('ip', 'addr', 'add', '10.231.0.1/24', 'dev', 'eth0')
    for (const name of ['eth0', 'eth1']) inside('ip', 'link', 'set', name, 'up')
    // Nobody is there: whose address it is, is asked for on the link.
    inside('bash', '-c', 'echo x > /dev/udp/10.231.0.2/9')
    await vi.waitFor(() => {
      const sent = /eth0:(.*)/.exec(inside('cat', '/proc/net/dev'))![1]!.trim().split(/\s+/)
      const told = figures(id, 'container_network', 'eth0')
      expect(told['transmit_bytes']).toBeGreaterThan(0)
      expect(told['transmit_bytes']).toBe(Number(sent[8]))
    }, PATIENCE)
    await docker.remove('limited')
    await vi.waitFor(() => expect(rowsOf(id, pass())).toEqual([]), PATIENCE)
  })

  test('one that is started again begins anew, and nothing of it goes back', async () => {
    const id = await docker.run({ name: 'again' })
    const named = () => {
      const rows = rowsOf(id, pass())
      expect(rows[0]?.entity.attributes['container.name']).toBe('again')
      return rows[0]!.entity
    }
    const first = await vi.waitFor(named, PATIENCE)
    const before = finished()['containers'] ?? 0
    await docker.restart('again')
    await vi.waitFor(() => expect(finished()['containers']).toBe(before + 1), PATIENCE)
    const second = await vi.waitFor(named, PATIENCE)
    // Another entity with a start of its own: nobody takes its counters for those of the first.
    expect(second.attributes['candor.cgroup.inode']).not.toBe(
      first.attributes['candor.cgroup.inode'],
    )
    expect(second.startMs).toBeGreaterThan(first.startMs!)
    await docker.remove('again')
  })

  test('a kill for lack of memory counts under the image', async () => {
    const before = finished()
    await docker.run({
      name: 'greedy',
      // What outlives its killed child for a while: a kill that ends a container at once may be seen by nobody.
      command: ['sh', '-c', '(x=a; while :; do x=$x$x; done); sleep 3'],
      host: { Memory: 16 * MIB, MemorySwap: 16 * MIB },
    })
    await vi.waitFor(() => {
      expect(finished()).toMatchObject({
        containers: (before['containers'] ?? 0) + 1,
        oom_kills: (before['oom_kills'] ?? 0) + 1,
      })
    }, PATIENCE)
    await docker.remove('greedy')
  })

  test(
    `${MANY} that live for 300 ms and remove themselves count under the image`,
    { timeout: 240_000 },
    async () => {
      const before = finished()['containers'] ?? 0
      const passes = setInterval(pass, 1_000)
      try {
        for (let i = 0; i < MANY; i += 4) {
          await Promise.all(
            Array.from({ length: 4 }, (_, k) =>
              docker.run({
                name: `short-${i + k}`,
                command: ['sleep', '0.3'],
                host: { AutoRemove: true },
              }),
            ),
          )
        }
        await vi.waitFor(() => expect(finished()['containers']).toBe(before + MANY), PATIENCE)
      } finally {
        clearInterval(passes)
      }
    },
  )
})
