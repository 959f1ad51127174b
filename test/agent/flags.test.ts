import { expect, test } from 'vitest'
import { agentFlags, agentOptions, enabledReaders } from '../../agent/flags.ts'
import { READERS } from '../../agent/pass.ts'
import { readSettings } from '../../settings/flags.ts'
import { silentLog } from '../../settings/log.ts'

const read = async (...args: string[]) =>
  (await readSettings(agentFlags, { args, env: {}, readFile: () => '' })).settings
const options = async (...args: string[]) => agentOptions(await read(...args), silentLog())

test('by default it reads everything, listens on loopback and pushes nothing', async () => {
  expect(await options()).toMatchObject({
    listen: [{ host: '127.0.0.1', port: 9790 }],
    insecure: false,
    intervalMs: 10_000,
    scrapeMaxAgeMs: 15_000,
    procfs: '/proc',
    sysfs: '/sys',
    readers: Object.fromEntries(READERS.map(({ name }) => [name, true])),
  })
  expect(await options()).not.toHaveProperty('push')
  expect(await options()).not.toHaveProperty('cgroupfs')
})

test('every reader has its flag', async () => {
  for (const { name } of READERS) {
    expect(agentFlags).toHaveProperty([`collector.${name}`])
    expect(enabledReaders(await read(`--no-collector.${name}`))).toMatchObject({ [name]: false })
  }
})

test('takes flags as the Prometheus family writes them', async () => {
  const args = [
    '--web.listen-address=:9100',
    '--web.listen-address',
    '[::1]:9101',
    '--insecure',
    '--interval=1m30s',
    '--push.url=http://127.0.0.1:4318',
    '--push.compression=zstd',
    '--path.cgroupfs=/host/cgroup',
  ]
  expect(await options(...args)).toMatchObject({
    listen: [
      { host: '', port: 9100 },
      { host: '::1', port: 9101 },
    ],
    insecure: true,
    intervalMs: 90_000,
    push: { url: 'http://127.0.0.1:4318', compression: 'zstd' },
    cgroupfs: '/host/cgroup',
  })
})

test('refuses what would hurt or mean nothing', async () => {
  const f = (arg: string, message: string) => expect(options(arg)).rejects.toThrow(message)
  await f('--interval=100ms', '--interval: expected 1s or more, found "100ms"')
  await f('--push.compression=brotli', 'expected one of gzip, zstd, none')
  await f('--push.url=collector:4318', 'expected a URL')
  await f('--collector.stats', 'unknown flag --collector.stats')
})
