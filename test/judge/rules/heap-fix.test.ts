/** What is advised, done: the JVM starts, its heap is the one that was meant, and all of it fits. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { choiceOf } from '../../../judge/ergonomics/jvm-choice.ts'
import { sizeAtStart } from '../../../judge/ergonomics/jvm-heap.ts'
import { seenMemory } from '../../../judge/ergonomics/jvm-sight.ts'
import type { Neighbour, RuntimeProfile } from '../../../judge/profile.ts'
import { judgeHeapExceedsLimit } from '../../../judge/rules/jvm-heap-exceeds-limit.ts'
import { judgeHeapPlusNonheap } from '../../../judge/rules/jvm-heap-plus-nonheap-exceeds-limit.ts'
import { MIB, well } from './cpu-profiles.ts'

const FORM =
  /^(?:replace (?<old>.+?) by|add) (?<wanted>-\S+?)(?:, with (?<start>.+?))?(?: \(.*?\))?(?:, and bound the rest by (?<bounds>.+))?$/

/** The flags after somebody has done what the fix says. */
function applied(flags: readonly string[], fix: string): string[] {
  const { old = '', wanted = '', start = '', bounds = '' } = FORM.exec(fix)?.groups ?? {}
  if (wanted === '') throw new Error(`not understood: ${fix}`)
  const gone = new Set(old.split(' and '))
  const instead = new Map(
    start.split(' and ').map((each) => each.split(' instead of ').toReversed() as [string, string]),
  )
  return [
    ...flags.filter((flag) => !gone.has(flag)).map((flag) => instead.get(flag) ?? flag),
    wanted,
    ...bounds.split(' ').filter((each) => each !== ''),
  ]
}

const size = fc.integer({ min: 64, max: 9000 }).map((mib) => `${mib}m`)
const flags = fc.uniqueArray(
  fc.oneof(
    size.map((each) => `-Xmx${each}`),
    size.map((each) => `-Xms${each}`),
    size.map((each) => `-XX:MaxHeapSize=${each}`),
    size.map((each) => `-XX:MaxDirectMemorySize=${each}`),
    size.map((each) => `-XX:MaxRAM=${each}`),
    fc.integer({ min: 1, max: 100 }).map((share) => `-XX:MaxRAMPercentage=${share}.0`),
    fc.integer({ min: 1, max: 100 }).map((share) => `-XX:MinRAMPercentage=${share}.0`),
    fc.constant('-XX:-UseContainerSupport'),
  ),
  { maxLength: 4 },
)
const sidecar = fc
  .integer({ min: 0, max: 400 })
  .map((mib): Neighbour[] =>
    mib < 50 ? [] : [{ pid: '7', runtime: 'envoy', name: 'envoy', rssAnonBytes: mib * MIB }],
  )
const collector = fc.constantFrom('Serial', 'Parallel', 'G1', 'ZGC', 'Shenandoah')
const jvms = fc
  .record({
    limitMib: fc.integer({ min: 100, max: 16_000 }),
    flags,
    neighbours: sidecar,
    collector,
    classes: fc.integer({ min: 500, max: 30_000 }),
    osThreads: fc.integer({ min: 10, max: 400 }),
    main: fc.constantFrom('shop.Main', 'kafka.Kafka'),
    measuredMib: fc.option(fc.integer({ min: 50, max: 2000 }), { nil: undefined }),
  })
  .map(({ limitMib, measuredMib, ...more }): RuntimeProfile =>
    sized({
      ...well,
      ...more,
      memoryLimitBytes: limitMib * MIB,
      ownMemoryLimitBytes: limitMib * MIB,
      ...(measuredMib !== undefined && {
        longRun: { seconds: 86_400, nonHeapP99Bytes: measuredMib * MIB },
      }),
    }),
  )

const COLLECTOR_FLAGS: Readonly<Record<string, string>> = {
  Serial: '-XX:+UseSerialGC',
  Parallel: '-XX:+UseParallelGC',
  G1: '-XX:+UseG1GC',
  ZGC: '-XX:+UseZGC',
  Shenandoah: '-XX:+UseShenandoahGC',
}

/** With the heap that it would make of its flags and of what it sees. */
const sized = (jvm: RuntimeProfile): RuntimeProfile => ({
  ...jvm,
  heapMaxBytes: choiceOf([...(jvm.flags ?? []), COLLECTOR_FLAGS[jvm.collector!]!], jvm.version, {
    cpus: 2,
    memoryBytes: seenMemory(jvm)!,
  }).heapMaxBytes,
})

test('a percentage is not advised where MinRAMPercentage decides, wherever somebody set it', () => {
  const fix = (change: Partial<RuntimeProfile>) => {
    const jvm = {
      ...well,
      flags: [],
      memoryLimitBytes: 512 * MIB,
      ownMemoryLimitBytes: 512 * MIB,
      collector: 'Serial',
      heapMaxBytes: 600 * MIB,
      first: { memoryLimitBytes: 2400 * MIB, fromStart: true },
      ...change,
    }
    const found = judgeHeapExceedsLimit(jvm)
    return found.kind === 'finding' ? found.verdict.fix : found.kind
  }
  const SIZE = /-Xmx\d+m \(in so little memory a JVM does not go by MaxRAMPercentage\)$/
  expect(fix({ flags: ['-Xmx600m'] })).toMatch(/MaxRAMPercentage=/)
  expect(fix({ flags: ['-Xmx600m', '-XX:MinRAMPercentage=20.0'] })).toMatch(SIZE)
  const flag = (origin: 'config-file' | 'default') => ({
    MinRAMPercentage: { value: '20.000000', origin },
  })
  expect(fix({ flags: ['-Xmx600m'], finalFlags: flag('config-file') })).toMatch(SIZE)
  expect(fix({ flags: ['-Xmx600m'], finalFlags: flag('default') })).toMatch(/MaxRAMPercentage=/)
})

test.each([judgeHeapExceedsLimit, judgeHeapPlusNonheap])('%o: its fix mends it', (judge) => {
  let mended = 0
  fc.assert(
    fc.property(jvms, (jvm) => {
      // With more at the start than at most it would not be there.
      if ((sizeAtStart(jvm.flags!) ?? 0) > jvm.heapMaxBytes!) return
      const found = judge(jvm)
      if (found.kind !== 'finding' || found.verdict.severity === 'info') return
      const { fix, fixValues } = found.verdict
      const limit = fixValues['memoryLimitBytes'] ?? jvm.memoryLimitBytes!
      const limited = { ...jvm, memoryLimitBytes: limit, ownMemoryLimitBytes: limit }
      const raised = /^raise .*? MiB(?: and (?<flags>.*))?: what a JVM/.exec(fix)
      const flagged = raised === null ? fix : (raised.groups?.['flags'] ?? '')
      const after =
        flagged === '' ? sized(limited) : sized({ ...limited, flags: applied(jvm.flags!, flagged) })
      const heap = after.heapMaxBytes!
      expect(sizeAtStart(after.flags!) ?? 0, fix).toBeLessThanOrEqual(heap)
      // A heap is a whole number of regions.
      expect(heap, fix).toBeLessThanOrEqual((fixValues['xmxBytes'] ?? heap) + 8 * MIB)
      for (const each of [judgeHeapExceedsLimit, judgeHeapPlusNonheap]) {
        const again = each(after)
        const severity = again.kind === 'finding' ? again.verdict.severity : again.kind
        expect(['fine', 'info'], `${fix} ${JSON.stringify(again)}`).toContain(severity)
      }
      mended += 1
    }),
    { numRuns: 1000, seed: 1 },
  )
  expect(mended).toBeGreaterThan(50)
})
