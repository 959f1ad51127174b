/**
 * Flags of HotSpot whose final values may leave the machine: those that rules judge by and people ask
 * for. None of them holds a text that someone wrote, which may be a command or a secret.
 */
export const jvmFlags = [
  // Heap.
  'MaxHeapSize',
  'InitialHeapSize',
  'SoftMaxHeapSize',
  'MaxRAMPercentage',
  'MinRAMPercentage',
  'InitialRAMPercentage',
  'MaxRAMFraction',
  'MinRAMFraction',
  'MaxRAM',
  'AlwaysPreTouch',
  'NewSize',
  'MaxNewSize',
  'MinHeapFreeRatio',
  'MaxHeapFreeRatio',
  // Containers.
  'UseContainerSupport',
  'ActiveProcessorCount',
  'UseContainerCpuShares',
  'PreferContainerQuotaForCPUCount',
  'UseCGroupMemoryLimitForHeap',
  'AlwaysActAsServerClassMachine',
  'NeverActAsServerClassMachine',
  // Collector.
  'UseSerialGC',
  'UseParallelGC',
  'UseConcMarkSweepGC',
  'UseG1GC',
  'UseZGC',
  'ZGenerational',
  'UseShenandoahGC',
  'UseEpsilonGC',
  'MaxGCPauseMillis',
  'G1HeapRegionSize',
  'G1PeriodicGCInterval',
  'DisableExplicitGC',
  // Threads.
  'ParallelGCThreads',
  'ConcGCThreads',
  'G1ConcRefinementThreads',
  'UseDynamicNumberOfGCThreads',
  'CICompilerCount',
  'TieredCompilation',
  'TieredStopAtLevel',
  'ThreadStackSize',
  // Memory beside the heap.
  'MaxMetaspaceSize',
  'CompressedClassSpaceSize',
  'MaxDirectMemorySize',
  'ReservedCodeCacheSize',
  'TrimNativeHeapInterval',
  // Objects and pages.
  'UseCompressedOops',
  'ObjectAlignmentInBytes',
  'UseCompactObjectHeaders',
  'UseLargePages',
  'UseTransparentHugePages',
  'UseNUMA',
  // What it does when all is lost, and what can be seen of it.
  'ExitOnOutOfMemoryError',
  'CrashOnOutOfMemoryError',
  'HeapDumpOnOutOfMemoryError',
  'UsePerfData',
  'PerfDisableSharedMem',
  'ReduceSignalUsage',
  'DisableAttachMechanism',
] as const

export type JvmFlag = (typeof jvmFlags)[number]
