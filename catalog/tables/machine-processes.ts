/** Processes, threads, controllers of cgroups, inotify: what there is, and how much there may be. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'

export const machineProcesses = {
  name: 'machine_processes',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: family('processes', '/proc/PID/stat of every process', [
    ['pids', 'node_processes_pids', 'gauge', '{process}', 'Processes.'],
    ['threads', 'node_processes_threads', 'gauge', '{thread}', 'Threads of all processes.'],
  ]),
} as const satisfies Table

export const machineProcessStates = {
  name: 'machine_process_states',
  entity: 'machine',
  keys: [{ label: 'state', attribute: 'process.state' }],
  rows: 'one a state that a process is in',
  narrow: true,
  metrics: family('processes', '/proc/PID/stat, field 3', [
    ['state_count', 'node_processes_state', 'gauge', '{process}', 'Processes in each state.'],
  ]),
} as const satisfies Table

export const machineThreadStates = {
  name: 'machine_thread_states',
  entity: 'machine',
  keys: [{ label: 'thread_state', attribute: 'candor.thread.state' }],
  rows: 'one a state that a thread is in',
  narrow: true,
  metrics: family('processes', '/proc/PID/task/TID/stat, field 3', [
    [
      'threads_state',
      'node_processes_threads_state',
      'gauge',
      '{thread}',
      'Threads in each state.',
    ],
  ]),
} as const satisfies Table

export const machineProcessLimits = {
  name: 'machine_process_limits',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  metrics: [
    ...family('processes', '/proc/sys/kernel/{pid_max,threads-max}', [
      [
        'max_processes',
        'node_processes_max_processes',
        'gauge',
        '{process}',
        'Ids of processes and threads that there may be at once.',
      ],
      [
        'max_threads',
        'node_processes_max_threads',
        'gauge',
        '{thread}',
        'Threads that there may be at once.',
      ],
    ]),
    ...family('processes', '/proc/loadavg, behind the stroke of the fourth field', [
      [
        'all_threads',
        'candor_threads',
        'gauge',
        '{thread}',
        'Threads of all processes and of the kernel, all of which take an id.',
      ],
    ]),
    ...family('processes', '/proc/sys/fs/nr_open', [
      [
        'max_open_files',
        'candor_process_open_files_limit',
        'gauge',
        '{file}',
        'Largest limit of open files that a process can be given.',
      ],
    ]),
  ],
} as const satisfies Table

export const machineCgroupControllers = {
  name: 'machine_cgroup_controllers',
  entity: 'machine',
  keys: [{ label: 'subsys_name', attribute: 'candor.cgroup.controller' }],
  rows: 'one a controller of cgroups',
  narrow: true,
  metrics: family('cgroup.controller', '/proc/cgroups', [
    [
      'cgroups',
      'node_cgroups_cgroups',
      'gauge',
      '{cgroup}',
      'Cgroups of the controller, with those that are removed but still hold memory.',
    ],
    ['enabled', 'node_cgroups_enabled', 'gauge', '1', '1 when the controller is enabled.'],
  ]),
} as const satisfies Table

export const machineInotify = {
  name: 'machine_inotify',
  entity: 'machine',
  keys: [],
  rows: 'one a machine, once all processes were looked at',
  narrow: true,
  metrics: [
    ...family('inotify', '/proc/PID/fd and /proc/PID/fdinfo of every process', [
      ['instances', 'candor_inotify_instances', 'gauge', '{instance}', 'Inotify instances in use.'],
      ['watches', 'candor_inotify_watches', 'gauge', '{watch}', 'Inotify watches in use.'],
      [
        'unread',
        'candor_inotify_unread_processes',
        'gauge',
        '{process}',
        'Processes whose files may not be looked at, so that theirs are not counted.',
      ],
    ]),
    ...family('inotify', '/proc/sys/fs/inotify', [
      [
        'max_instances',
        'candor_inotify_user_instances_limit',
        'gauge',
        '{instance}',
        'Inotify instances that one user may have.',
      ],
      [
        'max_watches',
        'candor_inotify_user_watches_limit',
        'gauge',
        '{watch}',
        'Inotify watches that one user may have.',
      ],
    ]),
  ],
} as const satisfies Table
