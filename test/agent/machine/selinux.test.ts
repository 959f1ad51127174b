import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseCacheStats, parseHashStats, selinux } from '../../../agent/machine/selinux.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineSelinux } from '../../../catalog/tables/machine-kernel.ts'
import { copy, fixture, folder, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, openReader, readRows, shown } from './open.ts'

const parse = (of: typeof parseCacheStats, text: string) => {
  const values = new Float64Array(machineSelinux.metrics.length)
  of(text, values)
  return values
}

test('on: modes, and the cache summed over CPUs', () => {
  expect(shown(readRows(selinux, fixture('hardware-made')))['']).toEqual({
    enabled: 1,
    config_mode: 1,
    current_mode: 1,
    avc_lookups: 91_658_494,
    avc_hits: 91_637_019,
    avc_misses: 21_475,
    avc_allocations: 21_475,
    avc_reclaims: 20_654,
    avc_frees: 20_856,
    avc_hash_entries: 503,
    avc_hash_buckets_used: 512,
    avc_hash_buckets_available: 512,
    avc_hash_longest_chain: 7,
    avc_threshold: 512,
  })
})

test('off in the kernel is 0', () => {
  expect(shown(readRows(selinux, fixture('hybrid-firecracker-6.18')))).toEqual({
    '': { enabled: 0 },
  })
})

describe('not known', () => {
  test('on in the kernel, and not mounted here', () => {
    const root = copy('hardware-made')
    rmSync(`${root}/sys/fs/selinux`, { recursive: true })
    expect(isOff(openReader(selinux, root)(0))).toBe(true)
  })
  test('without /proc', () => expect(isOff(openReader(selinux, folder())(0))).toBe(true))
})

describe('the mode after the next boot', () => {
  const f = (config: string, want: number) => {
    const root = copy('hardware-made')
    write(root, { 'etc/selinux/config': config })
    expect(shown(readRows(selinux, root))['']!['config_mode']).toBe(want)
  }
  test('permissive', () => f('# x\nSELINUX=permissive\n', 0))
  test('disabled', () => f('SELINUX=disabled\n', -1))
  test('not said', () => f('\n', -1))
})

describe('malformed', () => {
  const f = (of: typeof parseCacheStats, text: string) =>
    expect(() => parse(of, text)).toThrow(MalformedFile)
  test('another heading', () => f(parseCacheStats, 'looks hits\n1 2\n'))
  test('too few counts', () => f(parseCacheStats, 'lookups hits\n1\n'))
  test('no hash', () => f(parseHashStats, 'entries: many\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['lookups hits\n', '1 2\n'], (bytes) =>
    parse(parseCacheStats, bytes.toString()),
  )
  recordOrMalformed(['entries: 1\nbuckets used: 1/2\n', 'longest chain: 7'], (bytes) =>
    parse(parseHashStats, bytes.toString()),
  )
})
