/** Rules about other runtimes than the JVM, and about any of them. */
import { judgeBeamSchedulers } from './beam-schedulers-exceed-quota.ts'
import { judgeDotnetHeap } from './dotnet-heap-hard-limit.ts'
import { judgeServerGc } from './dotnet-server-gc-small.ts'
import { judgeEnvoyConcurrency } from './envoy-concurrency.ts'
import { judgeGoMaxProcs } from './go-gomaxprocs-exceeds-quota.ts'
import { judgeGoMemLimit } from './go-gomemlimit.ts'
import { judgeNginxWorkers } from './nginx-workers-exceed-quota.ts'
import { judgeNodeHeap } from './nodejs-heap-exceeds-limit.ts'
import { judgeNodeHeapTooSmall } from './nodejs-heap-too-small.ts'
import { judgeUvThreadpool } from './nodejs-uv-threadpool.ts'
import { judgeNodeWorkers } from './nodejs-workers-exceed-quota.ts'
import { judgeSharedBuffers } from './postgresql-shared-buffers.ts'
import { judgePythonWorkers } from './python-workers-exceed-quota.ts'
import { judgeRubyWorkers } from './ruby-workers-exceed-quota.ts'
import type { RuntimeRule } from './rule.ts'

export const otherRuntimeRules: readonly RuntimeRule[] = [
  { id: 'go.gomaxprocs-exceeds-quota', about: ['go'], judge: judgeGoMaxProcs },
  { id: 'go.gomemlimit', about: ['go'], judge: judgeGoMemLimit },
  { id: 'node.heap-exceeds-limit', about: ['nodejs'], judge: judgeNodeHeap },
  { id: 'node.heap-too-small', about: ['nodejs'], judge: judgeNodeHeapTooSmall },
  { id: 'node.workers-exceed-quota', about: ['nodejs'], judge: judgeNodeWorkers },
  { id: 'node.uv-threadpool', about: ['nodejs'], judge: judgeUvThreadpool },
  { id: 'dotnet.heap-hard-limit', about: ['dotnet'], judge: judgeDotnetHeap },
  { id: 'dotnet.server-gc-small', about: ['dotnet'], judge: judgeServerGc },
  { id: 'python.workers-exceed-quota', about: ['python'], judge: judgePythonWorkers },
  { id: 'nginx.workers-exceed-quota', about: ['nginx'], judge: judgeNginxWorkers },
  { id: 'envoy.concurrency', about: ['envoy'], judge: judgeEnvoyConcurrency },
  { id: 'beam.schedulers-exceed-quota', about: ['beam'], judge: judgeBeamSchedulers },
  { id: 'postgres.shared-buffers', about: ['postgresql'], judge: judgeSharedBuffers },
  { id: 'ruby.workers-exceed-quota', about: ['ruby'], judge: judgeRubyWorkers },
]
