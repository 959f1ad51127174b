import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBytes, readRecord } from '../../../agent/runtime/read-record.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-record-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const BUFFER_BYTES = 64 << 10
const text = (length: number) => Array.from({ length }, (_, i) => String(i % 10)).join('')
function write(length: number): string {
  const path = join(folder, String(length))
  writeFileSync(path, text(length))
  return path
}

test('what /proc shows of this process', () => {
  expect(readRecord('/proc/self/status')).toContain(`\nPid:\t${process.pid}\n`)
  const { bytes, cut } = readBytes('/proc/self/cmdline', BUFFER_BYTES)
  expect(bytes.toString()).toContain(process.execPath)
  expect(cut).toBe(false)
  expect(() => readRecord('/proc/self/none')).toThrow('ENOENT')
})

test.each([0, 1, BUFFER_BYTES - 1, BUFFER_BYTES, BUFFER_BYTES + 1, 3 * BUFFER_BYTES + 5])(
  '%i bytes, shorter and longer than the buffer',
  (length) => {
    const path = write(length)
    expect(readRecord(path)).toBe(text(length))
    const { bytes, cut } = readBytes(path, 2 ** 30)
    expect(bytes.toString()).toBe(text(length))
    expect(cut).toBe(false)
  },
)

test('of what is longer than the limit the beginning', () => {
  const path = write(5 * BUFFER_BYTES)
  const { bytes, cut } = readBytes(path, 2 * BUFFER_BYTES + 7)
  expect(cut).toBe(true)
  expect(bytes.length).toBeGreaterThan(2 * BUFFER_BYTES + 7)
  expect(text(5 * BUFFER_BYTES).startsWith(bytes.toString())).toBe(true)
})
