import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  parseAddressSpace,
  readAddressSpace,
  residentBytes,
} from '../../../../agent/runtime/jvm/address-space.ts'
import { limits } from '../../../../catalog/limit.ts'

const LIBRARY = '7f1e80c00000-7f1e80e51000 r--p 00000000 fe:00 5461   /usr/lib/server/libjvm.so'
const MAPS = `\
00f0c00000-0100000000 rw-p 00000000 00:00 0
7f1e68000000-7f1e68270000 rwxp 00000000 00:00 0
7f1e68270000-7f1e6f000000 ---p 00000000 00:00 0
7f1e70000000-7f1e70010000 rwxp 00000000 00:00 0 \n\
7f1e71000000-7f1e71010000 rwxp 00000000 fe:00 77   /opt/generated.so
7f1e72000000-7f1e72010000 rwxp 00000000 00:00 0   [stack]
${LIBRARY}
7f1e80e51000-7f1e81400000 r-xp 00251000 fe:00 5461   /usr/lib/server/libjvm.so
`

describe('the library', () => {
  const f = (line: string, expected: object | undefined) =>
    expect(parseAddressSpace(`${line}\n`, false).library).toEqual(expected)
  const found = {
    range: '7f1e80c00000-7f1e80e51000',
    base: 0x7f1e80c00000,
    path: '/usr/lib/server/libjvm.so',
    deleted: false,
  }
  test('lies where its first byte is', () => f(MAPS, found))
  test('may have been replaced', () => f(`${LIBRARY} (deleted)`, { ...found, deleted: true }))
  test('has its range as map_files names it', () => {
    const low = LIBRARY.replace('7f1e80c00000-7f1e80e51000', '00c00000-00e51000')
    f(low, { ...found, range: 'c00000-e51000', base: 0xc00000 })
  })
  test('is not one with another name', () => {
    f(LIBRARY.replace('libjvm.so', 'libjvm.so.old'), undefined)
    f(LIBRARY.replace('libjvm.so', 'notlibjvm.so'), undefined)
  })
  test('is not there without its first byte', () => {
    f(LIBRARY.replace('00000000', '00251000'), undefined)
  })
})

test('code is what is anonymous and may be written and run', () => {
  expect(parseAddressSpace(MAPS, false).code).toEqual([
    { from: 0x7f1e68000000, to: 0x7f1e68270000 },
    { from: 0x7f1e70000000, to: 0x7f1e70010000 },
  ])
})

describe('files of a process', () => {
  let procfs: string
  beforeEach(() => {
    procfs = mkdtempSync(join(tmpdir(), 'candor-space-'))
    mkdirSync(join(procfs, '7'))
  })
  afterEach(() => rmSync(procfs, { recursive: true }))

  test('maps up to the limit', () => {
    writeFileSync(join(procfs, '7/maps'), MAPS)
    expect(readAddressSpace(procfs, 7)).toEqual(parseAddressSpace(MAPS, false))
  })
  test('longer maps are cut, and say so', () => {
    const line = `${LIBRARY.replace('libjvm', 'other')}\n`
    const times = Math.ceil(limits.jvmMapsBytes.value / line.length) + 1
    writeFileSync(join(procfs, '7/maps'), LIBRARY + '\n' + line.repeat(times))
    const { cut, library } = readAddressSpace(procfs, 7)
    expect(cut).toBe(true)
    expect(library?.base).toBe(0x7f1e80c00000)
  })

  const PAGE = 4096
  const PRESENT = 1n << 63n
  const pages = (entries: readonly bigint[]) =>
    writeFileSync(join(procfs, '7/pagemap'), new BigUint64Array(entries))
  test('pages that are present count, others do not', () => {
    // Swapped out, and every bit but the highest.
    pages([PRESENT, 0n, PRESENT | 5n, 1n << 62n, PRESENT - 1n, PRESENT])
    expect(residentBytes(procfs, 7, [{ from: 0, to: 6 * PAGE }], PAGE)).toBe(3 * PAGE)
    expect(residentBytes(procfs, 7, [{ from: 2 * PAGE, to: 3 * PAGE }], PAGE)).toBe(PAGE)
    expect(residentBytes(procfs, 7, [{ from: PAGE, to: 2 * PAGE }], PAGE)).toBe(0)
    expect(residentBytes(procfs, 7, [], PAGE)).toBe(0)
  })
  test('an extent longer than one read, and one longer than the file', () => {
    pages(Array.from({ length: 20_000 }, () => PRESENT))
    expect(residentBytes(procfs, 7, [{ from: 0, to: 30_000 * PAGE }], PAGE)).toBe(20_000 * PAGE)
  })
  test('larger pages', () => {
    pages([PRESENT, 0n])
    expect(residentBytes(procfs, 7, [{ from: 0, to: 2 << 16 }], 1 << 16)).toBe(1 << 16)
  })
})
