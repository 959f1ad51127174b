import { mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { blocking, filesystem } from '../../../agent/machine/filesystem.ts'
import { type Mount, parseMounts } from '../../../agent/machine/mounts.ts'
import { UsageError } from '../../../settings/usage-error.ts'
import { fixture, folder, present, write } from '../fixture.ts'
import { isOff, openReader, rowsOf, type Settings, shown } from './open.ts'

const EXT4 = (place: string, options = 'rw') =>
  `1 0 8:1 / ${place} rw - ext4 /dev/sda1 ${options}\n`
const NFS = (place: string) => `2 0 0:50 / ${place} rw - nfs4 host:/export rw\n`

/** A machine below a folder of its own, whose mount points are folders there. */
function machine(mountinfo: string, places: readonly string[]) {
  const root = folder()
  write(root, { 'proc/1/mountinfo': mountinfo })
  for (const place of places) mkdirSync(`${root}/${place}`, { recursive: true })
  return root
}
const FIGURES = ['size_bytes', 'free_bytes', 'avail_bytes', 'files', 'files_free']

test('figures of what answers, and an error of what does not', () => {
  const root = machine(EXT4('/') + EXT4('/data', 'ro') + EXT4('/gone'), ['data'])
  const rows = shown(rowsOf(openReader(filesystem, root)(0)))
  expect(Object.keys(rows)).toEqual([
    '/dev/sda1 / ext4 ',
    '/dev/sda1 /data ext4 ',
    '/dev/sda1 /gone ext4 no such file or directory',
  ])
  expect(Object.keys(rows['/dev/sda1 / ext4 ']!)).toEqual([...FIGURES, 'readonly', 'failed'])
  expect(rows['/dev/sda1 / ext4 ']).toMatchObject({ readonly: 0, failed: 0 })
  expect(rows['/dev/sda1 /data ext4 ']).toMatchObject({ readonly: 1 })
  expect(rows['/dev/sda1 /gone ext4 no such file or directory']).toEqual({ failed: 1 })
})

test('a mount that comes later is seen, and one that goes is not', () => {
  const root = machine(EXT4('/'), ['data'])
  const pass = openReader(filesystem, root)
  const places = () => rowsOf(pass(0)).map(({ keys }) => keys[1])
  expect(places()).toEqual(['/'])
  write(root, { 'proc/1/mountinfo': EXT4('/') + EXT4('/data') })
  expect(places()).toEqual(['/', '/data'])
  write(root, { 'proc/1/mountinfo': EXT4('/data') })
  expect(places()).toEqual(['/data'])
})

test('rows are kept from pass to pass', () => {
  const pass = openReader(filesystem, machine(EXT4('/'), []))
  expect(rowsOf(pass(0))[0]).toBe(rowsOf(pass(1))[0])
})

test('a network mount is asked apart: its figures come with a later pass', async () => {
  const root = machine(NFS('/far'), ['far'])
  const pass = openReader(filesystem, root)
  const read = () => present(rowsOf(pass(0))[0]!)
  expect(read()).toEqual({})
  await expect.poll(read).toMatchObject({ failed: 0, size_bytes: expect.any(Number) })
  const counts = rowsOf(pass(0)).find(({ table }) => table.name === 'machine_calls_apart')
  expect(present(counts!)).toMatchObject({ stuck: 0, stuck_total: 0, refused_total: 0 })
})

test('the root directory of the machine, as a container sees it', () => {
  const root = folder()
  write(root, {
    'proc/1/mountinfo': EXT4(root) + EXT4(`${root}/data`) + EXT4('/elsewhere'),
  })
  mkdirSync(`${root}/data`)
  const rows = rowsOf(openReader(filesystem, root)(0))
  expect(rows.map(({ keys }) => [keys[1], keys[3]])).toEqual([
    ['/', ''],
    ['/data', ''],
    ['/elsewhere', 'no such file or directory'],
  ])
})

describe('which mounts are shown', () => {
  const f = (settings: Settings, want: readonly string[]) => {
    const root = machine(
      EXT4('/') +
        EXT4('/proc/x') +
        EXT4('/var/lib/docker/overlay2/y') +
        '3 0 0:9 / /tmp rw - tmpfs tmpfs rw\n' +
        '4 0 0:8 / /o rw - overlay overlay rw,upperdir=/u\n',
      [],
    )
    const rows = rowsOf(openReader(filesystem, root, settings)(0))
    expect(rows.map(({ keys }) => keys[1])).toEqual(want)
  }
  const flag = (name: string, value: string) => ({ [`collector.filesystem.${name}`]: value })
  test('by default', () => f({}, ['/', '/tmp']))
  test('types to leave out', () => f(flag('fs-types-exclude', '^tmpfs$'), ['/', '/o']))
  test('types to show', () => f(flag('fs-types-include', '^overlay$'), ['/o']))
  test('places to leave out', () =>
    f(flag('mount-points-exclude', '^/tmp'), ['/', '/proc/x', '/var/lib/docker/overlay2/y']))
  test('places to show', () => f(flag('mount-points-include', '^/proc'), ['/proc/x']))
  test('both at once', () => {
    const both = { ...flag('fs-types-include', 'a'), ...flag('fs-types-exclude', 'b') }
    expect(() => f(both, [])).toThrow(UsageError)
  })
})

describe('what may block', () => {
  const f = (mountinfo: string, want: readonly string[]) => {
    const mounts: Mount[] = []
    const bytes = Buffer.from(mountinfo)
    parseMounts(bytes, bytes.length, mounts)
    const found = mounts.filter(blocking(mounts))
    expect(found.map(({ mountpoint }) => mountpoint)).toEqual(want)
  }
  test('a disk does not', () => f(EXT4('/'), []))
  test('a network does, and what is mounted below it', () =>
    f(EXT4('/') + NFS('/far') + EXT4('/far/near') + EXT4('/farther'), ['/far', '/far/near']))
  test('what nobody knows does', () => f('1 0 0:5 / /f rw - fuse.sshfs x rw\n', ['/f']))
})

test('off without mountinfo; this process knows where the first one does not tell', () => {
  const root = folder()
  expect(isOff(openReader(filesystem, root)(0))).toBe(true)
  write(root, { 'proc/self/mountinfo': EXT4('/') })
  expect(rowsOf(openReader(filesystem, root)(0))).toHaveLength(1)
})

test('a real mountinfo', () => {
  const rows = rowsOf(openReader(filesystem, fixture('hybrid-firecracker-6.18'))(0))
  expect(rows.map(({ keys }) => keys.slice(0, 3))).toEqual([['/dev/vda', '/', 'ext4']])
})
