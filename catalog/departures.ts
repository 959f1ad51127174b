/**
 * Where we leave the exporters that people come from, and why: `candor diff` takes these for
 * explained, and docs/compatibility.md is printed from them. Everything else that they show with their
 * default flags, on a machine that offers it, we show under the same name.
 */
export interface Departure {
  readonly of: 'node_exporter' | 'cAdvisor'
  /** Metric name; `*` at its end stands for anything that is not ours. */
  readonly name: string
  readonly reason: string
  /** What says the same, under another name. */
  readonly instead?: string
  /** Only series with such a value of a label; the family itself is ours too. */
  readonly only?: Only
  /** Nobody misses it: it speaks of the exporter, is off by default there, or is of rare machines. */
  readonly unmissed?: true
  /** Both show it, and measure it otherwise: figures that are not the same are no difference. */
  readonly measuredOtherwise?: true
}

/** Which series: all of these that are given must hold. */
export interface Only {
  readonly label?: string
  /** What the label says. */
  readonly value?: RegExp
  /** What is measured. */
  readonly figure?: number
}

export const departures: readonly Departure[] = [
  ...['go_*', 'process_*', 'promhttp_*'].map((name): Departure => ({
    of: 'node_exporter',
    name,
    unmissed: true,
    reason: 'Speaks of the exporter itself, not of the machine.',
  })),
  {
    of: 'node_exporter',
    name: 'node_exporter_build_info',
    unmissed: true,
    reason: 'Speaks of the exporter itself, not of the machine.',
    instead: 'candor_agent_build_info',
  },
  ...['node_scrape_collector_duration_seconds', 'node_scrape_collector_success'].map(
    (name): Departure => ({
      of: 'node_exporter',
      name,
      unmissed: true,
      reason: 'Speaks of the readers of each; ours has a row for each reader of ours that is on.',
    }),
  ),
  {
    of: 'node_exporter',
    name: 'node_timex_*',
    instead:
      'candor_machine_clock_synchronized_timestamp_seconds, candor_machine_clock_steps_total, node_time_seconds',
    reason:
      'Needs the system call adjtimex, which only native code can make; the agent has none and starts no process. NodeClockNotSynchronising and NodeClockSkewDetected stay silent: take HostClockNotSynchronised and HostClockSkew, below alerts/host.',
  },
  {
    of: 'node_exporter',
    name: 'node_hwmon_*',
    reason: 'An element of a sensor that no document of the kernel names: its unit is not known.',
  },
  {
    of: 'node_exporter',
    name: 'node_rapl_*',
    reason:
      'A zone of power capping that no driver of the kernel names; told with --collector.rapl.enable-zone-label.',
    instead: 'node_rapl_joules_total',
  },
  {
    of: 'node_exporter',
    name: 'node_disk_*',
    only: { label: 'device', value: /^zram\d+$/ },
    reason: 'Left out by default since node_exporter 1.6; candor_zram_* says more.',
  },
  {
    of: 'node_exporter',
    name: 'node_network_speed_bytes',
    only: { figure: -125_000 },
    reason:
      'A device that does not know its speed says -1, which node_exporter shows as -125000: absent here.',
  },
  {
    of: 'node_exporter',
    name: 'node_nfsd_requests_total',
    only: { label: 'method', value: /^(Verify|Write|RelLockOwner)$/ },
    reason:
      'Of NFS 4 it takes operations 35 to 37 for 37 to 39: SETCLIENTID for Verify, its confirmation for Write. Here each has its own number of RFC 7530.',
  },
  {
    of: 'node_exporter',
    name: 'node_btrfs_device_errors_total',
    reason: 'Needs an ioctl, which only native code can make.',
  },
  ...(
    [
      ['node_zfs_*', 'ZFS'],
      ['node_bcache_*', 'bcache'],
      ['node_tape_*', 'Tape drives'],
    ] as const
  ).map(([name, what]): Departure => ({
    of: 'node_exporter',
    name,
    reason: `${what}: no such machine is at hand to check the figures against, and unchecked ones are worse than none. Until then: a script writes them to a *.prom file, under these names, and --collector.textfile.directory hands them on.`,
  })),
  {
    of: 'cAdvisor',
    name: 'container_*',
    only: { label: 'id', value: /^\/$/ },
    reason:
      'The root cgroup is the machine, not a container: in place of a selector id="/" take node_* or machine_*.',
    instead: 'node_*',
  },
  ...[
    'container_spec_memory_limit_bytes',
    'container_spec_memory_swap_limit_bytes',
    'container_spec_memory_reservation_limit_bytes',
    'container_threads_max',
  ].map((name): Departure => ({
    of: 'cAdvisor',
    name,
    only: { figure: 0 },
    reason: '0 for no limit, which a rule divides by: here what has no limit has no series.',
  })),
  ...[
    'container_memory_failcnt',
    'container_memory_max_usage_bytes',
    'container_memory_swap',
    'container_memory_migrate',
    'container_memory_kernel_usage',
    'container_hugetlb_failcnt',
    'container_hugetlb_usage_bytes',
    'container_hugetlb_max_usage_bytes',
    'container_cpu_cfs_periods_total',
    'container_cpu_cfs_throttled_periods_total',
    'container_cpu_cfs_throttled_seconds_total',
  ].map((name): Departure => ({
    of: 'cAdvisor',
    name,
    only: { figure: 0 },
    reason:
      '0 also where the kernel does not count it, on cgroup v2 above all, or there is no quota: absent here.',
  })),
  {
    of: 'cAdvisor',
    name: 'container_cpu_usage_seconds_total',
    only: { label: 'cpu', value: /^cpu\d+$/ },
    reason:
      'Of each CPU, on cgroup v1 alone; here the sum on v1 and v2. A sum over cpu is the same.',
    instead: 'container_cpu_usage_seconds_total{cpu="total"}',
  },
  {
    of: 'cAdvisor',
    name: 'container_oom_events_total',
    measuredOtherwise: true,
    reason:
      'Counted from the log of the kernel, since cAdvisor started; here the count of the kernel, on v2 with that of the cgroups below.',
  },
  {
    of: 'cAdvisor',
    name: 'container_spec_memory_reservation_limit_bytes',
    measuredOtherwise: true,
    reason: 'memory.high on v2, which is no reservation; here memory.low.',
  },
  {
    of: 'cAdvisor',
    name: 'cadvisor_version_info',
    unmissed: true,
    reason: 'Speaks of the exporter itself.',
    instead: 'candor_agent_build_info',
  },
  {
    of: 'cAdvisor',
    name: 'container_scrape_error',
    reason: 'One bit for all containers.',
    instead: 'candor_agent_unread',
  },
  {
    of: 'cAdvisor',
    name: 'container_cpu_load_*',
    reason: 'Needs netlink taskstats and is 0 on cgroup v2.',
    instead: 'container_pressure_cpu_waiting_seconds_total',
  },
  {
    of: 'cAdvisor',
    name: 'container_tasks_state',
    reason: 'Needs netlink taskstats and is 0 on cgroup v2.',
    instead: 'container_processes, container_threads',
  },
  ...(
    [
      ['container_fs_usage_bytes', 'candor_overlay_upper_avail_bytes, node_filesystem_avail_bytes'],
      ['container_fs_limit_bytes', 'node_filesystem_size_bytes'],
      ['container_fs_inodes_free', 'candor_overlay_upper_files_free, node_filesystem_files_free'],
      ['container_fs_inodes_total', 'node_filesystem_files'],
    ] as const
  ).map(([name, instead]): Departure => ({
    of: 'cAdvisor',
    name,
    reason:
      'Walks the whole tree of files of every container, and the limit and the inodes are those of the file system that all of them share.',
    instead,
  })),
  ...['container_fs_sector_reads_total', 'container_fs_sector_writes_total'].map(
    (name): Departure => ({
      of: 'cAdvisor',
      name,
      reason: 'The kernel counts them with the scheduler CFQ alone, which is gone since Linux 5.0.',
      instead: 'container_fs_reads_bytes_total, container_fs_writes_bytes_total',
    }),
  ),
  {
    of: 'cAdvisor',
    name: 'container_fs_io_time_weighted_seconds_total',
    reason: 'Of the root alone, where it is that of the disks.',
    instead: 'node_disk_io_time_weighted_seconds_total',
  },
  {
    of: 'cAdvisor',
    name: 'container_health_state',
    reason:
      'Needs an inspection of each container, again and again, by the socket of Docker alone.',
  },
  ...(
    [
      ['container_cpu_schedstat_*', 'reads files of every thread of every container'],
      [
        'container_memory_numa_pages',
        'makes a series of each kind, node and scope of every container',
      ],
      [
        'container_network_tcp*',
        'reads the table of connections in the network of every container',
      ],
      ['container_network_udp*', 'reads the table of sockets in the network of every container'],
      [
        'container_network_advance_tcp_stats_total',
        'makes about a hundred series of every container',
      ],
      [
        'container_referenced_bytes',
        'writes to clear_refs of every process, and here nothing is written',
      ],
      ['container_perf_*', 'needs the system call perf_event_open'],
      ['container_memory_bandwidth_*', 'needs the file system resctrl mounted and written to'],
      ['container_llc_occupancy_bytes', 'needs the file system resctrl mounted and written to'],
    ] as const
  ).map(([name, why]): Departure => ({
    of: 'cAdvisor',
    name,
    unmissed: true,
    reason: `Off by default in cAdvisor: it ${why}.`,
  })),
  ...['machine_cpu_books', 'machine_cpu_drawers'].map((name): Departure => ({
    of: 'cAdvisor',
    name,
    unmissed: true,
    reason: 'Only mainframes have any.',
  })),
  ...['machine_nvm_capacity', 'machine_nvm_avg_power_budget_watts'].map((name): Departure => ({
    of: 'cAdvisor',
    name,
    unmissed: true,
    reason: 'Needs the native library ipmctl, and the memory that it speaks to is no longer made.',
  })),
]

/** Of all series, and so of no row above. */
export const habits: readonly { readonly of: Departure['of']; readonly text: string }[] = [
  {
    of: 'cAdvisor',
    text: 'Labels and variables of a container (`container_label_*`, `container_env_*`) are on `candor_container_info` alone, and only those of `--identity.labels`: on each series they would multiply.',
  },
  {
    of: 'cAdvisor',
    text: 'No sample has a timestamp: what cAdvisor measured before a scrape it stamps with the time of measuring, and then Prometheus keeps series of a container that ended for five minutes.',
  },
]
