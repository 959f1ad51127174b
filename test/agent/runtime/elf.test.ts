import fc from 'fast-check'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { findText, offsetOf, readAtOf, type ReadAt, readElf } from '../../../agent/runtime/elf.ts'
import { parseModules, readGoBuild } from '../../../agent/runtime/go-build-info.ts'
import { inline, made, MAGIC } from './go-program.ts'

const bytesOf =
  (bytes: Buffer): ReadAt =>
  (offset, length) => {
    // What a real read would take memory for.
    expect(length).toBeLessThanOrEqual(8 << 20)
    return bytes.subarray(offset, offset + length)
  }

function within<T>(path: string, look: (readAt: ReadAt) => T): T {
  const fd = openSync(path, 'r')
  try {
    return look(readAtOf(fd))
  } finally {
    closeSync(fd)
  }
}

/** The compiler of this repository is a Go program. */
const GO_PROGRAM = join(
  import.meta.dirname,
  '../../../node_modules/@typescript',
  `typescript-${process.platform}-${process.arch}`,
  'lib/tsc',
)

describe('a real Go program', () => {
  const build = within(GO_PROGRAM, (readAt) => readGoBuild(readAt, readElf(readAt)))
  test('its version, its modules and its settings', () => {
    expect(build?.version).toMatch(/^go1\.\d+/)
    expect(build?.modules).toMatchObject({
      path: 'github.com/microsoft/typescript-go/cmd/tsgo',
      main: 'github.com/microsoft/typescript-go',
    })
    expect(build?.modules?.dependencies.get('golang.org/x/sync')).toMatch(/^v\d/)
    expect(build?.modules?.settings.get('GOOS')).toBe('linux')
  })
})

describe('another real program', () => {
  test('is not made by Go, and has its sections', () => {
    within(process.execPath, (readAt) => {
      const elf = readElf(readAt)
      expect(elf.pointerBytes).toBe(8)
      expect(elf.sections.has('.rodata')).toBe(true)
      expect(readGoBuild(readAt, elf)).toBeUndefined()
      const [, second] = elf.segments
      expect(offsetOf(elf, second!.address + 7)).toBe(second!.offset + 7)
      expect(offsetOf(elf, 1)).toBeUndefined()
    })
  })
  test('its version is found in its constants', () => {
    const found = within(process.execPath, (readAt) =>
      findText(
        readAt,
        readElf(readAt).sections.get('.rodata')!,
        /\/node-v(\d+\.\d+\.\d+)\.tar/,
        2 ** 30,
      ),
    )
    expect(`v${found}`).toBe(process.version)
  })
})

describe('of any width and byte order', () => {
  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('little %s, 64 bits %s', (little, wide) => {
    const data = inline('go1.24.1', 'path\tx/y\nmod\tx\t(devel)\t\n')
    const readAt = bytesOf(made({ little, wide, data }))
    const elf = readElf(readAt)
    expect(elf).toMatchObject({ littleEndian: little, pointerBytes: wide ? 8 : 4 })
    expect(readGoBuild(readAt, elf)).toMatchObject({
      version: 'go1.24.1',
      modules: { path: 'x/y', main: 'x' },
    })
  })
})

