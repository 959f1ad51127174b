import { fstatSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Capabilities } from '../../../../agent/runtime/jvm/capabilities.ts'

const MIB = 1 << 20
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-library-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A file that is no ELF file, so that all of it is searched, with texts at their places. */
function library(name: string, sizeBytes: number, texts: Readonly<Record<string, number>>) {
  const bytes = Buffer.alloc(sizeBytes)
  for (const [text, at] of Object.entries(texts)) bytes.write(text, at)
  writeFileSync(join(folder, name), bytes)
  return () => {
    const fd = openSync(join(folder, name), 'r')
    return { fd, stats: fstatSync(fd), fileSystem: 'tmpfs' }
  }
}

/** Passes until the answer is there, and the answer. */
function search(capabilities: Capabilities, open: ReturnType<typeof library>) {
  for (let passes = 1; passes < 100; passes += 1) {
    capabilities.startPass()
    const found = capabilities.of(open)
    if (found !== undefined) return { passes, found }
  }
  throw new Error('the search does not end')
}

test('what is in the library, in the order of the list, a piece a pass', () => {
  const open = library('a', 3.5 * MIB, { 'cpu.max': 0, UseContainerSupport: 3 * MIB })
  expect(search(new Capabilities(), open)).toEqual({
    passes: 4,
    found: 'UseContainerSupport\ncpu.max',
  })
})

test('a text across the border of two pieces', () => {
  const open = library('a', 2 * MIB, { 'Adjusting controller path': MIB - 7 })
  expect(search(new Capabilities(), open).found).toBe('Adjusting controller path')
})

test('a library that can nothing says so, which is not unknown', () => {
  expect(search(new Capabilities(), library('a', 100, {})).found).toBe('')
  expect(search(new Capabilities(), library('b', 0, {})).found).toBe('')
})

test('a library is searched once, and only one piece a pass of all', () => {
  const capabilities = new Capabilities()
  const [first, second] = [library('a', MIB, { 'cpu.max': 9 }), library('b', MIB, {})]
  capabilities.startPass()
  expect(capabilities.of(first)).toBe('cpu.max')
  expect(capabilities.of(second)).toBeUndefined()
  expect(capabilities.of(first)).toBe('cpu.max')
  capabilities.startPass()
  expect(capabilities.of(second)).toBe('')
})

test('a library that was replaced is another', () => {
  const capabilities = new Capabilities()
  expect(search(capabilities, library('a', 100, {})).found).toBe('')
  rmSync(join(folder, 'a'))
  expect(search(capabilities, library('a', 200, { 'cpu.max': 9 })).found).toBe('cpu.max')
})

test('every file is closed again', () => {
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  search(new Capabilities(), library('a', 3 * MIB, {}))
  expect(open()).toBe(before)
})
