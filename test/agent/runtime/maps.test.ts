import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Maps, readMaps } from '../../../agent/runtime/maps.ts'
import { limits } from '../../../catalog/limit.ts'

const folder = mkdtempSync(join(tmpdir(), 'candor-maps-'))
afterAll(() => rmSync(folder, { recursive: true }))

const f = (lines: readonly string[], want: Partial<Maps>) => {
  const path = join(folder, 'maps')
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  expect(readMaps(path)).toEqual({ libraries: [], arenas: 0, ...want })
}

const heap = 'e0000000-e9a00000 rw-p 00000000 00:00 0 '
const jvm =
  '7f1e80e00000-7f1e81400000 r-xp 00200000 fe:00 5461   /usr/lib/jvm/java-17/lib/server/libjvm.so'
const counters = '7f1e82a1d000-7f1e82a25000 rw-s 00000000 00:2d 77   /tmp/hsperfdata_web app/42'
const mapping = {
  range: '7f1e82a1d000-7f1e82a25000',
  device: '00:2d',
  inode: 77,
  directory: 'hsperfdata_web app',
  pid: 42,
  deleted: false,
}

test('what is no runtime', () => {
  f([], { counters: [], cut: false })
  f([heap, '7f00-7f01 r-xp 0 fe:00 1 /usr/lib/libc.so.6'], { counters: [], cut: false })
  f([jvm.replace('libjvm.so', 'libjvm.so.bak')], { counters: [], cut: false })
  f([jvm.replace('/libjvm.so', '/notlibjvm.so')], { counters: [], cut: false })
})

test('HotSpot, with its counters and without', () => {
  f([heap, jvm, jvm, counters], { machine: 'hotspot', counters: [mapping], cut: false })
  f([heap, `${jvm} (deleted)`], { machine: 'hotspot', counters: [], cut: false })
  f([jvm, `${counters} (deleted)`], {
    machine: 'hotspot',
    counters: [{ ...mapping, deleted: true }],
    cut: false,
  })
})

test('OpenJ9', () => {
  const openj9 = jvm.replace('libjvm.so', 'libj9vm29.so')
  f([openj9], { machine: 'openj9', counters: [], cut: false })
  f([jvm, openj9], { machine: 'openj9', counters: [], cut: false })
})

test('the counters of others: only mapped to read, or private, are not those of this process', () => {
  f([jvm, counters.replace('rw-s', 'r--s')], { machine: 'hotspot', counters: [], cut: false })
  f([jvm, counters.replace('rw-s', 'rw-p')], { machine: 'hotspot', counters: [], cut: false })
})

test('map_files writes addresses without the zeros that pad them in maps', () => {
  f([counters.replace(/^\S+/, '00400000-00408000')], {
    counters: [{ ...mapping, range: '400000-408000' }],
    cut: false,
  })
})

test('many mappings, across the borders of what is read at once', () => {
  const others = Array.from({ length: 20_000 }, (_, i) => `${heap}/data/segment-${i}.idx`)
  f([...others, jvm, ...others, counters, ...others], {
    machine: 'hotspot',
    counters: [mapping],
    cut: false,
  })
})

test('beyond the limit the rest is not looked at, and the answer says so', () => {
  const line = `${heap}/${'x'.repeat(4000)}`
  const count = Math.ceil(limits.mapsBytes.value / line.length) + 40
  const many = Array.from({ length: count }, () => line)
  f([...many, jvm], { counters: [], cut: true })
  f(['x'.repeat(70_000), jvm], { counters: [], cut: true })
})

test('libraries that tell a runtime, an allocator or a C library, each once', () => {
  const line = (path: string) => `7f00-7f01 r-xp 00000000 fe:00 1   ${path}`
  const telling = [
    '/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.11/libcoreclr.so',
    '/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0',
    '/usr/lib/x86_64-linux-gnu/libruby-3.1.so.3.1.2',
    '/usr/lib/x86_64-linux-gnu/libnode.so.108',
    '/usr/lib/libjemalloc.so.2',
    '/opt/a b/libtcmalloc_minimal.so.4',
    '/lib/ld-musl-x86_64.so.1',
  ]
  const others = [
    '/opt/malloc/libm.so',
    '/usr/lib/libpython/x',
    '/usr/lib/libcoreclrtraceptprovider.so',
  ]
  f([...telling, ...telling, ...others].map(line), {
    counters: [],
    libraries: telling,
    cut: false,
  })
  f([`${line(telling[1]!)} (deleted)`], { counters: [], libraries: [telling[1]!], cut: false })
})

test('arenas of malloc: 64 MiB on a border of it, of which the beginning may be used', () => {
  const arena = (from: string, middle: string, to: string, free = '---p') => [
    `${from}-${middle} rw-p 00000000 00:00 0 `,
    `${middle}-${to} ${free} 00000000 00:00 0 `,
  ]
  const whole = arena('7f1e80000000', '7f1e80021000', '7f1e84000000')
  f([heap, ...whole, ...arena('7f1e84000000', '7f1e84121000', '7f1e88000000')], {
    counters: [],
    arenas: 2,
    cut: false,
  })
  f(arena('7f1e81000000', '7f1e81021000', '7f1e85000000'), { counters: [], cut: false })
  f(arena('7f1e80000000', '7f1e80021000', '7f1e88000000'), { counters: [], cut: false })
  f(arena('7f1e80000000', '7f1e80021000', '7f1e84000000', 'r--p'), { counters: [], cut: false })
})

test('the executable is named by device and inode, deleted or not', () => {
  const path = join(folder, 'maps')
  const line = '00400000-00500000 r-xp 00000000 fe:00 5461   /opt/my app/server'
  writeFileSync(path, `${heap}\n${line}.so\n${line} (deleted)\n`)
  expect(readMaps(path, '/opt/my app/server').program).toBe('fe:00 5461')
  expect(readMaps(path, '/opt/my app').program).toBeUndefined()
  expect(readMaps(path).program).toBeUndefined()
})
