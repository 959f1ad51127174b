import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../collector/store/open-store.ts'
import { describeRows } from '../../command/sql-report.ts'
import { silentLog } from '../../settings/log.ts'

let path: string
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'candor-sql-test-'))
  const store = await openStore({ path }, silentLog())
  for (const tenant of ['', 'shop']) {
    await store.command(
      `INSERT INTO slice SELECT '${tenant}', 's', 'of ${tenant}', 1, toDateTime64(0, 3, 'UTC'), 9, 10`,
    )
  }
  await store.close()
})
afterAll(() => rm(path, { recursive: true }))

function candor(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['candor.ts', 'sql', `--store.path=${path}`, ...args],
    { input },
  )
  return { status, stdout, stderr: stripVTControlCharacters(stderr.toString()) }
}

test('a store that a collector has open is left alone, and who has it is told', async () => {
  const store = await openStore({ path }, silentLog())
  const { status, stderr } = candor(['SELECT 1'])
  expect(status).toBe(1)
  expect(stderr).toContain(`${path} is open in another process (pid ${process.pid})`)
  await store.close()
})

test.for([
  ['text', '  slo  good\n  of      9\n'],
  ['csv', '"slo","good"\n"of ",9\n'],
] as const)('as %s, read from standard input', ([format, want]) => {
  const { status, stdout } = candor([`--format=${format}`, '-'], 'SELECT slo, good\nFROM slices;\n')
  expect(stdout.toString()).toBe(want)
  expect(status).toBe(0)
})

test('as JSON of another tenant', () => {
  const { stdout } = candor([
    '--tenant=shop',
    '--format=json',
    'SELECT slo, entity FROM slices CROSS JOIN (SELECT toUInt64(-1) AS entity) AS x',
  ])
  expect(JSON.parse(stdout.toString())).toMatchObject({
    data: [{ slo: 'of shop', entity: '18446744073709551615' }],
  })
})

test('as Parquet, byte by byte', () => {
  const { stdout } = candor(['--format=parquet', 'SELECT number FROM numbers(300)'])
  expect(stdout.subarray(0, 4).toString()).toBe('PAR1')
  expect(stdout.subarray(-4).toString()).toBe('PAR1')
})

test('what writes is refused in a line', () => {
  const { status, stdout, stderr } = candor(['DROP TABLE slice'])
  expect(status).toBe(1)
  expect(stdout.toString()).toBe('')
  expect(stderr).toMatch(/^candor: nothing but one SELECT, .*\n/)
})

const page = (...of: Parameters<typeof describeRows>) =>
  stripVTControlCharacters(describeRows(...of))

test('a page for people tells what is absent from what is empty', () => {
  const meta = [
    { name: 'image', type: 'String' },
    { name: 'bytes', type: 'Nullable(Float64)' },
    { name: 'on', type: 'Array(String)' },
  ]
  expect(
    page({
      meta,
      data: [
        ['a\u001b[31m', null, []],
        ['', 12.5, ['x']],
      ],
    }).split('\n'),
  ).toEqual(['  image  bytes  on', '  a       NULL  []', '          12.5  ["x"]'])
  expect(page({ meta, data: [] })).toBe('  image  bytes  on\n  no rows')
  const data = Array.from({ length: 1_002 }, (_, i) => ['x', i, []])
  expect(page({ meta, data })).toContain('… and 2 more rows')
})
