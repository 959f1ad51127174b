/** Runtimes other than the JVM as their rules are given them: each with nothing to complain about. */
import type { RuntimeProfile } from '../../../judge/profile.ts'
import { calm, GIB, MIB, well } from './cpu-profiles.ts'

/** On 8 CPUs with a quota of 2 and 1 GiB, quiet for ten minutes, its settings all read and empty. */
const plain: RuntimeProfile = {
  kind: 'runtime',
  runtime: 'go',
  entity: well.entity,
  name: 'pid 42 (server)',
  machine: 'tower',
  ageSeconds: 86_400,
  osThreads: 12,
  rssAnonBytes: 100 * MIB,
  affinityCpus: 8,
  environment: {},
  arguments: [],
  workers: 1,
  seesCgroups: true,
  cgroup: '/c',
  memoryLimitBytes: GIB,
  memoryLimitCgroup: '/c',
  ownMemoryLimitBytes: GIB,
  cpuLimitCores: 2,
  ownCpuLimitCores: 2,
  machineMemoryBytes: 64 * GIB,
  machineCpus: 8,
  machineCgroups: 'v2',
  jvmsInCgroup: 0,
  recent: calm,
  longRun: { seconds: 7_200, rssAnonP99Bytes: 120 * MIB },
}

export const go: RuntimeProfile = {
  ...plain,
  version: '1.25.3',
  build: { path: 'example.org/server', mod: 'example.org/server' },
}
export const nodejs: RuntimeProfile = { ...plain, runtime: 'nodejs', version: '24.21.0' }
export const dotnet: RuntimeProfile = { ...plain, runtime: 'dotnet', version: '8.0.11', build: {} }
export const python: RuntimeProfile = {
  ...plain,
  runtime: 'python',
  version: '3.12',
  osThreads: 3,
}
export const beam: RuntimeProfile = {
  ...plain,
  runtime: 'beam',
  version: '27',
  description: 'erts 15.2',
}
export const nginx: RuntimeProfile = {
  ...plain,
  runtime: 'nginx',
  version: '1.26.3',
  workers: 3,
  believedCpus: { value: 2, confidence: 'strong', source: 'worker processes' },
}
export const envoy: RuntimeProfile = {
  ...plain,
  runtime: 'envoy',
  believedCpus: { value: 2, confidence: 'strong', source: 'threads wrk:worker_N' },
}
export const postgresql: RuntimeProfile = {
  ...plain,
  runtime: 'postgresql',
  version: '16.4',
  workers: 8,
  cgroupMemory: { shmemBytes: 256 * MIB },
}
export const ruby: RuntimeProfile = { ...plain, runtime: 'ruby', version: '3.3.0' }
