import { describe, expect, test } from 'vitest'
import {
  isBelow,
  type Mount,
  mountsOf,
  parseMounts,
  reachable,
  unescape,
} from '../../../agent/machine/mounts.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { filesOf, folder, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

function read(text: string): Mount[] {
  const mounts: Mount[] = []
  const bytes = Buffer.from(text)
  parseMounts(bytes, bytes.length, mounts)
  return mounts
}

test('with and without optional fields', () => {
  const [root, nfs] = read(
    '41 1 253:0 / / rw,relatime - xfs /dev/mapper/root rw,attr2\n' +
      '36 35 0:40 / /mnt/a\\040b rw,noatime shared:1 master:2 - nfs4 host:/x\\040y ro,vers=4.2\n',
  )
  expect(root).toMatchObject({ number: '253:0', device: '/dev/mapper/root', readonly: false })
  expect(nfs).toMatchObject({
    // node_exporter leaves the escapes of the device, and only of it.
    device: 'host:/x\\040y',
    mountpoint: '/mnt/a b',
    fstype: 'nfs4',
    options: 'ro,vers=4.2',
    readonly: true,
  })
})

test('the mount itself may be read-only', () => {
  expect(read('41 1 8:1 / / ro,relatime - ext4 /dev/sda rw\n')[0]!.readonly).toBe(true)
})

test('they are parsed again when something has changed, and only then', () => {
  expect(mountsOf(filesOf(folder()))()).toBeUndefined()
  const found = folder()
  write(found, { 'proc/1/mountinfo': '1 0 8:1 / /a rw - ext4 /dev/a rw\n' })
  const readFound = mountsOf(filesOf(found))
  const first = readFound()
  expect(first).toHaveLength(1)
  expect(readFound()).toBe(first)
  write(found, { 'proc/1/mountinfo': '1 0 8:1 / /b rw - ext4 /dev/a rw\n' })
  expect(readFound()!.map(({ mountpoint }) => mountpoint)).toEqual(['/b'])
  write(found, { 'proc/1/mountinfo': '' })
  expect(readFound()).toEqual([])
})

test('what could not be read once is not taken for what it was before', () => {
  const found = folder()
  write(found, { 'proc/1/mountinfo': '1 0 8:1 / /a rw - ext4 /dev/a rw\n' })
  const readFound = mountsOf(filesOf(found))
  readFound()
  const broken = '1 0 8:1 / /b rw - ext4 /dev/a rw\n2 1 8:2\n'
  write(found, { 'proc/1/mountinfo': broken })
  expect(readFound).toThrow(MalformedFile)
  expect(readFound).toThrow(MalformedFile)
})

test('of two mounts at one place the later one is seen', () => {
  const mounts = read('1 0 8:1 / /a rw - ext4 /dev/a rw\n2 1 8:2 / /a rw - ext4 /dev/b rw\n')
  expect(reachable(mounts).map(({ device }) => device)).toEqual(['/dev/b'])
})

describe('escapes', () => {
  const f = (path: string, want: string) => expect(unescape(path)).toBe(want)
  test('blank, tab, line end, backslash', () => f('a\\040\\011\\012\\134', 'a \t\n\\'))
  test('what is none', () => f('a\\04', 'a\\04'))
})

describe('below', () => {
  const f = (path: string, of: string, want: boolean) => expect(isBelow(path, of)).toBe(want)
  test('itself', () => f('/a', '/a', true))
  test('a child', () => f('/a/b', '/a', true))
  test('a namesake', () => f('/ab', '/a', false))
  test('of the root', () => f('/a', '/', true))
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('no dash', () => f('41 1 253:0 / / rw xfs /dev/sda rw\n'))
  test('no device', () => f('41 1 253:0 / / rw - xfs\n'))
  test('no options', () => f('41 1 253:0 / - xfs /dev/sda rw\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['41 1 8:1 / / rw', ' - ', 'ext4 /dev/sda rw\n'], (bytes) => [
    read(bytes.toString('latin1')).length,
  ])
})
