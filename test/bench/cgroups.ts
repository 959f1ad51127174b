/** Many cgroups of the bench's own, one sleeping process in each, removed at the end. */
import type { Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { OwnCgroup } from '../own-cgroup.ts'

export interface ManyCgroups extends AsyncDisposable {
  /** Path that all of them lie below. */
  readonly path: string
  /** Has each process run for a moment, as most do in most passes of a busy machine. */
  stir(): Promise<void>
}

/** Time in which all that was stirred sleeps again. */
const STIR_MS = 300

export function makeCgroups(count: number): ManyCgroups {
  const root = new OwnCgroup()
  const cgroups: OwnCgroup[] = []
  const inputs: Writable[] = []
  for (let i = 0; i < count; i++) {
    const cgroup = new OwnCgroup(root)
    cgroups.push(cgroup.limitMemory(64 << 20).limitCpu(0.5))
    inputs.push(cgroup.spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] }).stdin!)
  }
  return {
    path: root.path,
    stir: async () => {
      for (const input of inputs) input.write('\n')
      await wait(STIR_MS)
    },
    async [Symbol.asyncDispose]() {
      for (const cgroup of cgroups) await cgroup.remove()
      await root.remove()
    },
  }
}
