import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Watches } from '../../../agent/cgroup/watches.ts'
import { silentLog } from '../../../settings/log.ts'
import { folder } from '../fixture.ts'

function watchesOf(most = 10): Watches {
  const watches = new Watches(most, silentLog())
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
  expect(watches.trouble).toBeUndefined()
})

test('no more than allowed', () => {
  const watches = watchesOf(1)
  expect(watches.add(folder(), () => {}, 0)).toBe(true)
  expect(watches.add(folder(), () => {}, 0)).toBe(false)
  expect(watches.size).toBe(1)
})
