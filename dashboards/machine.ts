/** One machine in an incident's order: does it answer, what is full, what fails, what is left. */
import type { Dashboard, Panel, Row } from './panel.ts'

const ONE = 'job=~"$job",instance=~"$instance"'

/** Growth a second of a counter. */
const rate = (name: string, matchers = '') =>
  `rate(${name}{${ONE}${matchers && `,${matchers}`}}[$__rate_interval])`
const now = (name: string) => `${name}{${ONE}}`

/** Share of time in which tasks waited, by the kernel's pressure stall information. */
const pressure = (title: string, resource: string, what: string): Panel => ({
  title,
  description: `Share of time in which at least one task (waiting) or every task that could run (stalled) waited for ${what}. Absent on kernels without PSI.`,
  unit: '1',
  queries: [
    {
      expr: rate(`node_pressure_${resource}_waiting_seconds_total`),
      legend: '{{instance}} waiting',
    },
    ...(resource === 'cpu'
      ? []
      : [
          {
            expr: rate(`node_pressure_${resource}_stalled_seconds_total`),
            legend: '{{instance}} stalled',
          },
        ]),
  ],
})

const availability: Row = {
  title: 'Availability',
  panels: [
    {
      title: 'Age of the newest pass',
      description: 'Time since the agent last read this machine. All other panels are as old.',
      unit: 's',
      form: 'stat',
      warnFrom: 60,
      queries: [
        { expr: `time() - ${now('candor_agent_pass_timestamp_seconds')}`, legend: '{{instance}}' },
      ],
    },
    {
      title: 'Uptime',
      description: 'Time since the kernel booted.',
      unit: 's',
      form: 'stat',
      queries: [{ expr: `time() - ${now('node_boot_time_seconds')}`, legend: '{{instance}}' }],
    },
    {
      title: 'Readers that fail',
      description: 'Families of kernel files that could not be read: their panels have gaps.',
      unit: '{reader}',
      form: 'stat',
      warnFrom: 1,
      queries: [
        {
          expr: `count(${now('node_scrape_collector_success')} == 0) by (instance) or 0 * count(${now('node_scrape_collector_success')}) by (instance)`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Seen but not read',
      description: 'Containers and runtimes that the agent may not read, by reason.',
      unit: '{entity}',
      form: 'stat',
      warnFrom: 1,
      queries: [{ expr: now('candor_agent_unread'), legend: '{{instance}} {{kind}}: {{reason}}' }],
    },
  ],
}

const saturation: Row = {
  title: 'Saturation',
  panels: [
    pressure('CPU pressure', 'cpu', 'a CPU'),
    pressure('Memory pressure', 'memory', 'memory'),
    pressure('I/O pressure', 'io', 'I/O'),
    {
      title: 'Run queue per CPU',
      description: 'Tasks that run or wait for a CPU, divided by the CPUs. Above 1 some wait.',
      unit: '1',
      warnFrom: 1,
      queries: [
        {
          expr: `${now('node_procs_running')} / ${now('candor_machine_cpus')}`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'CPU time by mode',
      description: 'CPUs busy in each mode, idle left out. `steal` is what the hypervisor took.',
      unit: '{cpu}',
      queries: [
        {
          expr: `sum(${rate('node_cpu_seconds_total', 'mode!="idle"')}) by (instance, mode)`,
          legend: '{{instance}} {{mode}}',
        },
      ],
    },
    {
      title: 'Memory in use',
      description: 'Share of the memory that cannot be given out without swapping.',
      unit: '1',
      warnFrom: 0.9,
      queries: [
        {
          expr: `1 - ${now('node_memory_MemAvailable_bytes')} / ${now('node_memory_MemTotal_bytes')}`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Swapping',
      description: 'Pages swapped in and out. Swapping in hurts: a task waits for each page.',
      unit: '{page}/s',
      queries: [
        { expr: rate('node_vmstat_pswpin'), legend: '{{instance}} in' },
        { expr: rate('node_vmstat_pswpout'), legend: '{{instance}} out' },
      ],
    },
    {
      title: 'Disk busy',
      description:
        'Share of time with at least one operation in flight. Devices that work in parallel can take more at 1.',
      unit: '1',
      queries: [
        { expr: rate('node_disk_io_time_seconds_total'), legend: '{{instance}} {{device}}' },
      ],
    },
    {
      title: 'Network',
      description: 'Bytes received and sent, loopback left out.',
      unit: 'By/s',
      queries: [
        {
          expr: rate('node_network_receive_bytes_total', 'device!="lo"'),
          legend: '{{instance}} {{device}} received',
        },
        {
          expr: rate('node_network_transmit_bytes_total', 'device!="lo"'),
          legend: '{{instance}} {{device}} sent',
        },
      ],
    },
  ],
}

const errors: Row = {
  title: 'Errors and latency',
  panels: [
    {
      title: 'OOM kills',
      description:
        'Processes killed for lack of memory, by a cgroup limit or on the whole machine.',
      unit: '{process}/s',
      queries: [{ expr: rate('node_vmstat_oom_kill'), legend: '{{instance}}' }],
    },
    {
      title: 'Network errors',
      description: 'Packets that were broken.',
      unit: '{error}/s',
      queries: [
        {
          expr: rate('node_network_receive_errs_total'),
          legend: '{{instance}} {{device}} received',
        },
        { expr: rate('node_network_transmit_errs_total'), legend: '{{instance}} {{device}} sent' },
      ],
    },
    {
      title: 'Network drops',
      description: 'Packets that were dropped for lack of buffers or by a rule of the device.',
      unit: '{packet}/s',
      queries: [
        {
          expr: rate('node_network_receive_drop_total'),
          legend: '{{instance}} {{device}} received',
        },
        { expr: rate('node_network_transmit_drop_total'), legend: '{{instance}} {{device}} sent' },
      ],
    },
    {
      title: 'Time an operation takes on disk',
      description: 'Mean time from request to completion; absent while there are no operations.',
      unit: 's',
      queries: [
        {
          expr: `${rate('node_disk_read_time_seconds_total')} / ${rate('node_disk_reads_completed_total')}`,
          legend: '{{instance}} {{device}} read',
        },
        {
          expr: `${rate('node_disk_write_time_seconds_total')} / ${rate('node_disk_writes_completed_total')}`,
          legend: '{{instance}} {{device}} write',
        },
      ],
    },
    {
      title: 'Major page faults',
      description: 'Page faults that had to read from a device.',
      unit: '{fault}/s',
      queries: [{ expr: rate('node_vmstat_pgmajfault'), legend: '{{instance}}' }],
    },
  ],
}

const capacity: Row = {
  title: 'Capacity',
  panels: [
    {
      title: 'CPUs',
      description: 'CPUs that are online; threads, not cores, where SMT is on.',
      unit: '{cpu}',
      form: 'stat',
      queries: [{ expr: now('candor_machine_cpus'), legend: '{{instance}}' }],
    },
    {
      title: 'Memory',
      description:
        'Memory that the kernel can use, and the estimate of what can still be given out.',
      unit: 'By',
      queries: [
        { expr: now('node_memory_MemTotal_bytes'), legend: '{{instance}} total' },
        { expr: now('node_memory_MemAvailable_bytes'), legend: '{{instance}} available' },
      ],
    },
    {
      title: 'Disk throughput',
      description: 'Bytes read and written.',
      unit: 'By/s',
      queries: [
        { expr: rate('node_disk_read_bytes_total'), legend: '{{instance}} {{device}} read' },
        { expr: rate('node_disk_written_bytes_total'), legend: '{{instance}} {{device}} written' },
      ],
    },
  ],
}

const containers: Row = {
  title: 'Containers',
  panels: [
    {
      title: 'CPU of the ten busiest',
      description: 'CPUs that each container uses. A group holds what its members use too.',
      unit: '{cpu}',
      queries: [
        {
          expr: `topk(10, ${rate('container_cpu_usage_seconds_total', 'id!="/"')})`,
          legend: '{{instance}} {{id}}',
        },
      ],
    },
    {
      title: 'Throttled periods',
      description: 'Share of the periods in which the CPU quota ran out, the ten highest.',
      unit: '1',
      queries: [
        {
          expr: `topk(10, ${rate('container_cpu_cfs_throttled_periods_total')} / ${rate('container_cpu_cfs_periods_total')})`,
          legend: '{{instance}} {{id}}',
        },
      ],
    },
    {
      title: 'Working set of the memory limit',
      description:
        'Memory less inactive page cache, as a share of the tightest limit over the container and its ancestors; the ten fullest.',
      unit: '1',
      warnFrom: 0.9,
      queries: [
        {
          expr: `topk(10, ${now('container_memory_working_set_bytes')} / ${now('candor_container_memory_limit_effective_bytes')})`,
          legend: '{{instance}} {{id}}',
        },
      ],
    },
  ],
}

const runtimes: Row = {
  title: 'JVMs',
  panels: [
    {
      title: 'Heap in use',
      description: 'Share of the largest heap that the JVM believes it may use.',
      unit: '1',
      queries: [
        {
          expr: `${now('jvm_memory_used_bytes')} / ${now('jvm_memory_limit_bytes')}`,
          legend: '{{instance}} {{pid}} {{name}}',
        },
      ],
    },
    {
      title: 'Time in garbage collection',
      description:
        'Share of time that each collector reports; see docs/metrics.md for what counts.',
      unit: '1',
      queries: [
        {
          expr: rate('candor_jvm_gc_seconds_total'),
          legend: '{{instance}} {{pid}} {{name}} {{gc}}',
        },
      ],
    },
    {
      title: 'Time at safepoints',
      description: 'Share of time in which all Java threads stood still, for whatever cause.',
      unit: '1',
      queries: [
        {
          expr: rate('candor_jvm_safepoint_seconds_total'),
          legend: '{{instance}} {{pid}} {{name}}',
        },
      ],
    },
  ],
}

export const machineDashboard: Dashboard = {
  uid: 'candor-machine',
  title: 'Candor / Machine',
  description: 'One machine, its containers and its JVMs, in the order of an incident.',
  rows: [availability, saturation, errors, capacity, containers, runtimes],
}
