import { describe, expect, test } from 'vitest'
import { CUT } from '../../../catalog/entity.ts'
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { without } from '../without.ts'
import { answerOf, MIB, verdictOf, well } from './cpu-profiles.ts'

const RULE = 'jvm.malloc-arenas'

/** 40 arenas on 64 CPUs with a quota of 2; 900 MiB beside the heap. */
const creeping: RuntimeProfile = {
  ...well,
  machineCpus: 64,
  affinityCpus: 64,
  mallocArenas: 40,
  environment: {},
  classes: 800,
  osThreads: 25,
  longRun: { seconds: 7200, nonHeapP99Bytes: 900 * MIB },
}
const f = (change: Partial<RuntimeProfile>, want: string) =>
  expect(answerOf(RULE, { ...creeping, ...change })).toBe(want)

test('what it says', () => {
  expect(verdictOf(RULE, creeping)).toMatchObject({
    severity: 'warning',
    confidence: 'inferred',
    summary: expect.stringMatching(
      /^malloc has made 40 arenas and may make 512, for 64 cores of which 2 cores are granted; 7\d\d MiB beside/,
    ) as string,
    fix: 'set MALLOC_ARENA_MAX=2 in its environment, or load jemalloc',
  })
})

describe('traps', () => {
  test('arenas reserve, they do not use: only what is unexplained matters', () => {
    f({ longRun: { seconds: 7200, nonHeapP99Bytes: 300 * MIB } }, 'fine')
  })
  test('another allocator, or a bound', () => {
    f({ otherAllocator: 'jemalloc' }, 'fine')
    f({ otherAllocator: 'musl' }, 'fine')
    f({ environment: { MALLOC_ARENA_MAX: '4' } }, 'fine')
  })
  test('a small machine, a large quota, few arenas', () => {
    f({ machineCpus: 15, affinityCpus: 15 }, 'fine')
    f({ machineCpus: 16, affinityCpus: 16 }, 'warning')
    f({ cpuLimitCores: 16, ownCpuLimitCores: 16 }, 'warning')
    f({ cpuLimitCores: 17, ownCpuLimitCores: 17 }, 'fine')
    f({ mallocArenas: 3 }, 'fine')
    f({ mallocArenas: 4 }, 'warning')
  })
})

test('too little is known', () => {
  f({ environment: { [CUT]: '' } }, 'not-judged')
  f({ jvmsInCgroup: 2 }, 'not-judged')
  for (const field of ['environment', 'mallocArenas', 'machineCpus', 'longRun'] as const) {
    expect(answerOf(RULE, without(creeping, field)), field).toBe('not-judged')
  }
  expect(answerOf(RULE, without(creeping, 'memoryLimitBytes'))).toBe('fine')
})
