import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { agentFlags, agentOptions, enabledReaders } from '../../agent/flags.ts'
import { READERS } from '../../agent/pass.ts'
import pino from 'pino'
import { readSettings } from '../../settings/flags.ts'
import { silentLog } from '../../settings/log.ts'
import { needs } from '../peers/peers.ts'

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

describe('command lines of node_exporter go on working', () => {
  /** Messages of a start, with what they are about. */
  const warnings = async (...args: readonly string[]) => {
    const lines: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
    agentOptions(await read(...args), log)
    return lines.map((line) => {
      const { collector, flag, reason, msg } = JSON.parse(line) as Record<string, string>
      expect(reason).not.toBe('')
      return `${msg}: ${collector ?? flag}`
    })
  }
  test('what is off already may be switched off', async () => {
    const off = ['wifi', 'zfs', 'timex', 'systemd'].map((name) => `--no-collector.${name}`)
    expect(await warnings(...off)).toEqual([])
  })
  test('what is not read is told with its reason', async () => {
    const args = ['--collector.systemd', '--collector.systemd.unit-include=.+']
    expect(await warnings(...args, '--runtime.gomaxprocs=2', '--collector.netdev.netlink')).toEqual(
      [
        'collector is not read: systemd',
        'flag has no effect: runtime.gomaxprocs',
        'flag has no effect: collector.netdev.netlink',
        'flag has no effect: collector.systemd.unit-include',
      ],
    )
  })
  test('only what is asked for by name', async () => {
    const on = async (...args: readonly string[]) =>
      Object.entries(enabledReaders(await read(...args)))
        .filter(([, isOn]) => isOn)
        .map(([name]) => name)
    expect(await on('--collector.disable-defaults')).toEqual([])
    const two = ['--collector.loadavg', '--collector.diskstats', '--no-collector.stat']
    expect(await on('--collector.disable-defaults', ...two)).toEqual([
      'loadavg',
      'diskstats',
      'disk_info',
    ])
  })
  test.skipIf(needs('node_exporter'))('every flag that it has', () => {
    const { stdout, stderr } = spawnSync('prometheus-node-exporter', ['--help'], {
      encoding: 'utf8',
    })
    const theirs = [...`${stdout}${stderr}`.matchAll(/^ +--([a-z][\w.-]+)/gim)].map(([, n]) => n!)
    expect(theirs.length).toBeGreaterThan(100)
    const printing = ['help', 'help-long', 'help-man', 'version']
    const lacking = theirs.filter((name) => !printing.includes(name) && !(name in agentFlags))
    expect(lacking).toEqual([])
  })
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
