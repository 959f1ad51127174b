/**
 * Processes as they were met, each made again out of what /proc showed: nginx 1.22, PHP-FPM 8.2, BEAM of
 * OTP 25, Ruby 3.1 (with the title that puma writes), gunicorn 20.1 and PostgreSQL 15 of Debian 12, run
 * for this; those of .NET and Envoy after their documentation, since neither runs here.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Runtimes } from '../../../agent/runtime/runtimes.ts'
import { SERVER_GC_THREADS } from '../../../catalog/runtime-setting.ts'
import { columnOf } from '../../../catalog/tables.ts'
import { runtime } from '../../../catalog/tables/runtime.ts'
import { silentLog } from '../../../settings/log.ts'
import { type FakeProcess, FakeProcfs } from './processes.ts'

let procfs: FakeProcfs
let runtimes: Runtimes
let nowMs = 3_600_000
beforeEach(() => {
  procfs = new FakeProcfs()
  runtimes = new Runtimes({
    procfs: procfs.path,
    machine: () => ({ kind: 'machine', attributes: { 'host.id': 'cafe' } }),
    bootTimeMs: () => 0,
    containerOf: () => undefined,
    log: silentLog(),
  })
})
afterEach(() => {
  runtimes.close()
  procfs.remove()
})

const mapped = (path: string) => `7f00-7f01 r-xp 00000000 fe:00 1   ${path}`

interface Told {
  readonly attributes: Readonly<Record<string, string>>
  readonly figures: Readonly<Record<string, number>>
}

/** What is told of each process, by pid. */
function told(processes: Readonly<Record<number, FakeProcess>>): Readonly<Record<string, Told>> {
  for (const [pid, process] of Object.entries(processes)) procfs.set(Number(pid), process)
  const { rows } = runtimes.read((nowMs += 10_000))
  return Object.fromEntries(
    rows.map(({ entity: { attributes }, values }) => [
      attributes['process.pid'],
      {
        attributes,
        figures: Object.fromEntries(
          ['believed_cpus', 'believed_memory_bytes', 'workers', 'pool_threads'].flatMap(
            (column) => {
              const value = values[columnOf(runtime, column)]!
              return Number.isNaN(value) ? [] : [[column, value]]
            },
          ),
        ),
      },
    ]),
  )
}

const one = (process: FakeProcess): Told => told({ 42: process })['42']!

/** Those of the kind's own, without what every runtime tells. */
const own = ({ attributes }: Told) =>
  [
    attributes['process.runtime.name'],
    attributes['candor.runtime.name'],
    attributes['process.runtime.version'],
  ].join(' ')

