import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import pino from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Watches, WatchLimits } from '../../../agent/cgroup/watches.ts'
import { silentLog } from '../../../settings/log.ts'
import { folder } from '../fixture.ts'

const limits = new WatchLimits(silentLog())

function watchesOf(most = 10): Watches {
  const watches = new Watches(most, limits)
  onTestFinished(() => watches.close())
  return watches
}

test('what comes and goes in a directory is told, once each, until it is watched no more', async () => {
  const root = folder()
  const watches = watchesOf()
  const told: string[] = []
  expect(watches.add(root, (event, name) => told.push(`${event} ${name}`), 0)).toBe(true)
  mkdirSync(`${root}/a`)
  rmSync(`${root}/a`, { recursive: true })
  await vi.waitFor(() => expect(told).toEqual(['rename a', 'rename a']))
  watches.remove(root)
  mkdirSync(`${root}/b`)
  const other = folder()
  watches.add(other, (event, name) => told.push(`${event} ${name}`), 0)
  mkdirSync(`${other}/c`)
  await vi.waitFor(() => expect(told.at(-1)).toBe('rename c'))
  expect(told).toHaveLength(3)
})

test('a file that is written is told', async () => {
  const root = folder()
  writeFileSync(`${root}/cgroup.events`, 'populated 1\n')
  const told: string[] = []
  watchesOf().add(`${root}/cgroup.events`, (event) => told.push(event), 0)
  writeFileSync(`${root}/cgroup.events`, 'populated 0\n')
  await vi.waitFor(() => expect(told).toContain('change'))
})

test('a directory that is not there says nothing of the others', () => {
  const root = folder()
  const watches = watchesOf()
  expect(watches.add(`${root}/none`, () => {}, 0)).toBe(false)
  expect(watches.add(root, () => {}, 0)).toBe(true)
  expect(limits.trouble).toBeUndefined()
})

test('no more than allowed', () => {
  const watches = watchesOf(1)
  expect(watches.add(folder(), () => {}, 0)).toBe(true)
  expect(watches.add(folder(), () => {}, 0)).toBe(false)
  expect(watches.size).toBe(1)
})

test('a limit of the kernel is told with its cure, once, and tried again after a minute', () => {
  const lines: string[] = []
  const own = new WatchLimits(pino({}, { write: (line: string) => lines.push(line) }))
  const fail = (code: string, nowMs: number) =>
    own.failed(Object.assign(new Error(`${code}: full`), { code }), nowMs)
  fail('ENOSPC', 0)
  fail('ENOSPC', 60_000)
  expect(own.trouble).toEqual({
    reason: expect.stringContaining('ENOSPC: full'),
    cure: expect.stringContaining('fs.inotify.max_user_watches'),
  })
  expect(lines).toHaveLength(1)
  expect([own.mayTry(61_000), own.mayTry(120_000), own.mayTry(0)]).toEqual([false, true, true])
  fail('EMFILE', 120_000)
  expect(own.trouble!.cure).toContain('fs.inotify.max_user_instances')
  own.worked()
  expect(own.trouble).toBeUndefined()
  fail('ENOENT', 300_000)
  expect(own.trouble).toBeUndefined()
})
