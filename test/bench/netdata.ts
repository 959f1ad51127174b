/**
 * What Netdata's cgroups plugin takes for a pass over the same cgroups, where netdata is installed:
 * alone among the plugins, each second, its database in memory and short.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startServer } from '../peers/server.ts'
import { threadsCpuMs } from './statistics.ts'

const PROGRAM = '/usr/sbin/netdata'
/** Its first discovery begins after a minute, and makes tens of thousands of charts. */
const DISCOVERY_MS = 600_000
const SETTLE_MS = 15_000
const SECONDS = 30

const OFF = ['proc', 'diskspace', 'tc', 'idlejitter', 'timex', 'checks', 'apps', 'perf', 'slabinfo']
const ALSO_OFF = ['charts.d', 'python.d', 'go.d', 'node.d', 'cups', 'fping', 'ioping', 'nfacct']

const configuration = (folder: string, cgroups: number) => `[directories]
  config = ${folder}/config
  cache = ${folder}/cache
  lib = ${folder}/lib
  log = ${folder}/log
[global]
  run as user = root
[db]
  mode = ram
  retention = 300
  update every = 1
[health]
  enabled = no
[ml]
  enabled = no
[statsd]
  enabled = no
[logs]
  access = none
[plugins]
  enable running new plugins = no
  statsd = no
  netdata monitoring = no
  netdata monitoring extended = no
${[...OFF, ...ALSO_OFF].map((name) => `  ${name} = no`).join('\n')}
  cgroups = yes
[plugin:cgroups]
  use unified cgroups = ${existsSync('/sys/fs/cgroup/memory') ? 'no' : 'yes'}
  max cgroups to allow = ${cgroups * 2}
  max cgroups depth to monitor = 0
  check for new cgroups every = 60
  enable cpuacct stat (total CPU) = yes
  enable cpuacct usage (per core CPU) = yes
  enable memory (used mem including cache) = yes
  enable detailed memory = yes
  enable memory limits fail count = yes
  enable by default cgroups matching = *
  search for cgroups in subpaths matching = *
  script to get cgroup names = /bin/true
`

/**
 * CPU time of a pass in ms; undefined where it is not installed, or `BENCH_NETDATA=no` says to go
 * without: it takes minutes. `path` is that of all cgroups.
 */
export async function netdataPassMs(path: string, cgroups: number): Promise<number | undefined> {
  if (!existsSync(PROGRAM) || process.env['BENCH_NETDATA'] === 'no') return undefined
  const folder = mkdtempSync(join(tmpdir(), 'candor-netdata-'))
  for (const name of ['config', 'cache', 'lib', 'log']) mkdirSync(join(folder, name))
  const file = join(folder, 'netdata.conf')
  writeFileSync(file, configuration(folder, cgroups))
  try {
    await using server = await startServer({
      program: PROGRAM,
      args: (address) =>
        ['-D', '-c', file, '-P', join(folder, 'pid')].concat(
          '-W',
          'set',
          'web',
          'bind to',
          address,
        ),
      readyPath: '/api/v1/info',
    })
    await discovered(server.url, path, cgroups)
    await wait(SETTLE_MS)
    const before = threadsCpuMs(server.pid)
    const from = performance.now()
    await wait(SECONDS * 1_000)
    const seconds = (performance.now() - from) / 1_000
    return (threadsCpuMs(server.pid) - before) / seconds
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Waits until it has charts of every cgroup. */
async function discovered(url: string, path: string, cgroups: number): Promise<void> {
  const deadline = Date.now() + DISCOVERY_MS
  const family = `cgroup_${path.slice(1)}_`
  for (let found = 0; ; await wait(2_000)) {
    const answer = await fetch(`${url}/api/v1/charts`)
    const { charts } = (await answer.json()) as { charts: Record<string, unknown> }
    const names = Object.keys(charts).filter((name) => name.startsWith(family))
    found = new Set(names.map((name) => name.split('.')[0])).size
    if (found >= cgroups) return
    if (Date.now() > deadline) throw new Error(`netdata has charts of ${found} cgroups only`)
  }
}