describe('a master with its workers', () => {
  test('nginx: three workers, and helpers of its cache', () => {
    const exe = '/opt/nginx/sbin/nginx'
    const child = (title: string): FakeProcess => ({ exe, cmdline: [title], parentPid: 42 })
    const found = told({
      42: { exe, cmdline: ['nginx: master process nginx -g daemon off;'] },
      43: child('nginx: worker process'),
      44: child('nginx: worker process'),
      45: child('nginx: worker process'),
      46: child('nginx: cache manager process'),
      47: child('nginx: cache loader process'),
    })
    expect(Object.keys(found)).toEqual(['42'])
    expect(own(found['42']!)).toBe('nginx nginx ')
    expect(found['42']!.figures).toMatchObject({ workers: 4, believed_cpus: 3 })
    expect(found['42']!.attributes['candor.runtime.believed.cpus.source']).toBe(
      'strong worker processes',
    )
  })
  test('PostgreSQL: all that it started', () => {
    const exe = '/opt/postgresql/15/bin/postgres'
    const found = told({
      42: { exe, cmdline: [exe, '-D', '/var/lib/postgresql'] },
      43: { exe, cmdline: ['postgres: checkpointer '], parentPid: 42 },
      44: { exe, cmdline: ['postgres: app shop 10.0.0.7(51234) idle'], parentPid: 42 },
    })
    expect(Object.keys(found)).toEqual(['42'])
    expect(own(found['42']!)).toBe('postgresql postgres 15')
    expect(found['42']!.figures['workers']).toBe(3)
  })
  test('PHP-FPM', () => {
    const exe = '/opt/php/sbin/php-fpm8.2'
    const found = told({
      42: { exe, cmdline: ['php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)'] },
      43: { exe, cmdline: ['php-fpm: pool www'], parentPid: 42 },
    })
    expect(Object.keys(found)).toEqual(['42'])
    expect(own(found['42']!)).toBe('php-fpm php-fpm 8.2')
  })
  test('gunicorn: workers are runtimes of their own, and the tracker of multiprocessing is no worker', () => {
    const exe = '/opt/pyenv/versions/3.11.7/bin/python3.11'
    const cmdline = [exe, '/usr/bin/gunicorn', '-w', '3', '--bind', '127.0.0.1:80', 'app:app']
    const tracker = [exe, '-c', 'from multiprocessing.resource_tracker import main;main(7)']
    const found = told({
      42: { exe, cmdline },
      43: { exe, cmdline, parentPid: 42 },
      44: { exe, cmdline, parentPid: 42 },
      45: { exe, cmdline, parentPid: 42 },
      46: { exe, cmdline: tracker, parentPid: 42 },
    })
    expect(own(found['42']!)).toBe('python gunicorn 3.11.7')
    expect(found['42']!.attributes['candor.runtime.arguments']).toBe('-w 3')
    expect(Object.values(found).map(({ figures }) => figures['workers'])).toEqual([
      4,
      undefined,
      undefined,
      undefined,
      1,
    ])
  })
  test('puma, which has written over its command line', () => {
    const maps = [mapped('/usr/lib/x86_64-linux-gnu/libruby-3.1.so.3.1.2')]
    const exe = '/opt/ruby/bin/ruby3.1'
    const found = told({
      42: { exe, maps, cmdline: ['puma 5.6.5 (tcp://0.0.0.0:3000) [app]'] },
      43: { exe, maps, cmdline: ['puma: cluster worker 0: 42 [app]'], parentPid: 42 },
    })
    expect(own(found['42']!)).toBe('ruby puma 3.1.2')
    expect(own(found['43']!)).toBe('ruby puma 3.1.2')
    expect(found['42']!.figures['workers']).toBe(2)
  })
  test('a cluster of Node.js: workers have a number, other children are their own', () => {
    const exe = '/opt/node/bin/node'
    const cmdline = ['node', '--max-old-space-size=300', '/app/server.js', '--password', 's3cret']
    const found = told({
      42: { exe, cmdline },
      43: { exe, cmdline, parentPid: 42, environ: { NODE_UNIQUE_ID: '1' } },
      44: { exe, cmdline, parentPid: 42, environ: { NODE_UNIQUE_ID: '2' } },
      45: { exe, cmdline: ['node', 'tool.js'], parentPid: 42 },
    })
    expect(found['42']!.figures).toMatchObject({
      workers: 3,
      believed_memory_bytes: 300 << 20,
    })
    expect(own(found['42']!)).toBe('nodejs /app/server.js ')
    expect(found['43']!.figures['workers']).toBeUndefined()
    expect(found['45']!.figures['workers']).toBe(1)
    expect(JSON.stringify(found)).not.toContain('s3cret')
  })
  test('a share of memory wins over a size, wherever it is: how much is not told here', () => {
    const size = ['node', '--max-old-space-size=300', 'a.js']
    const exe = '/opt/node/bin/node'
    const found = told({
      42: { exe, cmdline: size },
      43: { exe, cmdline: size, environ: { NODE_OPTIONS: '--max_old_space_size_percentage=60' } },
      44: { exe, cmdline: [...size, '--max-old-space-size-percentage', '60'] },
    })
    expect(
      Object.entries(found).map(([pid, { figures }]) => [pid, figures['believed_memory_bytes']]),
    ).toEqual([
      ['42', 300 << 20],
      ['43', undefined],
      ['44', undefined],
    ])
  })
})

test('BEAM: schedulers online, and its name without its host', () => {
  const found = one({
    exe: '/usr/lib/erlang/erts-13.1.5/bin/beam.smp',
    comm: 'beam.smp',
    cmdline:
      '/x/beam.smp -S 3:2 -sbwt none -- -root /usr/lib/erlang -progname erl -- -home /root -- -noshell -sname shop@db7 -setcookie s3cret'.split(
        ' ',
      ),
    environ: { ERL_FLAGS: '-setcookie s3cret +A 64', ERL_ZFLAGS: '+S 8:8' },
    tasks: ['beam.smp', 'async_1', '1_scheduler', '2_scheduler', '3_scheduler', '1_aux'],
  })
  expect(own(found)).toBe('beam shop 25')
  expect(found.attributes).toMatchObject({
    'process.runtime.description': 'erts 13.1.5',
    'candor.runtime.arguments': '+S 3:2\n+sbwt none',
    'candor.runtime.environment': 'ERL_FLAGS=+A 64\nERL_ZFLAGS=+S 8:8',
    'candor.runtime.believed.cpus.source': 'exact +S',
    'candor.runtime.pool': 'scheduler',
  })
  expect(found.figures).toMatchObject({ believed_cpus: 2, pool_threads: 3 })
  expect(JSON.stringify(found)).not.toContain('s3cret')
})

