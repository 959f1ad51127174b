/**
 * Which of a process's settings may leave its machine: all others may hold secrets and are dropped
 * unread. Values are cut at `limits.labelBytes`.
 */

export const runtimeVariables: readonly string[] = [
  'GOMAXPROCS',
  'GOMEMLIMIT',
  'GOGC',
  'GODEBUG',
  'NODE_OPTIONS',
  'NODE_UNIQUE_ID',
  'UV_THREADPOOL_SIZE',
  'WEB_CONCURRENCY',
  'DOTNET_gcServer',
  'DOTNET_GCHeapCount',
  'DOTNET_GCHeapHardLimit',
  'DOTNET_GCHeapHardLimitPercent',
  'DOTNET_GCDynamicAdaptationMode',
  'DOTNET_PROCESSOR_COUNT',
  'COMPlus_gcServer',
  'COMPlus_GCHeapCount',
  'COMPlus_GCHeapHardLimit',
  'COMPlus_GCHeapHardLimitPercent',
  'PYTHON_CPU_COUNT',
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'ERL_FLAGS',
  'ERL_AFLAGS',
  'ERL_ZFLAGS',
  'NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE',
  'MALLOC_ARENA_MAX',
]

/** Variables that hold free text: only the words of them that `runtimeArguments` allows are kept. */
export const filteredVariables: ReadonlySet<string> = new Set([
  'NODE_OPTIONS',
  'ERL_FLAGS',
  'ERL_AFLAGS',
  'ERL_ZFLAGS',
])

/**
 * Arguments that may be kept: the name of each as it is written, with the form of its value. `=` is
 * behind the name, ` ` in the next word, `+` both are seen. A value that is neither a number nor
 * a word such as `auto` is dropped.
 */
export const runtimeArguments: Readonly<
  Record<string, readonly { readonly name: string; readonly value: '=' | ' ' | '+' | 'none' }[]>
> = {
  nodejs: [
    { name: '--max-old-space-size', value: '+' },
    { name: '--max_old_space_size', value: '+' },
    { name: '--max-old-space-size-percentage', value: '+' },
    { name: '--max_old_space_size_percentage', value: '+' },
    { name: '--max-semi-space-size', value: '+' },
  ],
  python: [
    { name: '--workers', value: '+' },
    { name: '-w', value: ' ' },
    { name: '--threads', value: '+' },
    { name: '--concurrency', value: '+' },
    { name: '--processes', value: '+' },
  ],
  beam: [
    { name: '+S', value: ' ' },
    { name: '+SDcpu', value: ' ' },
    { name: '+sbwt', value: ' ' },
    { name: '+A', value: ' ' },
  ],
  envoy: [
    { name: '--concurrency', value: '+' },
    { name: '--cpuset-threads', value: 'none' },
  ],
  ruby: [
    { name: '--workers', value: '+' },
    { name: '-w', value: ' ' },
    { name: '--threads', value: '+' },
    { name: '-t', value: ' ' },
  ],
}

/** Of what the Go linker notes, by the names of debug.BuildInfo: all others may hold paths and flags. */
export const goSettings: readonly string[] = ['DefaultGODEBUG', 'CGO_ENABLED', 'GOARCH']

/** Modules that set GOMAXPROCS or GOMEMLIMIT by the cgroup. */
export const goModules: readonly string[] = [
  'go.uber.org/automaxprocs',
  'github.com/KimMachineGun/automemlimit',
]

/** Of a runtimeconfig.json of .NET, all numbers and switches. */
export const dotnetSettings: readonly string[] = [
  'System.GC.Server',
  'System.GC.HeapCount',
  'System.GC.HeapHardLimit',
  'System.GC.HeapHardLimitPercent',
  'System.GC.DynamicAdaptationMode',
]

/** How .NET's heaps are told to have been counted: by threads of theirs, and not by a setting. */
export const SERVER_GC_THREADS = 'threads .NET Server GC'
