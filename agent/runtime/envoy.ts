/**
 * Envoy: one worker thread a CPU, unless --concurrency says otherwise.
 * Source: thread names `wrk:worker_N`; its command line
 */
import type { PlainKind } from './kind.ts'
import { argumentOf } from './settings.ts'

export const envoy: PlainKind = {
  describe: () => ({ 'candor.runtime.name': 'envoy' }),
  believes: ({ program, tasks }) => {
    const set = Number(argumentOf(program.arguments ?? [], '--concurrency') ?? Number.NaN)
    if (set > 0) return { cpus: { value: set, confidence: 'exact', source: '--concurrency' } }
    const value = tasks.filter(({ name }) => name.startsWith('wrk:worker_')).length
    return value === 0
      ? {}
      : { cpus: { value, confidence: 'strong', source: 'threads wrk:worker_N' } }
  },
}
