/** Where other runtimes than the JVM differ from the kernel, and what concerns all of them. */
import type { FindingRule } from '../finding.ts'

const runtime = { entity: 'runtime', raiseAfter: 2, clearAfter: 3, since: '0.1' } as const
/** Judged by what is set: no load is needed. */
const setting = { ...runtime, minHistorySeconds: 0 } as const
/** Certain as soon as it is seen. */
const certain = { ...setting, raiseAfter: 1 } as const
/** Judged by what was seen. */
const behaviour = { ...runtime, minHistorySeconds: 300 } as const

export const runtimeFindings = {
  'go.gomaxprocs-exceeds-quota': {
    id: 'go.gomaxprocs-exceeds-quota',
    ...setting,
    title: 'GOMAXPROCS is above the quota',
    meaning:
      'Goroutines and the collector run on as many CPUs at once as GOMAXPROCS says. Together they spend the quota at the start of each period, and then all of them stand still. Go follows the quota since 1.25, in programs whose go.mod says 1.25 or later.',
    falseWhen:
      'The program calls runtime.GOMAXPROCS itself, by another module than go.uber.org/automaxprocs. A program that was built without modules, or had its build information taken out, is not judged.',
  },
  'go.gomemlimit': {
    id: 'go.gomemlimit',
    ...behaviour,
    title: 'The collector of Go does not know the memory limit',
    meaning:
      'Without GOMEMLIMIT the heap grows to twice what lives in it before it is collected, so that it may be killed while half of it is garbage. A goal at the limit or above helps no more than none, and a goal that is too low makes it collect without end.',
    falseWhen:
      'The program calls debug.SetMemoryLimit itself, by another module than automemlimit. Memory of C and mapped files are outside of the goal.',
  },
  'node.heap-exceeds-limit': {
    id: 'node.heap-exceeds-limit',
    ...certain,
    title: 'The heap of V8 may grow beyond the memory limit',
    meaning:
      'V8 collects when its heap is full, not when the cgroup is. Where its heap may grow to the limit the kernel kills it first (exit 137). In 256 MiB or less that is so by default.',
    falseWhen:
      'The program was seen to stay small, and a kill of what grows is wanted. Buffers are outside of the heap and are not counted.',
  },
  'node.heap-too-small': {
    id: 'node.heap-too-small',
    ...setting,
    title: 'Node.js stops its heap at half of the memory limit',
    meaning:
      'By default Node.js takes half of the limit that it sees, and aborts when that is full, while the other half lies idle. A version before, which did not see the limit, may have gone on.',
    falseWhen: 'Its memory is mostly that of buffers or native modules, and not its heap.',
    explainedBy: ['node.heap-exceeds-limit'],
  },
  'node.workers-exceed-quota': {
    id: 'node.workers-exceed-quota',
    ...setting,
    title: 'More workers of Node.js than the quota is good for',
    meaning:
      'os.cpus() lists the CPUs of the machine, whatever the quota, and a cluster is made by it. Each worker costs memory, and together they spend the quota at the start of each period.',
    falseWhen:
      'The workers mostly wait for others: told as info where they were hardly ever stopped.',
  },
  'node.uv-threadpool': {
    id: 'node.uv-threadpool',
    ...setting,
    title: 'The thread pool of libuv is far larger than the quota',
    meaning:
      'UV_THREADPOOL_SIZE is more than four times the CPUs of the quota. For cryptography and compression more threads than CPUs only wait for each other.',
    falseWhen: 'Its threads mostly wait for slow files or name servers.',
  },
  'dotnet.heap-hard-limit': {
    id: 'dotnet.heap-hard-limit',
    ...setting,
    title: 'The heap of .NET may take all of the memory limit',
    meaning:
      'Code, stacks and native memory are outside of the heap. A heap of nine tenths of the limit or more leaves them no room, and neither do several processes that each take three quarters, which is the default. Numbers in variables are hexadecimal: 75 is read as 117.',
    falseWhen: 'The heap never comes near to what it may take.',
    explainedBy: ['multi.budget'],
  },
  'dotnet.server-gc-small': {
    id: 'dotnet.server-gc-small',
    ...setting,
    title: 'Server GC of .NET in a small container',
    meaning:
      'Server GC makes a heap and threads for each CPU that it counts. More heaps than the quota has CPUs, or less than 512 MiB for all of it, cost memory and time.',
    falseWhen:
      'The heaps adapt to the load (DATAS), as they do by default since .NET 9: then it is fine.',
  },
  'python.workers-exceed-quota': {
    id: 'python.workers-exceed-quota',
    ...setting,
    title: 'More processes or threads of Python than the quota is good for',
    meaning:
      'os.cpu_count() counts the CPUs of the machine, whatever the quota, and so do the numeric libraries. Servers and pools that are sized by it run far more at once than the kernel grants.',
    falseWhen:
      'The workers mostly wait for others: told as info where they were hardly ever stopped. What reads the quota itself, such as joblib, has no more workers than that.',
  },
  'nginx.workers-exceed-quota': {
    id: 'nginx.workers-exceed-quota',
    ...setting,
    title: 'More workers of nginx than the quota is good for',
    meaning:
      '`worker_processes auto` makes a worker for each CPU of the machine, whatever the quota.',
    falseWhen: 'The workers rest: told as info where they were hardly ever stopped.',
  },
  'envoy.concurrency': {
    id: 'envoy.concurrency',
    ...setting,
    title: 'More workers of Envoy than the quota is good for',
    meaning:
      'Envoy runs a worker for each CPU of the machine unless --concurrency says otherwise; each has its own connections and buffers.',
    falseWhen: 'The proxy rests most of the time.',
  },
  'beam.schedulers-exceed-quota': {
    id: 'beam.schedulers-exceed-quota',
    ...setting,
    title: 'More schedulers of BEAM than the quota is good for',
    meaning:
      'Schedulers look for work for a while before they sleep. More of them than CPUs spend the quota on looking. Releases before 23 (cgroup v1) and 24 (v2) read no quota.',
    falseWhen:
      'Schedulers were taken offline at run time. What only the release tells is told only where the quota was seen to stop it.',
  },
  'postgres.shared-buffers': {
    id: 'postgres.shared-buffers',
    ...setting,
    title: 'The shared memory of PostgreSQL leaves its backends too little',
    meaning:
      'shared_buffers is shown as cache and yet cannot be dropped. What it takes of the limit is missing for backends, which the kernel then kills, and with one of them the postmaster restarts all.',
    falseWhen:
      'Something else in the same cgroup holds the shared memory, or a backend needs far less than 64 MiB.',
  },
  'ruby.workers-exceed-quota': {
    id: 'ruby.workers-exceed-quota',
    ...setting,
    title: 'More workers of Ruby than the quota is good for',
    meaning:
      'WEB_CONCURRENCY=auto of puma, and whatever else goes by Etc.nprocessors, makes a worker for each CPU that the process may run on, whatever the quota. Told as info.',
    falseWhen: 'The workers mostly wait for others.',
  },
} as const satisfies Record<string, FindingRule>
