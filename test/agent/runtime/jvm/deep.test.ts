import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedFile } from '../../../../agent/read/malformed.ts'
import { type Deep, readDeep } from '../../../../agent/runtime/jvm/deep.ts'
import { Image, runReading } from '../../../../agent/runtime/jvm/memory.ts'
import { limits } from '../../../../catalog/limit.ts'
import {
  BASE,
  COUNTERS_AT,
  type FakeFlag,
  type FakeImage,
  GENERATIONS,
  type Generation,
  makeImage,
  reader,
} from './fake-image.ts'

const GIB = 1n << 30n
const ALL_BITS = 2n ** 64n - 1n
const FLAGS: readonly FakeFlag[] = [
  { name: 'MaxHeapSize', type: 'size_t', value: GIB, origin: 1 },
  { name: 'MaxMetaspaceSize', type: 'size_t', value: ALL_BITS, origin: 0 },
  { name: 'ParallelGCThreads', type: 'uint', value: 8, origin: 5 },
  { name: 'ActiveProcessorCount', type: 'int', value: -1, origin: 0 },
  { name: 'ThreadStackSize', type: 'intx', value: -5, origin: 2 },
  { name: 'ReservedCodeCacheSize', type: 'uintx', value: 240, origin: 3 },
  { name: 'MaxRAM', type: 'uint64_t', value: 128n * GIB, origin: 4 },
  { name: 'MaxRAMPercentage', type: 'double', value: 62.5, origin: 6 },
  { name: 'UseG1GC', type: 'bool', value: 1, origin: 8 },
  { name: 'UseSerialGC', type: 'bool', value: 0, origin: 0 },
  // These may hold what someone wrote: they are not on the list.
  { name: 'OnOutOfMemoryError', type: 'ccstr', value: 0, origin: 1 },
  { name: 'TraceWhatever', type: 'bool', value: 1, origin: 1 },
]
const SAID = {
  MaxHeapSize: '1073741824 command-line',
  MaxRAMPercentage: '62.5 attach',
  MaxRAM: '137438953472 management',
  ActiveProcessorCount: '-1 default',
  UseSerialGC: 'false default',
  UseG1GC: 'true jimage',
  ParallelGCThreads: '8 ergonomic',
  ThreadStackSize: '-5 environment',
  MaxMetaspaceSize: '18446744073709551615 default',
  ReservedCodeCacheSize: '240 config-file',
}

const deepOf = (bytes: Uint8Array): Deep => runReading(readDeep(new Image(), BASE), reader(bytes))
const said = ({ flags }: Deep) =>
  Object.fromEntries([...flags].map(([name, { value, origin }]) => [name, `${value} ${origin}`]))

const generations = Object.keys(GENERATIONS).map(Number) as Generation[]
const forms = generations.flatMap((generation) => [
  { generation },
  { generation, littleEndian: false },
  { generation, relative: true },
])

describe.each(forms)('%j', (form) => {
  test('every flag with its value and where that is from', () => {
    expect(said(deepOf(makeImage({ ...form, flags: FLAGS })))).toEqual(SAID)
  })
  test('the place of the counters', () => {
    const bytes = makeImage({ ...form, flags: FLAGS, countersBytes: 32_768 })
    expect(deepOf(bytes).counters).toEqual({ address: COUNTERS_AT, bytes: 32_768 })
    expect(deepOf(makeImage({ ...form, flags: FLAGS }))).not.toHaveProperty('counters')
  })
})

test('flags come in the order of the list, so that a cut loses the least', () => {
  const found = said(deepOf(makeImage({ generation: 17, flags: FLAGS })))
  expect(Object.keys(found)).toEqual(Object.keys(SAID))
})

describe('flags that are left out', () => {
  const f = (flag: Partial<FakeFlag>) => {
    const made = { name: 'UseG1GC', type: 'bool', value: 1, origin: 0, ...flag }
    expect(said(deepOf(makeImage({ generation: 17, flags: [made] })))).toEqual({})
  }
  test.each([
    ['a truth that is neither true nor false', { value: 7 }],
    ['an origin that we do not know', { origin: 12 }],
    ['a text', { type: 'ccstr', value: BigInt(BASE) }],
    ['a type that we do not know', { type: 'other' }],
    ['a name that is not on the list', { name: 'OnError' }],
  ])('%s', (_, flag) => f(flag))
  test('the second of a name', () => {
    const twice = [...FLAGS, { name: 'UseG1GC', type: 'bool', value: 0, origin: 1 }]
    expect(said(deepOf(makeImage({ generation: 17, flags: twice })))).toEqual(SAID)
  })
})

