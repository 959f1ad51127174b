/** What the rules about other runtimes, and about all of them, rest on. */
import type { anyRuntimeFindings } from '../any-runtime.ts'
import { issue, link, type Link, pull } from '../link.ts'
import type { runtimeFindings } from '../runtimes.ts'
import { bandwidth, cgroup2, nodeCli, pythonQuota } from './shared.ts'

export const runtimeLinks = {
  'go.gomaxprocs-exceeds-quota': [
    link('Go: GOMAXPROCS that knows containers', 'https://go.dev/blog/container-aware-gomaxprocs'),
    issue('golang/go', 81180, 'only the own cgroup is looked at'),
    link('automaxprocs', 'https://github.com/uber-go/automaxprocs'),
  ],
  'go.gomemlimit': [
    link('Go: a guide to the garbage collector', 'https://go.dev/doc/gc-guide'),
    issue('golang/go', 75164, 'a memory limit by the cgroup, proposed'),
    link('automemlimit', 'https://github.com/KimMachineGun/automemlimit'),
  ],
  'node.heap-exceeds-limit': [
    issue('nodejs/node', 64646, 'the default above a small limit'),
    issue('nodejs/node', 47259, 'limits of cgroup v2 that were not seen'),
    nodeCli,
  ],
  'node.heap-too-small': [
    pull('TryGhost/ActivityPub', 2038, 'aborts with half of the container free'),
    issue('nodejs/node', 47259, 'since when it sees limits of cgroup v2'),
    nodeCli,
  ],
  'node.workers-exceed-quota': [
    link(
      'Node.js: os.availableParallelism()',
      'https://nodejs.org/api/os.html#osavailableparallelism',
    ),
    bandwidth,
  ],
  'node.uv-threadpool': [
    link('libuv: its pool of threads', 'https://docs.libuv.org/en/v1.x/threadpool.html'),
  ],
  'dotnet.heap-hard-limit': [
    link(
      '.NET: support for memory limits',
      'https://github.com/dotnet/designs/blob/main/accepted/2019/support-for-memory-limits.md',
    ),
    link(
      '.NET: settings of the garbage collector',
      'https://learn.microsoft.com/dotnet/core/runtime-config/garbage-collector',
    ),
  ],
  'dotnet.server-gc-small': [
    link(
      '.NET: workstation and server garbage collection',
      'https://learn.microsoft.com/dotnet/standard/garbage-collection/workstation-server-gc',
    ),
    pull('dotnet/docs', 50280, 'heaps that adapt to the load'),
  ],
  'python.workers-exceed-quota': [
    pythonQuota,
    issue('python/cpython', 80235, 'cpu_count() and containers'),
    link('gunicorn: how many workers', 'https://docs.gunicorn.org/en/stable/design.html'),
  ],
  'nginx.workers-exceed-quota': [
    issue('nginx/docker-nginx', 31, 'worker_processes auto in a container'),
    link(
      'nginx: worker_processes',
      'https://nginx.org/en/docs/ngx_core_module.html#worker_processes',
    ),
  ],
  'envoy.concurrency': [
    issue('envoyproxy/envoy', 45410, 'what --cpuset-threads sees of a quota'),
    link(
      'Envoy: command line',
      'https://www.envoyproxy.io/docs/envoy/latest/operations/cli#cmdoption-concurrency',
    ),
  ],
  'beam.schedulers-exceed-quota': [
    pull('erlang/otp', 8259, 'the quota of the own cgroup on v2'),
    issue('erlang/otp', 7401, 'a mountinfo that is not understood'),
    issue('vernemq/vernemq', 2207, 'schedulers that wait busily'),
  ],
  'postgres.shared-buffers': [
    link(
      'PostgreSQL: shared_buffers and work_mem',
      'https://www.postgresql.org/docs/current/runtime-config-resource.html',
    ),
    cgroup2,
  ],
  'ruby.workers-exceed-quota': [
    link('Puma: how many workers', 'https://github.com/puma/puma/blob/main/docs/deployment.md'),
    link(
      'Ruby: Etc.nprocessors',
      'https://docs.ruby-lang.org/en/master/Etc.html#method-c-nprocessors',
    ),
  ],
  'generic.host-sized-pool': [bandwidth, pythonQuota],
  'multi.budget': [cgroup2],
  'generic.throttled-though-idle': [bandwidth],
} as const satisfies Record<
  keyof typeof runtimeFindings | keyof typeof anyRuntimeFindings,
  readonly Link[]
>
