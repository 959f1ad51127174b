import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDirectory } from '../../../agent/ship/disk.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-disk-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const refused = (path: string) => {
  try {
    openDirectory(path).leave()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  }
}

test('directory and files are for their owner alone, whatever the umask', () => {
  const before = process.umask(0)
  const path = join(folder, 'spool')
  const disk = openDirectory(path)
  disk.close(disk.create('a'))
  process.umask(before)
  expect(modeOf(path)).toBe('700')
  expect(readdirSync(path).map((name) => `${name} ${modeOf(join(path, name))}`)).toEqual([
    'a 600',
    'lock 600',
  ])
  expect(disk.list()).toEqual(['a'])
  disk.leave()
})

test('no link is followed: not the directory, not its lock, not a file', () => {
  const real = join(folder, 'real')
  const link = join(folder, 'link')
  mkdirSync(real, { mode: 0o700 })
  symlinkSync(real, link)
  expect(refused(link)).toBe('ERR_SPOOL_OPEN')
  const victim = join(folder, 'victim')
  writeFileSync(victim, 'untouched')
  const disk = openDirectory(real)
  symlinkSync(victim, join(real, 'b'))
  expect(() => disk.open('b')).toThrow('ELOOP')
  expect(() => disk.create('b')).toThrow('EEXIST')
  symlinkSync(join(folder, 'nothing'), join(real, 'c'))
  expect(() => disk.create('c')).toThrow('EEXIST')
  expect(existsSync(join(folder, 'nothing'))).toBe(false)
  disk.leave()
  rmSync(join(real, 'lock'))
  symlinkSync(victim, join(real, 'lock'))
  expect(refused(real)).toBe('ELOOP')
})

test('what is no file is refused, and nobody waits for it', () => {
  const path = join(folder, 'spool')
  const disk = openDirectory(path)
  execFileSync('mkfifo', [join(path, 'pipe')])
  expect(() => disk.open('pipe')).toThrow('is not a file')
  disk.leave()
  expect(refused(join(path, 'pipe'))).toBe('ENOTDIR')
})

test('a directory into which others may write is refused, one that they may read is not', () => {
  chmodSync(folder, 0o770)
  expect(refused(folder)).toBe('ERR_SPOOL_OPEN')
  chmodSync(folder, 0o755)
  expect(refused(folder)).toBeUndefined()
})

test.skipIf(process.getuid!() !== 0)('a directory of another user is refused', () => {
  const path = join(folder, 'spool')
  mkdirSync(path, { mode: 0o700 })
  execFileSync('chown', ['65534', path])
  expect(refused(path)).toBe('ERR_SPOOL_OPEN')
})

test('a parent that is missing is not made', () => {
  expect(refused(join(folder, 'no', 'spool'))).toBe('ENOENT')
})

test('one process at a time has it, until that ends, however it ends', async () => {
  const path = join(folder, 'spool')
  const program = `
    const { openDirectory } = await import(${JSON.stringify(new URL('../../../agent/ship/disk.ts', import.meta.url).href)})
    globalThis.kept = openDirectory(${JSON.stringify(path)})
    console.log('open')
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect(refused(path)).toBe('ERR_SPOOL_LOCKED')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  expect(refused(path)).toBeUndefined()
})

test('a write is whole, at its place, and a read goes as far as the file', () => {
  const disk = openDirectory(join(folder, 'spool'))
  const file = disk.create('a')
  disk.write(file, [Buffer.from('0123'), Buffer.alloc(0), Buffer.from('4567')], 2)
  const into = Buffer.alloc(20, 'x')
  expect(disk.read(file, into, 0)).toBe(10)
  expect(into.toString()).toBe(`\0\x0001234567${'x'.repeat(10)}`)
  disk.truncate(file, 3)
  expect(disk.size(file)).toBe(3)
  disk.close(file)
  disk.remove('a')
  expect(disk.list()).toEqual([])
  disk.leave()
})
