/** The real kernel: containers that come and go between two passes. */
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { runAgent } from '../../../agent/main.ts'
import { type AgentPass, Sampler } from '../../../agent/pass.ts'
import { silentLog } from '../../../settings/log.ts'
import type { Ended } from '../../../wire/sample.ts'
import { needs } from '../../peers/peers.ts'
import { present } from '../fixture.ts'
import { busyFor, isHybrid, ShortCgroup } from './short-cgroup.ts'

const STORM = new URL('./storm.ts', import.meta.url).pathname
const UNWATCHED = new URL('./unwatched.ts', import.meta.url).pathname
const CPU = 'cpu_usage_seconds'
const PATIENCE = { timeout: 20_000, interval: 5 }
const KINDS = ['v1', ...(isHybrid() ? (['hybrid'] as const) : [])] as const

let undo: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const each of undo.toReversed()) await each()
  undo = []
})

/**
 * What another test makes meanwhile may end meanwhile too, so what is counted is named as that of an
 * engine that no other test has.
 */
const ENGINE = 'cri-o'
const prefix = () => `/crio-${String(process.pid).padStart(16, '0')}`
let made = 0
const pathOf = (n: number) => `${prefix()}${String(n).padStart(48, '0')}`

function shortCgroup(kind: 'v1' | 'hybrid', path = pathOf(made++)) {
  const cgroup = new ShortCgroup(path, kind)
  undo.push(() => cgroup.remove())
  return cgroup
}

/** This machine's containers alone, followed between passes. */
function followed() {
  let changes = 0
  const sampler = new Sampler({
    procfs: '/proc',
    sysfs: '/sys',
    readers: { jvm: false },
    log: silentLog(),
    agentVersion: 'test',
    onChange: () => (changes += 1),
  })
  undo.push(() => sampler.close())
  const pass = () => sampler.pass(Date.now())
  return { pass, changes: () => changes }
}

const rowAt = ({ rows }: AgentPass, path: string) =>
  rows.find(
    ({ table, entity }) =>
      table.name === 'container' && entity.attributes['candor.cgroup.path'] === path,
  )
const endedAt = (ended: readonly Ended[] = [], path: string) =>
  ended.filter(({ entity }) => entity.attributes['candor.cgroup.path'] === path)
const figuresOf = ({ rows }: Ended) => present(rows[0]!)
function finished({ rows }: AgentPass): Record<string, number> {
  const row = rows.find(
    ({ table, keys }) => table.name === 'machine_finished' && keys[1] === ENGINE,
  )
  return row === undefined ? { containers: 0 } : present(row)
}

// A machine that others keep busy may leave this process no time while a container lives.
const BUSY = { retry: 2 }

