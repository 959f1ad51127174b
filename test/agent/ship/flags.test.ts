import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runAgent } from '../../../agent/main.ts'
import { openDirectory } from '../../../agent/ship/disk.ts'
import { shipFlags, shipOptions } from '../../../agent/ship/flags.ts'
import { readSettings } from '../../../settings/flags.ts'
import { silentLog } from '../../../settings/log.ts'

const options = async (args: readonly string[], env: Record<string, string> = {}) => {
  const { settings } = await readSettings(shipFlags, { args, env, readFile: () => '' })
  return shipOptions(settings, env)
}
const URL_FLAG = '--push.url=http://127.0.0.1:4318'
const SPOOL = { fsync: 'interval', maxBytes: 256 << 20, maxAgeMs: 14 * 86_400_000 }

test('without an address nothing is pushed, and without a directory nothing is spooled', async () => {
  expect(await options([])).toBeUndefined()
  expect(await options([], { STATE_DIRECTORY: '/var/lib/candor' })).toBeUndefined()
  const pushed = await options([URL_FLAG])
  expect(pushed).toMatchObject({ url: 'http://127.0.0.1:4318', order: 'live-first' })
  expect(pushed).not.toHaveProperty('spool')
})

test('the spool is where it was asked for, or below the state directory of systemd', async () => {
  const f = async (args: string[], env: Record<string, string>, path: string | undefined) =>
    expect((await options([URL_FLAG, ...args], env))?.spool).toEqual(path && { ...SPOOL, path })
  await f(['--spool.path=/a'], {}, '/a')
  await f([], { CANDOR_SPOOL_PATH: '/b' }, '/b')
  await f([], { STATE_DIRECTORY: '/var/lib/candor:/var/lib/other' }, '/var/lib/candor/spool')
  await f(['--spool.path=/a'], { STATE_DIRECTORY: '/var/lib/candor' }, '/a')
  await f([], { STATE_DIRECTORY: '' }, undefined)
})

test('what does not fit is told, all at once', async () => {
  await expect(options(['--spool.path=/a', '--spool.max-bytes=1MiB'])).rejects.toMatchObject({
    code: 'ERR_BAD_FLAG',
    problems: [
      '--spool.path: nothing is pushed; give --push.url',
      '--spool.max-bytes: expected 16MiB or more, found "1MiB"',
    ],
  })
  const wrong = ['--spool.max-bytes=lots', '--spool.fsync=maybe', '--push.order=random']
  await expect(options([URL_FLAG, ...wrong])).rejects.toMatchObject({
    problems: [
      '--spool.max-bytes: expected a size such as 512MiB or 2GiB, found "lots"',
      expect.stringContaining('--spool.fsync: expected one of never, interval, always'),
      expect.stringContaining('--push.order: expected one of live-first, oldest-first'),
    ],
  })
})

test('an agent that cannot have its spool does not start, and one that cannot start leaves it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'candor-flags-'))
  const path = join(folder, 'spool')
  const start = (port: number) =>
    runAgent({
      listen: [{ host: '127.0.0.1', port }],
      insecure: false,
      intervalMs: 1_000,
      scrapeMaxAgeMs: 1_000,
      procfs: '/proc',
      sysfs: '/sys',
      readers: {},
      push: {
        url: 'http://127.0.0.1:9',
        compression: 'none',
        spool: { ...SPOOL, fsync: 'never', path },
      },
      log: silentLog(),
    })
  const held = openDirectory(path)
  await expect(start(0)).rejects.toMatchObject({ code: 'ERR_SPOOL_LOCKED' })
  held.leave()
  const first = await start(0)
  await expect(start(0)).rejects.toMatchObject({ code: 'ERR_SPOOL_LOCKED' })
  await first.stop()
  const other = await start(0)
  const taken = Number(new URL(other.urls[0]!).port)
  await other.stop()
  const blocker = await start(taken)
  rmSync(path, { recursive: true })
  await expect(start(taken)).rejects.toMatchObject({ code: 'ERR_LISTEN' })
  openDirectory(path).leave()
  await blocker.stop()
  rmSync(folder, { recursive: true })
})
