import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ABSENT,
  descriptorBudget,
  GONE,
  type Heat,
  HEATS,
  KernelFile,
  type KernelFiles,
} from '../../../agent/read/files.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { limits } from '../../../catalog/limit.ts'
import { filesOf, folder, write } from '../fixture.ts'

const text = (files: KernelFiles, end: number) => files.bytes.toString('utf8', 0, end)

test('an open file is read anew from its beginning', () => {
  const root = folder()
  write(root, { 'proc/x': 'one\n' })
  const files = filesOf(root)
  const file = files.proc('x')
  expect(text(files, files.read(file))).toBe('one\n')
  writeFileSync(file.path, 'two and more\n')
  expect(text(files, files.read(file))).toBe('two and more\n')
  expect(text(files, files.readAll(file))).toBe('two and more\n')
  expect(files.openFiles).toBe(1)
})

test('a file larger than the buffer is read whole', () => {
  const root = folder()
  const long = 'x'.repeat(300_000)
  write(root, { 'proc/x': long })
  const files = filesOf(root)
  expect(files.read(files.proc('x'))).toBe(long.length)
  expect(text(files, long.length)).toBe(long)
})

test('a setting of the kernel is asked for by the page, and read whole where it is longer', () => {
  const root = folder()
  const long = 'x'.repeat(10_000)
  write(root, { 'proc/sys/x': long })
  const files = filesOf(root)
  expect(files.proc('sys/x').atOnce).toBeLessThan(4096)
  expect(files.proc('stat').atOnce).toBeGreaterThan(1 << 20)
  expect(text(files, files.read(files.proc('sys/x')))).toBe(long)
  expect(text(files, files.readAll(files.proc('sys/x')))).toBe(long)
  expect(files.readText(`${root}/proc/sys/x`)).toBe(long)
})

test('a file above the limit is refused', () => {
  const root = folder()
  write(root, { 'proc/x': 'x'.repeat(limits.fileBytes.value + 1) })
  const files = filesOf(root)
  expect(() => files.read(files.proc('x'))).toThrow(MalformedFile)
})

test('a missing file is absent, and looked for again only when asked to', () => {
  const root = folder()
  const files = filesOf(root)
  const file = files.proc('x')
  expect(files.read(file)).toBe(ABSENT)
  write(root, { 'proc/x': '1' })
  expect(files.read(file)).toBe(ABSENT)
  files.retry(file)
  expect(files.read(file)).toBe(1)
})

describe('beyond the bound', () => {
  test('files are opened for each read', () => {
    const root = folder()
    write(root, { 'proc/a': 'a', 'proc/b': 'b' })
    const files = filesOf(root, 1)
    const [a, b] = [files.proc('a'), files.proc('b')]
    for (let pass = 0; pass < 2; pass += 1) {
      expect(text(files, files.read(a))).toBe('a')
      expect(text(files, files.read(b))).toBe('b')
      expect(files.openFiles).toBe(1)
    }
    files.close(a)
    files.read(b)
    expect(files.openFiles).toBe(1)
  })
  test('a file that is no more is gone', () => {
    const root = folder()
    write(root, { 'proc/a': 'a' })
    const files = filesOf(root, 0)
    const a = files.proc('a')
    files.read(a)
    rmSync(a.path)
    expect(files.read(a)).toBe(GONE)
    expect(files.read(a)).toBe(GONE)
  })
})

test('a fault that is no absence is thrown', () => {
  const root = folder()
  mkdirSync(`${root}/proc/dir`, { recursive: true })
  const files = filesOf(root)
  expect(() => files.read(files.proc('dir'))).toThrow('EISDIR')
})

test('short texts', () => {
  const root = folder()
  write(root, { 'proc/x': 'name\n' })
  const files = filesOf(root)
  expect(files.readText(`${root}/proc/x`)).toBe('name')
  expect(files.readText(`${root}/proc/y`)).toBeUndefined()
})

describe("the machine's network", () => {
  const f = (written: Readonly<Record<string, string>>, want: string) => {
    const root = folder()
    write(root, { 'proc/net/dev': 'of this process', ...written })
    const files = filesOf(root)
    expect(text(files, files.read(files.net('dev')))).toBe(want)
  }
  test('is that of its first process', () => f({ 'proc/1/net/dev': 'of all' }, 'of all'))
  test('or that of this process, where the first cannot be seen', () => f({}, 'of this process'))
  test('in our own /proc it is what `net` says', () => {
    expect(filesOf('').net('dev').path).toBe('/proc/net/dev')
  })
})