describe('images that are refused', () => {
  const good = () => makeImage({ generation: 17, flags: FLAGS, countersBytes: 32_768 })
  const at = (change: (bytes: Uint8Array, view: DataView) => void) => {
    const bytes = good()
    change(bytes, new DataView(bytes.buffer))
    return bytes
  }
  test.each([
    ['nothing there', new Uint8Array(0), /expected memory/],
    ['no ELF', at((bytes) => bytes.fill(0, 0, 4)), /ELF header of 64 bits/],
    ['32 bits', at((bytes) => bytes.fill(1, 4, 5)), /ELF header of 64 bits/],
    ['no dynamic section', at((bytes) => bytes.fill(0, 120, 124)), /one of the dynamic section/],
    ['program headers nowhere', at((bytes) => bytes.fill(0xff, 32, 40)), /an address or a count/],
    ['an empty dynamic section', at((_, view) => view.setBigUint64(160, 0n, true)), /no tag/],
    [
      'counters of an impossible size',
      makeImage({ generation: 17, flags: FLAGS, countersBytes: 1 << 30 }),
      /counters of 1073741824 bytes/,
    ],
    [
      'a library that is none of HotSpot',
      withoutSymbol('gHotSpotVMStructs'),
      /no gHotSpotVMStructs/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => deepOf(bytes)).toThrow(MalformedFile)
    expect(() => deepOf(bytes)).toThrow(message)
  })
  function withoutSymbol(name: string): Uint8Array {
    const bytes = good()
    // The offset of the stride is found first: the symbol itself is asked for last.
    const from = Buffer.from(bytes).indexOf(`${name}\0`)
    bytes[from] = 0x58
    return bytes
  }
})

describe('any memory is a set of flags, or refused within the bounds', () => {
  const numRuns = process.env['LONG'] === '1' ? 1_000_000 : 10_000
  const form = fc.constantFrom<FakeImage>(
    ...forms.map((each) => ({ ...each, flags: FLAGS, countersBytes: 32_768 })),
  )
  const images = new Map<FakeImage, Uint8Array>()
  const imageOf = (of: FakeImage) => {
    const known = images.get(of) ?? makeImage(of)
    images.set(of, known)
    return known
  }
  function tryAll(bytes: Uint8Array): void {
    const image = new Image()
    let reads = 0
    let answered = 0
    const read = reader(bytes)
    try {
      runReading(readDeep(image, BASE), (range) => {
        reads += 1
        const found = read(range)
        answered += found.length
        expect(range.bytes).toBeLessThanOrEqual(limits.jvmMemoryBytes.value + 4096)
        return found
      })
    } catch (err) {
      if (!(err instanceof MalformedFile)) throw err
    }
    expect(reads).toBeLessThanOrEqual(limits.jvmMemoryReads.value)
    expect(answered).toBeLessThanOrEqual(2 * limits.jvmMemoryBytes.value)
    expect(image.cost).toEqual({ reads, bytes: answered })
  }
  test('with bytes changed where the tables are', () => {
    const used = 0x1000 + 6_000
    const changes = fc.array(fc.tuple(fc.nat(used), fc.nat(255)), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(form, changes, (of, flips) => {
        const bytes = Uint8Array.from(imageOf(of))
        for (const [place, value] of flips) bytes[place] = value
        tryAll(bytes)
      }),
      { numRuns },
    )
  })
  test('cut anywhere', () => {
    fc.assert(
      fc.property(form, fc.nat(0x3000), (of, end) => tryAll(imageOf(of).subarray(0, end))),
      { numRuns: numRuns / 10 },
    )
  })
  test('a table without end is given up', () => {
    const endlessAt = COUNTERS_AT
    const read = reader(makeImage({ generation: 17, flags: FLAGS, fieldsAt: endlessAt }))
    // Each word of it is the address of a short text: always one more field of yet another type.
    const endless = new Uint8Array(new BigUint64Array(64 << 10).fill(BigInt(BASE)).buffer)
    const run = () =>
      runReading(readDeep(new Image(), BASE), (range) =>
        range.address < endlessAt ? read(range) : endless.subarray(0, range.bytes),
      )
    expect(run).toThrow(/found "4096 fields"/)
  })
})
