/**
 * What a build of HotSpot knows of containers, told by literals in its library: distributions
 * backport, so that a version number says little.
 *
 * Source: libjvm.so of OpenJDK 8u504, 11.0.33, 17.0.21, 21.0.13 and 25.0.3
 */
export const jvmCapabilities = {
  UseContainerSupport: 'Sizes itself by limits of cgroup v1 (8u191, 10).',
  'cpu.max': 'Reads limits of cgroup v2 (15, 11.0.16, 8u372).',
  UseContainerCpuShares:
    'Leaves CPU shares out unless told otherwise (11.0.17, 17.0.5; gone in 21).',
  PreferContainerQuotaForCPUCount: 'Takes a quota before shares (8u191, 11).',
  '/sys/fs/cgroup/cgroup.controllers':
    'Finds cgroup v2 where the kernel has no v1 controllers (25 and updates of 2026).',
  'Adjusting controller path': 'Looks for limits on cgroups above its own (24, 21.0.13).',
  UseCGroupMemoryLimitForHeap: 'Has the experimental switch of 8u131 and 9.',
  total_gc_cpu_time: 'Counts the CPU time of its collector itself (22).',
  AltTempDir: 'May keep its counters elsewhere than in /tmp.',
} as const

export type JvmCapability = keyof typeof jvmCapabilities
