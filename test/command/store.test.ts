import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../collector/store/open-store.ts'
import { describeStats } from '../../command/store-report.ts'
import { silentLog } from '../../settings/log.ts'

let path: string
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'candor-store-'))
})
afterAll(() => rm(path, { recursive: true }))

const candor = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['candor.ts', 'store', ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr: stripVTControlCharacters(stderr) }
}

test('a store that is open elsewhere is left alone, and who has it is told', async () => {
  const store = await openStore({ path }, silentLog())
  const { status, stderr } = candor('stats', `--store.path=${path}`)
  expect(status).toBe(1)
  expect(stderr).toContain(`${path} is open in another process (pid ${process.pid})`)
  await store.close()
})

test('figures as JSON', () => {
  const { status, stdout } = candor('stats', '--format=json', `--store.path=${path}`)
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    tables: [{ table: 'schema_version', rows: 1 }],
    forecast: { bytes: expect.any(Number) },
  })
})

test.for([
  [['export', 'point', '--from=soon'], '--from: expected a time'],
  [['stats', '--store.retention.raw=1d'], '--store.retention.raw: expected 2d or more, found "1d"'],
  [['backup'], 'expected one argument: DIRECTORY'],
  [['compact', '--max-time=0'], '--max-time: expected a duration'],
] as const)('%j is refused', ([args, message]) => {
  const { status, stderr } = candor(...args, `--store.path=${path}`)
  expect(stderr).toContain(message)
  expect(status).toBe(2)
})

test.each([
  [{ disk: { freeBytes: 10 << 20, sizeBytes: 100 << 20 } }, '10 MiB free of 100 MiB'],
  [{}, 'the engine does not tell what is free'],
])('a page for people, %j', (disk, told) => {
  const page = describeStats({
    ...disk,
    tables: [
      { table: 'entity', rows: 3, bytes: 2_048, partitions: 1 },
      {
        table: 'point',
        rows: 1_000_000,
        bytes: 2_000_000,
        partitions: 2,
        samples: 1_000_000,
        fromMs: Date.UTC(2026, 5, 1),
        toMs: Date.UTC(2026, 5, 3),
      },
    ],
    bytesPerSample: 2,
    forecast: { bytes: 2_002_048, bytesPerDay: 1 << 20, finalBytes: 15 << 20, fullInDays: 9.7 },
  })
  expect(stripVTControlCharacters(page).split('\n')).toEqual([
    '  TABLE        ROWS     SIZE  BYTES A SAMPLE  PARTITIONS  FROM        TO',
    '  point   1,000,000  1.9 MiB            2.00           2  2026-06-01  2026-06-02',
    '  entity          3    2 KiB                           1',
    '',
    'size      1.9 MiB, 2.00 bytes a sample',
    `disk      ${told}`,
    'forecast  1 MiB a day, 15 MiB in the end',
    '          at this rate the disk is full in 9 days',
  ])
})
