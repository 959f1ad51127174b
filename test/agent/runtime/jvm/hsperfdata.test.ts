import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedFile } from '../../../../agent/read/malformed.ts'
import {
  countersOf,
  isCurrent,
  parseHsperfdata,
  readHeader,
} from '../../../../agent/runtime/jvm/hsperfdata.ts'
import { byteSwapped, fixtureBytes, fixtureNames, fixtureText, viewOf } from './fixtures.ts'

/** `name=value` lines of jstat; texts are quoted, and a few of them hold line breaks or quotes. */
function jstat(name: string): Map<string, string | number> {
  const entries = new Map<string, string | number>()
  for (const line of fixtureText(name, 'jstat-snap').trimEnd().split('\n')) {
    const at = line.indexOf('=')
    const value = line.slice(at + 1)
    entries.set(line.slice(0, at), value.startsWith('"') ? value.slice(1, -1) : Number(value))
  }
  return entries
}

const snapped = fixtureNames.filter((name) => name !== 'jdk17-overflow-8k')

describe.each([
  ['as written', (bytes: Uint8Array<ArrayBuffer>) => bytes],
  ['with bytes swapped', byteSwapped],
])('%s', (_, form) => {
  test.each(snapped)('%s holds what jstat says, entry by entry', (name) => {
    const view = viewOf(form(fixtureBytes(name)))
    const directory = parseHsperfdata(view)
    const counters = countersOf(directory, view)
    const found = new Map<string, string | number | undefined>()
    for (const [key, place] of directory.places)
      found.set(key, place.length > 0 ? counters.text(key) : counters.number(key))
    const { header } = directory
    found.set('sun.perfdata.majorVersion', header.major)
    found.set('sun.perfdata.minorVersion', header.minor)
    found.set('sun.perfdata.overflow', header.overflowBytes)
    found.set('sun.perfdata.size', view.byteLength)
    found.set('sun.perfdata.timestamp', header.changedTicks)
    found.set('sun.perfdata.used', header.usedBytes)
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(jstat(name)))
    expect(directory.complete).toBe(true)
    expect(header.accessible).toBe(true)
  })
})

test('a file that overflowed lacks its late entries and is otherwise whole', () => {
  const view = viewOf(fixtureBytes('jdk17-overflow-8k'))
  const directory = parseHsperfdata(view)
  const counters = countersOf(directory, view)
  expect(directory.header.overflowBytes).toBe(4200)
  expect(directory.complete).toBe(true)
  expect(counters.text('sun.gc.policy.name')).toBe('GarbageFirst')
  expect(counters.number('sun.gc.generation.1.maxCapacity')).toBeGreaterThan(200 << 20)
  expect(counters.text('java.rt.vmArgs')).toBeUndefined()
  expect(counters.number('sun.os.hrt.frequency')).toBeUndefined()
})

test('a number is no text, a text is no number, and what is not there is neither', () => {
  const view = viewOf(fixtureBytes('jdk25-zgc'))
  const counters = countersOf(parseHsperfdata(view), view)
  expect(counters.number('java.property.java.version')).toBeUndefined()
  expect(counters.text('java.threads.live')).toBeUndefined()
  expect(counters.number('sun.gc.policy.collectors')).toBeUndefined()
  expect(counters.text('sun.gc.policy.name')).toBeUndefined()
})

describe('headers that are refused', () => {
  const withByte = (at: number, value: number) => {
    const bytes = fixtureBytes('jdk25-zgc')
    bytes[at] = value
    return viewOf(bytes)
  }
  test.each([
    ['empty', viewOf(new Uint8Array(0)), /expected a header of 32 bytes/],
    ['short', viewOf(fixtureBytes('jdk25-zgc').slice(0, 31)), /found "31 bytes"/],
    ['magic', withByte(0, 0xcb), /expected the magic cafec0c0, found "cbfec0c0"/],
    ['byte order', withByte(4, 2), /expected byte order 0 or 1/],
    ['version', withByte(5, 3), /expected version 2, found "version 3"/],
    ['entry offset', withByte(27, 0x7f), /expected an offset in the file/],
    ['negative entry offset', withByte(27, 0xff), /expected an offset in the file/],
    ['negative use', withByte(11, 0xff), /expected positive counts/],
    ['negative entries', withByte(31, 0xff), /expected positive counts/],
  ])('%s', (_, view, message) => {
    expect(() => parseHsperfdata(view)).toThrow(MalformedFile)
    expect(() => parseHsperfdata(view)).toThrow(message)
  })
})

