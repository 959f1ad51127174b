import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseMountinfo, readMounts } from '../../../agent/runtime/mounts.ts'
import {
  type Expected,
  openBelow,
  openMapped,
  type OpenFile,
} from '../../../agent/runtime/open-safely.ts'
import { type Refusal, Refused } from '../../../agent/runtime/refused.ts'

let root: string
let directory: string
let file: string
const mounts = readMounts('/proc', process.pid)
const expected: Expected = {
  mounts,
  uid: process.getuid!(),
  sizeBytesMin: 4096,
  sizeBytesMax: 4 << 20,
  sizeBytesStep: 4096,
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'candor-open-'))
  directory = join(root, 'tmp', 'hsperfdata_web')
  file = join(directory, '42')
  mkdirSync(directory, { recursive: true })
  writeFileSync(file, Buffer.alloc(32_768, 'x'))
})
afterEach(() => rmSync(root, { recursive: true }))

const open = (change: Partial<Expected> = {}, name = '42'): OpenFile =>
  openBelow(root, ['tmp', 'hsperfdata_web'], name, { ...expected, ...change })

/** Refused for this reason, and nothing is left open. */
function refuses(want: Refusal, attempt: () => OpenFile): void {
  const before = readdirSync('/proc/self/fd').length
  let refusal: unknown
  try {
    closeSync(attempt().fd)
  } catch (err) {
    refusal = err instanceof Refused ? err.refusal : err
  }
  expect(refusal).toBe(want)
  expect(readdirSync('/proc/self/fd').length).toBe(before)
}

test('a plain file is opened, and its descriptor is the only one left', () => {
  const before = readdirSync('/proc/self/fd').length
  const { fd, stats } = open()
  expect(readdirSync('/proc/self/fd').length).toBe(before + 1)
  expect(stats.size).toBe(32_768)
  expect(readFileSync(fd, 'latin1')).toBe('x'.repeat(32_768))
  closeSync(fd)
})

describe('what a hostile container plants instead', () => {
  const secret = () => {
    const path = join(root, 'secret')
    writeFileSync(path, Buffer.alloc(4096, 's'))
    return path
  }
  test('a symbolic link to a file of the host', () => {
    const target = secret()
    unlinkSync(file)
    symlinkSync(target, file)
    refuses('symbolic link', open)
  })
  test('a symbolic link in place of the directory', () => {
    const elsewhere = join(root, 'elsewhere')
    renameSync(directory, elsewhere)
    symlinkSync(elsewhere, directory)
    refuses('not a directory', open)
  })
  test('a symbolic link in place of /tmp', () => {
    renameSync(join(root, 'tmp'), join(root, 'real'))
    symlinkSync(join(root, 'real'), join(root, 'tmp'))
    refuses('not a directory', open)
  })
  test('a FIFO, which would hold the opener for ever', () => {
    unlinkSync(file)
    execFileSync('mkfifo', [file])
    refuses('not a regular file', open)
  })
  test('a directory', () => {
    unlinkSync(file)
    mkdirSync(file)
    refuses('not a regular file', open)
  })
  test('a sparse file of a terabyte', () => {
    truncateSync(file, 2 ** 40)
    refuses('size', open)
  })
  test('files of sizes that no JVM makes', () => {
    truncateSync(file, 0)
    refuses('size', open)
    truncateSync(file, 4095)
    refuses('size', open)
    truncateSync(file, 4097)
    refuses('size', open)
  })
  test('a hard link to a file of someone else', () => {
    linkSync(file, join(directory, '43'))
    refuses('hard links', open)
  })
  test('a file of another owner', () => {
    refuses('owner', () => open({ uid: expected.uid + 1 }))
  })
  test.each([0o775, 0o757])('a directory that others may write to (%o)', (mode) => {
    chmodSync(directory, mode)
    refuses('directory writable by others', open)
  })
  test('nothing', () => {
    refuses('absent', () => open({}, '43'))
    refuses('absent', () => openBelow(join(root, 'gone'), ['tmp'], '42', expected))
  })
  test.each(['..', '.', '', '../hsperfdata_web/42', 'a\0b'])(
    'a name that is a path: %j',
    (name) => {
      refuses('absent', () => open({}, name))
    },
  )
})