test('Envoy: its workers, or what it was told', () => {
  const tasks = ['envoy', 'dog:main_thread', 'wrk:worker_0', 'wrk:worker_1', 'wrk:worker_2']
  const envoy = { exe: '/usr/local/bin/envoy', tasks }
  expect(one({ ...envoy, cmdline: ['envoy', '-c', '/etc/envoy.yaml'] }).figures).toMatchObject({
    believed_cpus: 3,
  })
  procfs.end(42)
  runtimes.read((nowMs += 10_000))
  expect(
    one({ ...envoy, startTicks: 7, cmdline: ['envoy', '--concurrency', '2'] }).figures,
  ).toMatchObject({ believed_cpus: 2 })
})

describe('.NET', () => {
  const maps = [mapped('/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.11/libcoreclr.so')]
  const cmdline = ['dotnet', '/app/Shop.dll', '--urls', 'http://+:80']
  const tasks = ['dotnet', '.NET Server GC', '.NET Server GC', '.NET Server GC', '.NET SigHandler']

  test('version, assembly, settings and heaps', () => {
    const root = join(procfs.path, '42-files')
    mkdirSync(join(root, 'app'), { recursive: true })
    const properties = {
      'System.GC.Server': true,
      'System.GC.HeapHardLimit': 209_715_200,
      Secret: 'x',
    }
    writeFileSync(
      join(root, 'app', 'Shop.runtimeconfig.json'),
      JSON.stringify({ runtimeOptions: { tfm: 'net8.0', configProperties: properties } }),
    )
    const found = one({ exe: '/usr/share/dotnet/dotnet', maps, cmdline, tasks, root })
    expect(own(found)).toBe('dotnet /app/Shop.dll 8.0.11')
    expect(found.attributes['candor.runtime.build']).toBe(
      'System.GC.Server=true\nSystem.GC.HeapHardLimit=209715200',
    )
    expect(found.figures['believed_cpus']).toBe(3)
    // By which the rule about Server GC tells heaps from a count that was set.
    expect(found.attributes['candor.runtime.believed.cpus.source']).toBe(
      `strong ${SERVER_GC_THREADS}`,
    )
  })
  test('heaps whose number was set tell nothing of CPUs; variables are hexadecimal', () => {
    const environ = {
      DOTNET_GCHeapCount: '3',
      DOTNET_GCHeapHardLimit: 'C800000',
      DB_PASSWORD: 's3cret',
    }
    const found = one({ exe: '/usr/share/dotnet/dotnet', maps, cmdline, tasks, environ })
    expect(found.figures).toEqual({ workers: 1, pool_threads: 3, believed_memory_bytes: 200 << 20 })
    expect(JSON.stringify(found)).not.toContain('s3cret')
  })
})

test('an allocator that is loaded, and arenas of glibc that it then has none of', () => {
  const exe = '/opt/ruby/bin/ruby3.1'
  expect(one({ exe, maps: [mapped('/usr/lib/libjemalloc.so.2')] }).attributes).toMatchObject({
    'candor.runtime.allocator': 'jemalloc',
  })
  expect(runtimes.read(3_700_000).rows[0]!.values[columnOf(runtime, 'malloc_arenas')]).toBeNaN()
})

describe('the limits that it was born into', () => {
  const born = (limits: object, atMs: number) => {
    const containerOf = () => ({ attributes: {}, limits: { ...NONE, ...limits } })
    const machine = () => ({ kind: 'machine' as const, attributes: { 'host.id': 'cafe' } })
    const log = silentLog()
    const each = new Runtimes({
      procfs: procfs.path,
      machine,
      bootTimeMs: () => 0,
      containerOf,
      log,
    })
    procfs.set(42, { exe: '/opt/node/bin/node', startTicks: 100 })
    const { attributes } = each.read(atMs).rows[0]!.entity
    return ['memory.limit', 'cpu.limit', 'seen'].map(
      (name) => attributes[`candor.runtime.first.${name}`],
    )
  }
  const NONE = {
    memoryBytes: Number.NaN,
    memoryCgroup: undefined,
    cpuCores: Number.NaN,
    threads: Number.NaN,
    cpus: Number.NaN,
  }
  test.each([
    [{}, 30_000, ['none', 'none', 'start']],
    [{ memoryBytes: 1 << 30, cpuCores: 0.5 }, 61_000, ['1073741824', '0.5', 'start']],
    [{ memoryBytes: 1 << 30 }, 62_000, ['1073741824', 'none', 'later']],
  ])('%j at %i ms', (limits, atMs, want) => expect(born(limits, atMs)).toEqual(want))
})
