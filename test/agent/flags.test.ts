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
    readers: Object.fromEntries(
      READERS.map(({ name, offByDefault }) => [name, offByDefault !== true]),
    ),
    web: { telemetryPath: '/metrics', maxRequests: 40, quiet: false },
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
    '--web.telemetry-path=/node',
    '--web.max-requests=0',
    '--web.disable-exporter-metrics',
    '--web.config.file=web.yml',
    '--path.cgroupfs=/host/cgroup',
  ]
  expect(await options(...args)).toMatchObject({
    listen: [
      { host: '', port: 9100 },
      { host: '::1', port: 9101 },
    ],
    insecure: true,
    web: { telemetryPath: '/node', maxRequests: 0, quiet: true, configFile: 'web.yml' },
    intervalMs: 90_000,
    push: { url: 'http://127.0.0.1:4318', compression: 'zstd' },
    cgroupfs: '/host/cgroup',
  })
})

test('refuses what would hurt or mean nothing', async () => {
  const f = (arg: string, message: string) => expect(options(arg)).rejects.toThrow(message)
  await f('--interval=100ms', '--interval: expected 1s to 1d, found "100ms"')
  await f('--interval=30d', '--interval: expected 1s to 1d, found "30d"')
  await f('--push.compression=brotli', 'expected one of auto, gzip, zstd, none')
  await f('--push.url=collector:4318', 'expected a URL')
  const path = 'expected a path such as /metrics that serves nothing else'
  await f('--web.telemetry-path=metrics', path)
  await f('--web.telemetry-path=/', path)
  await f('--web.telemetry-path=/-/ready', path)
  await f('--web.telemetry-path=/a?b', path)
  await f('--web.max-requests=-1', '--web.max-requests: expected a whole number, found "-1"')
  await f('--web.systemd-socket', 'expected sockets from systemd')
  await f('--collector.stats', 'unknown flag --collector.stats')
})