describe('line by line', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`)
  const f = (written: string, want: readonly string[], mostOpen?: number) => {
    const root = folder()
    write(root, { 'proc/x': written })
    const files = filesOf(root, mostOpen)
    const file = files.proc('x')
    for (let pass = 0; pass < 2; pass += 1) {
      const pieces: string[] = []
      const length = files.readLines(file, 1 << 20, (end) => pieces.push(text(files, end)))
      expect(length).toBe(written.length)
      expect(pieces.slice(0, -1).filter((piece) => !piece.endsWith('\n'))).toEqual([])
      expect(pieces.join('').split('\n')).toEqual(want)
    }
    expect(files.openFiles).toBe(mostOpen === 0 ? 0 : 1)
  }
  test('a file that is longer than the buffer', () => f(`${lines.join('\n')}\n`, [...lines, '']))
  test('beyond the bound', () => f(`${lines.join('\n')}\n`, [...lines, ''], 0))
  test('the last line may lack its end', () => f('a\nb', ['a', 'b']))
  test('a line that is longer than the buffer', () => {
    const long = 'x'.repeat(300_000)
    f(`a\n${long}\nb\n`, ['a', long, 'b', ''])
  })
  test('an empty file has no piece', () => f('', ['']))

  test('a longer file than allowed is refused, not read in part', () => {
    const root = folder()
    write(root, { 'proc/x': lines.join('\n') })
    const files = filesOf(root)
    expect(() => files.readLines(files.proc('x'), 1000, () => {})).toThrow(MalformedFile)
  })
  test('a missing file is absent, and one that goes is gone', () => {
    const root = folder()
    const files = filesOf(root, 0)
    expect(files.readLines(files.proc('y'), 1000, () => {})).toBe(ABSENT)
    write(root, { 'proc/x': 'a\n' })
    const file = files.proc('x')
    expect(files.readLines(file, 1000, () => {})).toBe(2)
    rmSync(file.path)
    expect(files.readLines(file, 1000, () => {})).toBe(GONE)
  })
})

test('an attribute that its driver refuses is absent', () => {
  const root = folder()
  mkdirSync(`${root}/sys/speed`, { recursive: true })
  write(root, { 'sys/mtu': '1500\n' })
  const files = filesOf(root)
  expect(files.readAttribute(`${root}/sys/mtu`)).toBe('1500')
  expect(files.readAttribute(`${root}/sys/nothing`)).toBeUndefined()
  // EISDIR stands for the EINVAL of a real driver.
  expect(files.readAttribute(`${root}/sys/speed`)).toBeUndefined()
})

describe('how many files may stay open', () => {
  const f = (line: string, want: number) => expect(descriptorBudget(() => line)).toBe(want)
  const share = limits.keptOpenShare.value
  test('a share of the limit', () =>
    f(
      'Max open files            20000                524288               files\n',
      20_000 * share,
    ))
  test('a small limit leaves some for sockets', () => f('Max open files            300  300\n', 44))
  test('a tiny limit leaves none', () => f('Max open files            64  64\n', 0))
  test('without a limit that we can read, that of most systems', () => f('', 1024 * share))
  test('without /proc the same', () => {
    expect(
      descriptorBudget(() => {
        throw new Error('ENOENT')
      }),
    ).toBe(1024 * share)
  })
})

describe('where the bound is met, the hottest stay open', () => {
  const HOT_TO_COLD = [HEATS.eachPass, HEATS.eachPassOfMany, HEATS.lessNeeded, HEATS.afterChange]

  /** Files of each heat, `count` of them, met in this order; returns the heats that are open. */
  function openAfter(order: readonly Heat[], count: number, mostOpen: number): Heat[] {
    const root = folder()
    const files = filesOf(root, mostOpen)
    const all = order.flatMap((heat) =>
      Array.from({ length: count }, (_, i) => {
        write(root, { [`proc/${heat}-${i}`]: `${heat}${i}\n` })
        return new KernelFile(`${root}/proc/${heat}-${i}`, heat)
      }),
    )
    for (let pass = 0; pass < 3; pass += 1) {
      for (const file of all) {
        // None starves: each is read in each pass, open or not.
        const name = file.path.replace(/.*\//, '').replace('-', '')
        expect(text(files, files.read(file))).toBe(`${name}\n`)
        expect(files.openFiles).toBeLessThanOrEqual(mostOpen)
      }
    }
    const open = all.filter(({ descriptor }) => descriptor >= 0)
    expect(open).toHaveLength(files.openFiles)
    return open.map(({ heat }) => heat).sort((a, b) => a - b)
  }

  test('whichever are met first', () => {
    const want = [HEATS.eachPass, HEATS.eachPass, HEATS.eachPassOfMany, HEATS.eachPassOfMany]
    expect(openAfter(HOT_TO_COLD, 2, 4)).toEqual(want)
    expect(openAfter(HOT_TO_COLD.toReversed(), 2, 4)).toEqual(want)
  })
  test('of one heat those that were first', () =>
    expect(openAfter([HEATS.lessNeeded], 5, 2)).toEqual([HEATS.lessNeeded, HEATS.lessNeeded]))
  test('all, where there is room', () =>
    expect(openAfter(HOT_TO_COLD.toReversed(), 2, 8)).toHaveLength(8))
  test('none, where there is none', () => expect(openAfter(HOT_TO_COLD, 2, 0)).toEqual([]))
})

describe('a file by its inode', () => {
  const f = (change: (path: string) => void, want: number) => {
    const root = folder()
    write(root, { x: 'one\n' })
    const files = filesOf(root)
    const { ino } = files.stat(`${root}/x`)!
    change(`${root}/x`)
    expect(files.readSame(`${root}/x`, ino)).toBe(want)
  }
  test('the same', () => f(() => {}, 4))
  test('another of the name', () =>
    f((path) => {
      renameSync(path, `${path}.before`)
      writeFileSync(path, 'two\n')
    }, ABSENT))
  test('none', () => f((path) => rmSync(path), ABSENT))
})

test('a record that is read rarely may be larger than the buffer', () => {
  const root = folder()
  write(root, { x: 'x'.repeat(200_000) })
  const files = filesOf(root)
  expect(files.readRecord(`${root}/x`)).toBe(200_000)
  expect(files.readRecord(`${root}/y`)).toBe(ABSENT)
  expect([files.exists(`${root}/x`), files.exists(`${root}/y`)]).toEqual([true, false])
})