describe.skipIf(needs('root', 'cgroup-v1'))('between two passes', BUSY, () => {
  test.each(KINDS)('%s: one that lives 300 ms is counted, with its CPU time', async (kind) => {
    const { pass } = followed()
    const first = pass()
    const before = finished(first)
    const cgroup = shortCgroup(kind)
    await cgroup.run(busyFor(0.3))
    // As long as an engine needs to clean up, at the least.
    await wait(20)
    const { cpuSeconds } = cgroup
    await cgroup.remove()
    await vi.waitFor(() => {
      expect(finished(first)['containers']).toBe(before['containers']! + 1)
    }, PATIENCE)
    expect(rowAt(first, cgroup.path)).toBeUndefined()
    const [end, ...others] = endedAt(pass().ended, cgroup.path)
    expect(others).toEqual([])
    const seen = figuresOf(end!)[CPU]!
    expect(seen).toBeLessThanOrEqual(cpuSeconds)
    // With a v2 tree the end of its last process is told, else the last look was a moment before.
    expect(seen).toBeGreaterThanOrEqual(cpuSeconds * (kind === 'hybrid' ? 0.99 : 0.25))
    expect(end!.entity.startMs).toBeGreaterThan(first.timeMs)
    expect(end!.entity.startMs).toBeLessThanOrEqual(end!.timeMs)
  })

  test('what was there before the agent is not taken for new, and counted when it ends', async () => {
    const cgroup = shortCgroup('v1')
    const { pass, changes } = followed()
    const first = pass()
    expect(rowAt(first, cgroup.path)).toBeDefined()
    expect(finished(first)['containers']).toBe(0)
    const before = changes()
    await cgroup.remove()
    await vi.waitFor(() => expect(changes()).toBeGreaterThan(before), PATIENCE)
    expect(finished(first)['containers']).toBe(1)
  })

  test(
    '200 short ones within a minute are all counted, each once',
    { timeout: 120_000 },
    async () => {
      const { pass } = followed()
      const start = finished(pass())
      const kind = KINDS.at(-1)!
      const ended: Ended[] = []
      let cpuSeconds = 0
      const paths = new Set<string>()
      const engine = async () => {
        for (let n = 0; n < 20; n += 1) {
          const cgroup = shortCgroup(kind)
          paths.add(cgroup.path)
          await cgroup.run('i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; sleep 0.3')
          cpuSeconds += cgroup.cpuSeconds
          await cgroup.remove()
        }
      }
      const passes = setInterval(() => ended.push(...(pass().ended ?? [])), 700)
      await Promise.all(Array.from({ length: 10 }, engine)).finally(() => clearInterval(passes))
      let last = pass()
      ended.push(...(last.ended ?? []))
      await vi.waitFor(() => {
        last = pass()
        ended.push(...(last.ended ?? []))
        expect(finished(last)['containers']! - start['containers']!).toBe(200)
      }, PATIENCE)
      const ours = ended
        .map(({ entity }) => entity.attributes['candor.cgroup.path']!)
        .filter((path) => paths.has(path))
      expect(new Set(ours).size).toBe(ours.length)
      const { cpu_seconds, unmeasured = 0 } = finished(last)
      expect(ours).toHaveLength(200 - unmeasured)
      expect(cpu_seconds! - (start['cpu_seconds'] ?? 0)).toBeGreaterThan(cpuSeconds * 0.5)
      expect(cpu_seconds! - (start['cpu_seconds'] ?? 0)).toBeLessThanOrEqual(cpuSeconds + 1e-6)
    },
  )

  test('one that is made again under its path is another, and no counter of either falls', async () => {
    const { pass } = followed()
    const first = pass()
    const path = pathOf(made++)
    const cpuSeconds: number[] = []
    for (const _ of [1, 2]) {
      const cgroup = shortCgroup('v1', path)
      await cgroup.run(busyFor(0.05))
      cpuSeconds.push(cgroup.cpuSeconds)
      await vi.waitFor(() => {
        expect(present(rowAt(first, path)!)[CPU]).toBe(cpuSeconds.at(-1))
      }, PATIENCE)
      await cgroup.remove()
    }
    await vi.waitFor(() => expect(finished(first)['containers']).toBe(2), PATIENCE)
    const ends = endedAt(pass().ended, path)
    expect(ends.map((end) => figuresOf(end)[CPU])).toEqual(cpuSeconds)
    const inodes = ends.map(({ entity }) => entity.attributes['candor.cgroup.inode'])
    expect(new Set(inodes).size).toBe(2)
  })

  test('one in a new group is found with it', async () => {
    const { pass } = followed()
    const first = pass()
    const group = shortCgroup('v1', `/candor-life-${process.pid}`)
    const inner = shortCgroup('v1', `${group.path}${pathOf(made++)}`)
    await vi.waitFor(() => expect(rowAt(first, inner.path)).toBeDefined(), PATIENCE)
    expect(rowAt(first, group.path)!.entity.attributes['candor.cgroup.level']).toBe('group')
    await wait(100)
    const later = shortCgroup('v1', `${group.path}${pathOf(made++)}`)
    await vi.waitFor(() => expect(rowAt(first, later.path)).toBeDefined(), PATIENCE)
    for (const cgroup of [inner, later, group]) await cgroup.remove()
    await vi.waitFor(() => expect(rowAt(first, group.path)).toBeUndefined(), PATIENCE)
    expect(finished(first)['containers']).toBe(2)
  })

  test('a scrape shows it at once, and no more when it is gone', async () => {
    const agent = await runAgent({
      listen: [{ host: '127.0.0.1', port: 0 }],
      insecure: false,
      intervalMs: 3_600_000,
      scrapeMaxAgeMs: 3_600_000,
      procfs: '/proc',
      sysfs: '/sys',
      readers: { jvm: false },
      log: silentLog(),
    })
    undo.push(() => agent.stop())
    const scrape = async () => (await fetch(`${agent.urls[0]}/metrics`)).text()
    const cgroup = shortCgroup('v1')
    await vi.waitFor(async () => expect(await scrape()).toContain(`id="${cgroup.path}"`), PATIENCE)
    await cgroup.remove()
    await vi.waitFor(
      async () => expect(await scrape()).not.toContain(`id="${cgroup.path}"`),
      PATIENCE,
    )
    const page = await scrape()
    expect(page).toMatch(/^candor_container_finished_total\{runtime="cri-o"\} 1$/m)
    expect(page).toContain('candor_agent_passes_total 1\n')
  })

  test(
    'a storm keeps nothing open, and the rest waiting for no long time',
    { timeout: 120_000 },
    async () => {
      const { pass } = followed()
      const first = pass()
      const before = { watches: watches(), files: openFiles() }
      const start = finished(first)['containers']!
      const delay = monitorEventLoopDelay({ resolution: 5 })
      delay.enable()
      const storm = fork(STORM, ['2000', `${prefix()}f`])
      const [code] = (await once(storm, 'exit')) as [number]
      expect(code).toBe(0)
      await vi.waitFor(() => {
        expect(finished(first)['containers']! - start).toBe(2_000)
      }, PATIENCE)
      delay.disable()
      expect(delay.max / 1e6).toBeLessThan(500)
      await vi.waitFor(() => {
        expect({ watches: watches(), files: openFiles() }).toEqual(before)
      }, PATIENCE)
      pass()
      expect(finished(pass())['containers']! - start).toBe(2_000)
    },
  )
})

/** Watches that this process has, of all its groups of them. */
function watches(): number {
  return readdirSync('/proc/self/fdinfo')
    .map((fd) => {
      try {
        return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').split('inotify wd').length - 1
      } catch {
        return 0 // the descriptor of this very listing
      }
    })
    .reduce((sum, count) => sum + count, 0)
}

/** Kernel files of the storm that this process has open. */
const openFiles = (): number =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).includes('crio-')
    } catch {
      return false
    }
  }).length

describe.skipIf(needs('root', 'cgroup-v1', 'user-namespace'))('when no more can be watched', () => {
  test('it is said once, with the cure, and passes count what lives longer than one', async () => {
    const limit = 'echo 1 > /proc/sys/user/max_inotify_watches'
    const { stdout } = await promisify(execFile)('unshare', [
      '--map-root-user',
      'sh',
      '-c',
      `${limit} && exec "$0" "$1"`,
      process.execPath,
      UNWATCHED,
    ])
    expect(JSON.parse(stdout)).toEqual({
      state: 'on',
      reason: expect.stringContaining('not watched'),
      cure: expect.stringContaining('fs.inotify.max_user_watches'),
      logged: 1,
      ended: 1,
      finished: 1,
    })
  })
})