describe('an entry caught half written ends the directory', () => {
  const bytes = fixtureBytes('jdk17-g1-apc8-quota1')
  const view = viewOf(bytes)
  /** Where entry `n` begins. */
  const entry = (n: number) => {
    let at = view.getInt32(24, true)
    for (let i = 0; i < n; i += 1) at += view.getInt32(at, true)
    return at
  }
  const torn = (change: (copy: Uint8Array, at: number) => void) => {
    const copy = Uint8Array.from(bytes)
    change(copy, entry(7))
    return parseHsperfdata(viewOf(copy))
  }
  test.each([
    ['no length', (copy: Uint8Array, at: number) => copy.fill(0, at, at + 4)],
    ['all zero', (copy: Uint8Array, at: number) => copy.fill(0, at)],
    ['negative length', (copy: Uint8Array, at: number) => copy.fill(0xff, at, at + 4)],
    ['name offset outside', (copy: Uint8Array, at: number) => copy.fill(0x7f, at + 4, at + 8)],
    ['no name', (copy: Uint8Array, at: number) => copy.fill(0, at + 20, at + 24)],
    ['name without end', (copy: Uint8Array, at: number) => copy.fill(0x61, at + 20)],
  ])('%s', (_, change) => {
    const directory = torn(change)
    expect(directory.complete).toBe(false)
    expect(directory.places.size).toBe(7)
    expect(directory.endBytes).toBe(entry(7))
  })
  test('data outside of its entry cost that entry alone', () => {
    const directory = torn((copy, at) => copy.fill(0x7f, at + 16, at + 20))
    expect(directory.complete).toBe(true)
    expect(directory.places.size).toBe(parseHsperfdata(view).places.size - 1)
  })
  test('an unknown type costs that entry alone', () => {
    const directory = torn((copy, at) => copy.set([0x3f], at + 12))
    expect(directory.places.size).toBe(parseHsperfdata(view).places.size - 1)
  })
})

describe('the places of an earlier read', () => {
  const bytes = fixtureBytes('jdk21-shenandoah')
  const directory = parseHsperfdata(viewOf(bytes))
  const changed = (at: number) => {
    const copy = Uint8Array.from(bytes)
    copy[at]! ^= 1
    return viewOf(copy)
  }
  test('hold while the header is the same, and yield the new values', () => {
    const copy = Uint8Array.from(bytes)
    const at = directory.places.get('java.threads.live')!.offset
    viewOf(copy).setBigInt64(at, 4711n, true)
    expect(isCurrent(directory, viewOf(copy))).toBe(true)
    expect(countersOf(directory, viewOf(copy)).number('java.threads.live')).toBe(4711)
  })
  test.each([
    ['used', 8],
    ['time of change', 16],
    ['number of entries', 28],
    ['accessible', 7],
  ])('do not hold after a change of %s', (_, at) => {
    expect(isCurrent(directory, changed(at))).toBe(false)
  })
  test('do not hold for a file that became shorter', () => {
    expect(isCurrent(directory, viewOf(bytes.slice(0, directory.endBytes - 1)))).toBe(false)
  })
})

/** Parses and reads every place: out of bounds would throw RangeError, not MalformedFile. */
function readAll(bytes: Uint8Array): void {
  const view = viewOf(bytes)
  let directory
  try {
    directory = parseHsperfdata(view)
  } catch (err) {
    if (err instanceof MalformedFile) return
    throw err
  }
  const counters = countersOf(directory, view)
  for (const name of directory.places.keys()) {
    counters.number(name)
    counters.text(name)
  }
  expect(directory.endBytes).toBeLessThanOrEqual(view.byteLength)
  expect(directory.places.size).toBeLessThanOrEqual(readHeader(view).entries)
}

describe('any bytes are a directory or a MalformedFile', () => {
  const isLong = process.env['LONG'] === '1'
  const numRuns = isLong ? 1_000_000 : 3_500
  const fixture = fc.constantFrom(...fixtureNames).map(fixtureBytes)
  test.each(fixtureNames)('%s, cut at every length', (name) => {
    const bytes = fixtureBytes(name)
    const swapped = byteSwapped(bytes)
    const step = isLong ? 1 : 11
    for (let length = 0; length <= bytes.length; length += step) {
      readAll(bytes.subarray(0, length))
      readAll(swapped.subarray(0, length))
    }
  })
  test('cut anywhere', () => {
    fc.assert(
      fc.property(fixture, fc.nat(32_768), (bytes, at) => readAll(bytes.slice(0, at))),
      { numRuns },
    )
  })
  test('with bytes changed anywhere before the end of use', () => {
    const changes = fc.array(fc.tuple(fc.nat(13_000), fc.nat(255)), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fixture, changes, fc.boolean(), (bytes, flips, swap) => {
        const copy = swap ? byteSwapped(bytes) : bytes
        for (const [at, value] of flips) if (at < copy.length) copy[at] = value
        readAll(copy)
      }),
      { numRuns },
    )
  })
  test('random, behind a valid start', () => {
    const start = Uint8Array.from([0xca, 0xfe, 0xc0, 0xc0, 1, 2, 0, 1])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), fc.boolean(), (bytes, valid) =>
        readAll(valid ? Uint8Array.from([...start, ...bytes]) : bytes),
      ),
      { numRuns },
    )
  })
})