describe('file systems that may block', () => {
  const byPoint = (point: string, type: string) => ({
    mounts: { ...mounts, byPoint: new Map([[point, type]]) },
  })
  test.each(['fuse.sshfs', 'nfs4', '9p', 'cifs', 'fuse', 'autofs', 'brandnewfs'])(
    'a mount of %s is seen before anything is opened',
    (type) => {
      for (const point of ['/', '/tmp', '/tmp/hsperfdata_web', '/tmp/hsperfdata_web/42'])
        // The root does not exist: had anything been opened, that would be the answer.
        refuses('file system may block', () =>
          openBelow('/nonexistent', ['tmp', 'hsperfdata_web'], '42', {
            ...expected,
            ...byPoint(point, type),
          }),
        )
    },
  )
  test('mounts elsewhere do not matter', () => {
    closeSync(open(byPoint('/srv', 'nfs4')).fd)
    closeSync(open(byPoint('/tmp/hsperfdata_web/421', 'nfs4')).fd)
  })
  test('the mount that an opened directory lies on is checked as well', () => {
    const byId = new Map([...mounts.byId.keys()].map((id) => [id, 'fuse.late']))
    refuses('file system may block', () => open({ mounts: { ...mounts, byId } }))
    refuses('file system may block', () => open({ mounts: { ...mounts, byId: new Map() } }))
  })
})

describe('an overlay is as slow as its layers', () => {
  const container = (options: string) => {
    const procfs = join(root, 'proc')
    for (const pid of [1, 42]) mkdirSync(join(procfs, String(pid)), { recursive: true })
    const machine = [
      '20 1 8:1 / / rw - ext4 /dev/vda rw',
      '21 20 0:40 / /snapshots/9/fs rw - fuse.lazy lazy rw',
      '22 20 0:41 / /a\\040b rw - nfs4 server:/ rw',
    ]
    writeFileSync(join(procfs, '1/mountinfo'), machine.join('\n'))
    writeFileSync(join(procfs, '42/mountinfo'), `99 20 0:50 / / rw - overlay overlay ${options}\n`)
    const { byId, byPoint } = readMounts(procfs, 42)
    expect(byId.get(99)).toBe(byPoint.get('/'))
    return byId.get(99)
  }
  const f = (options: string, want: string) => expect(container(options)).toBe(want)

  test('which are looked up where they were mounted', () => {
    f('rw,lowerdir=/var/l/1:/var/l/2,upperdir=/var/up,workdir=/var/work', 'overlay')
    f('rw,lowerdir=/var/l/1:/snapshots/9/fs,upperdir=/var/up', 'overlay on fuse.lazy')
    f('rw,lowerdir=/var/l/1,upperdir=/snapshots/9/fs/up,workdir=/x', 'overlay on fuse.lazy')
    f('rw,lowerdir+=/var/l/1,lowerdir+=/snapshots/9/fs/x', 'overlay on fuse.lazy')
    f('rw,lowerdir=/a\\040b/c', 'overlay on nfs4')
    f('rw,lowerdir=/snapshots/9/fs2:/var/c\\:/snapshots/9/fs', 'overlay')
    f('rw,lowerdir=l/1:l/2', 'overlay')
    f('rw', 'overlay')
  })
  test('and is not stepped onto', () => {
    container('rw,lowerdir=/snapshots/9/fs')
    const slow = readMounts(join(root, 'proc'), 42)
    refuses('file system may block', () =>
      openBelow('/nonexistent', ['tmp', 'hsperfdata_web'], '42', { ...expected, mounts: slow }),
    )
  })
})

test('mounts beyond the bound are not read', () => {
  mkdirSync(join(root, '42'))
  writeFileSync(join(root, '42/mountinfo'), 'x\n')
  truncateSync(join(root, '42/mountinfo'), 2 ** 40)
  expect(() => readMounts(root, 42)).toThrow('size')
})

test('a link of the kernel leads to the file itself, even when its name is gone', () => {
  const held = openSync(file, 'r')
  unlinkSync(file)
  const { fd } = openMapped(`/proc/self/fd/${held}`, expected)
  expect(readFileSync(fd, 'latin1')).toBe('x'.repeat(32_768))
  closeSync(fd)
  refuses('owner', () =>
    openMapped(`/proc/self/fd/${held}`, { ...expected, uid: 1 + expected.uid }),
  )
  closeSync(held)
})

test('mountinfo: optional fields, escapes, and the newest mount of a point', () => {
  const { byId, byPoint } = parseMountinfo(
    [
      '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue',
      '40 36 0:30 / /a\\040b\\134c rw shared:7 master:2 propagate_from:3 - fuse.ntfs-3g x rw',
      '41 36 0:31 / /mnt2 rw - tmpfs none rw',
      'nonsense',
      '',
    ].join('\n'),
  )
  expect([...byId]).toEqual([
    [36, 'ext3'],
    [40, 'fuse.ntfs-3g'],
    [41, 'tmpfs'],
  ])
  expect([...byPoint]).toEqual([
    ['/mnt2', 'tmpfs'],
    ['/a b\\c', 'fuse.ntfs-3g'],
  ])
})