describe('what a workload may plant', () => {
  const build = (data: Buffer) => {
    const readAt = bytesOf(made({ little: true, wide: true, data }))
    return readGoBuild(readAt, readElf(readAt))
  }
  test('a length beyond the end', () => {
    const data = inline('go1.24.1', 'x')
    data[33] = 0x7f
    expect(build(data)).toBeUndefined()
  })
  test('modules of gigabytes: they are unknown, and no memory is taken for them', () => {
    const data = inline('go1.24.1', 'x')
    data.set([0xff, 0xff, 0xff, 0xff, 0x0f], 42)
    expect(build(data)).toEqual({ version: 'go1.24.1' })
  })
  test('a version that is none', () => expect(build(inline('\u001b[2J', 'x'))).toBeUndefined())
  test('nothing behind the magic', () => expect(build(MAGIC)).toBeUndefined())
  test('an address that leads nowhere', () => {
    const data = Buffer.concat([MAGIC, Buffer.from([8, 0]), Buffer.alloc(16, 0xff)])
    expect(build(data)).toBeUndefined()
  })
  test('tables that are too long', () => {
    const bytes = made({ little: true, wide: true, data: Buffer.alloc(16) })
    bytes.writeUInt16LE(0xffff, 60)
    expect(() => readElf(bytesOf(bytes))).toThrow(MalformedFile)
  })
  test('any bytes, and any change of a real file, are an answer or a MalformedFile', () => {
    const good = made({ little: true, wide: true, data: inline('go1.24.1', 'path\tx\n') })
    const f = (bytes: Buffer) => {
      try {
        const readAt = bytesOf(bytes)
        readGoBuild(readAt, readElf(readAt))
      } catch (err) {
        if (!(err instanceof MalformedFile)) throw err
      }
    }
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255))
    fc.assert(fc.property(fc.uint8Array(), (bytes) => f(Buffer.from(bytes))))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(good.length), (changes, length) => {
        const bytes = Buffer.from(good)
        for (const [at, value] of changes) bytes[at] = value
        f(bytes.subarray(0, length))
      }),
      { numRuns: 2_000 },
    )
  })
})

test('modules: what was replaced, values in quotes, and lines that make no sense', () => {
  const text = [
    'path\texample.org/shop',
    'mod\texample.org/shop\t(devel)\t',
    'dep\tgo.uber.org/automaxprocs\tv1.6.0\th1:abc',
    'dep\texample.org/a\tv1.0.0',
    '=>\t./a\t(devel)',
    'build\tDefaultGODEBUG=asynctimerchan=1,containermaxprocs=0',
    'build\t-ldflags="-X main.password=s3cret"',
    'build\tnothing',
    '',
  ].join('\n')
  const modules = parseModules(text)
  expect(modules).toMatchObject({ path: 'example.org/shop', main: 'example.org/shop' })
  expect(Object.fromEntries(modules.dependencies)).toEqual({
    'go.uber.org/automaxprocs': 'v1.6.0',
    'example.org/a': 'v1.0.0',
  })
  expect(Object.fromEntries(modules.settings)).toEqual({
    DefaultGODEBUG: 'asynctimerchan=1,containermaxprocs=0',
    '-ldflags': '-X main.password=s3cret',
  })
})

test('a text across the borders of what is read at once', () => {
  const bytes = Buffer.alloc(3 << 20, 'x')
  bytes.write('nginx/1.22.1 ', (1 << 20) - 6)
  const find = (most: number) =>
    findText(bytesOf(bytes), { offset: 0, bytes: bytes.length }, /nginx\/([\d.]+)/, most)
  expect(find(2 ** 30)).toBe('1.22.1')
  expect(find(1 << 19)).toBeUndefined()
})

test('no file is read beyond what was asked for', () => {
  const bytes = readFileSync(import.meta.filename)
  expect(() => readElf(bytesOf(bytes))).toThrow('elf: expected an ELF file')
})

test('a text that the border of two pieces cuts is not told as it is cut', () => {
  const find = (at: number) => {
    const bytes = Buffer.alloc(3 << 20, 'x')
    bytes.write('nginx/1.22.1 ', at)
    return findText(bytesOf(bytes), { offset: 0, bytes: bytes.length }, /nginx\/([\d.]+)/, 2 ** 30)
  }
  for (const border of [256 << 10, 1 << 20])
    for (let at = border - 14; at <= border; at += 1) expect(find(at)).toBe('1.22.1')
})

test('a file that is full of what is looked for is given up', () => {
  const bytes = Buffer.alloc(1 << 20, 'nginx/')
  bytes.write('nginx/1.22.1 ', bytes.length - 20)
  const extent = { offset: 0, bytes: bytes.length }
  expect(findText(bytesOf(bytes), extent, /nginx\/([\d.]+)/, 2 ** 30)).toBeUndefined()
})
