import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const collector = (...args: string[]) =>
  spawnSync(process.execPath, ['candor.ts', 'collector', ...args], { encoding: 'utf8' })

test('--print-schema prints every table once, of one server or of a cluster', () => {
  const tables = (...args: string[]) =>
    [...collector('--print-schema', ...args).stdout.matchAll(/^CREATE TABLE .*? EXISTS (\S+)/gm)]
      .map(([, name]) => name!)
      .toSorted()
  const single = tables()
  expect(single).toContain('container_1h')
  expect(new Set(single).size).toBe(single.length)
  const cluster = tables('--store.url=http://127.0.0.1:1', '--store.cluster=main')
  expect(cluster.filter((name) => !name.endsWith('_local'))).toEqual(
    single.map((name) => `candor.${name}`),
  )
})

test.for([
  [['--store.cluster=main'], '--store.cluster: needs --store.url'],
  [['--store.url=http://127.0.0.1:1', "--store.cluster=x'y"], '--store.cluster: expected letters'],
] as const)('%j is refused before anything is opened', ([args, message]) => {
  const { status, stderr } = collector(...args)
  expect(stderr).toContain(message)
  expect(status).toBe(2)
})
