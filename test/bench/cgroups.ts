/** Many cgroups of the bench's own, one sleeping process in each, removed at the end. */
import { OwnCgroup } from '../own-cgroup.ts'

export interface ManyCgroups extends AsyncDisposable {
  /** Path that all of them lie below. */
  readonly path: string
}

export function makeCgroups(count: number): ManyCgroups {
  const root = new OwnCgroup()
  const cgroups: OwnCgroup[] = []
  for (let i = 0; i < count; i++) {
    const cgroup = new OwnCgroup(root)
    cgroups.push(cgroup.limitMemory(64 << 20).limitCpu(0.5))
    cgroup.spawn('sleep', ['3600'])
  }
  return {
    path: root.path,
    async [Symbol.asyncDispose]() {
      for (const cgroup of cgroups) await cgroup.remove()
      await root.remove()
    },
  }
}
