/** Each query of docs/sql.md on a store in which there is something to find. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, type Door, doorSettings } from '../../collector/store/door/door.ts'
import { openEmbeddedDoor } from '../../collector/store/door/embedded.ts'
import { openStore } from '../../collector/store/open-store.ts'
import { factShape } from '../../collector/store/schema.ts'
import { views } from '../../collector/store/view/views.ts'
import { silentLog } from '../../settings/log.ts'
import { container, FleetRows, jvm, machine } from '../collector/find/fleet-rows.ts'
import { addRow, addSeries } from '../collector/query/points.ts'

const page = readFileSync('docs/sql.md', 'utf8')
const queries = [...page.matchAll(/^### (.+)\n\n```sql\n([\s\S]+?)```$/gm)].map(
  ([, question, sql]) => ({ question: question!, sql: sql! }),
)

const NOW = Date.UTC(2026, 10, 1, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const GIB = 2 ** 30
const MIB = 2 ** 20

const on = (host: string, image: string) => ({ 'host.name': host, 'container.image.name': image })
const shop = container('web-1', '/docker/shop', on('web-1', 'shop:1'))
const shop2 = container('web-2', '/docker/shop', on('web-2', 'shop:1'))
const db = container('web-2', '/docker/db', on('web-2', 'postgres:17'))
const gone = container('web-2', '/docker/gone', on('web-2', 'shop:0'))
const shopJvm = jvm('web-1', 77, '/docker/shop', {
  'host.name': 'web-1',
  'candor.runtime.name': 'shop.Main',
})
const smallJvm = jvm('web-2', 78, '/docker/shop', { 'host.name': 'web-2' })

function rows(tenant: string): FleetRows {
  const fleet = new FleetRows(tenant)
  for (const [i, host] of ['web-1', 'web-2'].entries()) {
    fleet.add('machine', machine(host), NOW, {
      cpu_cores: 8,
      memory_mem_total_bytes: 16 * GIB,
      memory_mem_available_bytes: (4 + 8 * i) * GIB,
    })
  }
  for (const [i, of] of [shop, shop2, db].entries()) {
    for (let minute = 4; minute >= 0; minute--) {
      fleet.add('container', of, NOW - minute * MINUTE, {
        memory_working_set_bytes: (i + 1) * 100 * MIB,
        cpu_usage_seconds: 1_000 + (4 - minute) * [3, 6, 60][i]!,
        cpu_periods: (4 - minute) * 600,
        cpu_throttled_periods: (4 - minute) * [300, 0, 0][i]!,
        oom_kills: 2,
        ...(of === db ? {} : { memory_limit_effective_bytes: GIB, cpu_limit_effective_cores: 2 }),
      })
    }
    fleet.add('container', of, NOW - DAY, { oom_kills: i === 2 ? 2 : 0 })
    fleet.add('container', of, NOW - DAY + MINUTE, { oom_kills: i === 0 ? 1 : i === 2 ? 2 : 0 })
  }
  fleet.add('container', gone, NOW - HOUR, { memory_working_set_bytes: 9 * GIB })
  fleet.add('runtime', shopJvm, NOW, { heap_max_bytes: 2 * GIB })
  fleet.add('runtime', smallJvm, NOW, { heap_max_bytes: GIB / 2 })
  for (const day of [2, 1, 0]) {
    const keys = ['/dev/sda1', '/data', 'ext4', '']
    fleet.add(
      'machine_filesystem',
      machine('web-2'),
      NOW - day * DAY,
      { avail_bytes: (10 + day) * GIB },
      keys,
    )
    fleet.add('machine_filesystem', machine('web-1'), NOW - day * DAY, { avail_bytes: GIB }, keys)
  }
  for (const code of ['200', '500']) {
    const labels = { job: 'shop', instance: 'web-1:80', code }
    addSeries(fleet.batch, 'http_requests_total', labels, [
      [NOW - MINUTE, 1],
      [NOW, 2],
    ])
  }
  addSeries(fleet.batch, 'queue_length', { job: 'mail' }, [
    [NOW - 2 * HOUR, 7],
    [NOW, 8],
  ])
  const fact = { tenant, workload: 'shop', entity: 1n, kind: 'container' }
  const images = [
    ['shop:0', 3 * DAY],
    ['shop:1', DAY],
  ] as const
  for (const [value, ago] of images) {
    addRow(fleet.batch, factShape, {
      ...fact,
      name: 'container.image.name',
      since: NOW - ago,
      value,
    })
  }
  addRow(fleet.batch, factShape, { ...fact, name: 'quiet', since: NOW - DAY, value: 'as ever' })
  return fleet
}

let path: string
let door: Door
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'candor-docs-sql-'))
  const store = await openStore({ path }, silentLog())
  await store.insertRows(rows('').batch)
  // What is sent twice, and what is another's, changes no answer.
  await store.insertRows(rows('').batch)
  await store.insertRows(rows('other').batch)
  await store.command(
    `INSERT INTO slice SELECT '', 'shop', 'orders', 1,
       fromUnixTimestamp64Milli(toInt64(${NOW} + number * 60000), 'UTC'), 99, 100 FROM numbers(3)`,
  )
  await store.close()
  const settings = await doorSettings('', { timeMs: 20_000, memoryBytes: 2 ** 30 })
  door = await openEmbeddedDoor(path, settings, silentLog())
})
afterAll(async () => {
  await door.close()
  await rm(path, { recursive: true })
})

const ask = async (sql: string): Promise<unknown[]> =>
  Buffer.from(await answer(door, sql, 'JSONCompactEachRow'))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)

/** By a word of the question. */
const WANTED: Readonly<Record<string, readonly unknown[]>> = {
  images: [
    ['shop:1', '2', '300.00 MiB'],
    ['postgres:17', '1', '300.00 MiB'],
  ],
  'no memory limit': [['web-2', 'db', '300.00 MiB']],
  throttled: [['shop', 0.25, '2']],
  JVMs: [['web-1', '77', 'shop.Main', '2.00 GiB', '1.00 GiB']],
  'machines have': [
    ['web-2', '12.00 GiB', 0.75],
    ['web-1', '4.00 GiB', 0.25],
  ],
  killed: [
    ['2026-11-01', 'web-2', 'shop', 2],
    ['2026-11-01', 'web-1', 'shop', 1],
    ['2026-10-31', 'web-1', 'shop', 1],
  ],
  'most series': [
    ['http_requests_total', '2'],
    ['queue_length', '1'],
  ],
  versions: [['0.1.0', '2', ['web-1', 'web-2']]],
  'file systems': [['web-2', '/data', '1.00 GiB', 10]],
  'less than a tenth': [
    ['web-1', 'shop', 0.05, 2],
    ['web-2', 'shop', 0.1, 2],
  ],
  settings: [['shop', 'container.image.name', ['shop:0', 'shop:1']]],
  'sent the most': [
    ['shop', 'http_requests_total', '4'],
    ['mail', 'queue_length', '1'],
  ],
  'was good': [['2026-11-01', 'shop', 'orders', 99]],
}

test.for(queries)('$question', async ({ question, sql }) => {
  const [word] = Object.keys(WANTED).filter((each) => question.includes(each))
  expect(await ask(sql)).toEqual(WANTED[word!])
})

test('no query is forgotten, and each kind of view is named', () => {
  expect(queries).toHaveLength(Object.keys(WANTED).length)
  expect(page.match(/```sql/g)).toHaveLength(queries.length)
  const named = views
    .map(({ name }) => name)
    .filter((name) => !name.endsWith('_samples') || name === 'series_samples')
  expect(named.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

test('every view is of the tenant alone', async () => {
  for (const { name } of views) {
    expect(await ask(`SELECT DISTINCT tenant FROM ${name} WHERE tenant != ''`), name).toEqual([])
  }
  expect(await ask('SELECT count() FROM machines')).toEqual([['2']])
})
