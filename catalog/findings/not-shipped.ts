/** Rules that were thought of and are not shipped, each with what keeps it from being proven. */
export interface NotShipped {
  readonly id: string
  readonly title: string
  readonly reason: string
}

export const notShipped: readonly NotShipped[] = [
  {
    id: 'php-fpm.children-exceed-limit',
    title: 'pm.max_children of PHP-FPM times their memory is above the limit',
    reason:
      'How many children may be made is in files of pools that include each other, and the resident memory of a child counts the pages that all of them share; what is private of it costs a walk over all its pages.',
  },
  {
    id: 'node.uv-threadpool.small',
    title: 'Four threads of libuv are too few for many CPUs',
    reason:
      'Whether they are the bottleneck shows in the queue of the pool, which cannot be seen from outside; busy threads alone do not prove it.',
  },
  {
    id: 'python.workers-exceed-limit',
    title: 'Workers of Python times their memory is above the limit',
    reason:
      'Workers that were forked share most of their pages, and what is private of each costs a walk over all its pages. `multi.budget` judges those that are runtimes of their own.',
  },
  {
    id: 'postgres.parallel-workers',
    title: 'max_parallel_workers is above the quota',
    reason:
      'It is in a configuration that includes others and can be set for a single connection; how many run at once is rarely seen.',
  },
  {
    id: 'jvm.debug-agent',
    title: 'A debugger or JMX may connect by an agent of the JVM',
    reason:
      '-agentlib, -javaagent and system properties may hold secrets and do not leave the machine, so that a list of flags without them proves nothing. `jvm.interpreted-or-debug` tells -Xrunjdwp.',
  },
  {
    id: 'jvm.large-pages-missing',
    title: '-XX:+UseLargePages on a machine without any',
    reason:
      'How many of them the machine has at the start of the JVM, and whether it may lock them, is not seen from outside; it goes on without them.',
  },
  {
    id: 'haproxy.threads-exceed-quota',
    title: 'nbthread of HAProxy is above the quota',
    reason:
      'HAProxy is not among the programs that are recognised. It counts the CPUs that it may run on, its threads sleep while there is nothing to do, and none was run here under a load that would show the harm.',
  },
  {
    id: 'redis.io-threads-exceed-quota',
    title: 'io-threads of Redis is above the quota',
    reason:
      'Redis is not among the programs that are recognised. It has one such thread unless somebody sets more, in a configuration that includes others, and uses them under load alone; none was run here under one.',
  },
  {
    id: 'rust.pools-exceed-quota',
    title: 'Pools of Tokio or Rayon are sized by the machine',
    reason:
      'Nothing in a stripped executable says for certain that it was written in Rust or which library made a thread. What both ask for the count of CPUs has followed the quota since Rust 1.59 (cgroup v2) and 1.64 (v1).',
  },
  {
    id: 'jvm.hsperf-on-disk.busy-device',
    title: 'The device with the counters of a JVM is busy most of the time',
    reason:
      'A device that is never idle may still answer at once, and be busy for others. That the JVM waits shows in the pressure of its own cgroup, which `jvm.hsperf-on-disk` goes by.',
  },
  {
    id: 'jvm.gc-thrash.time-limit',
    title: 'ParallelGC counts that it is about to give up (gcTimeLimitExceeded)',
    reason:
      'Only that collector keeps the counter, and only when both its share of the time and the part that lives are past its bounds, just before it throws: a look every few seconds hardly meets it, and `jvm.gc-thrash` tells by the same two for every collector.',
  },
  {
    id: 'jvm.thread-stacks.huge-pages',
    title: 'Transparent huge pages make a small stack one of 2 MiB',
    reason:
      'Which pages of a stack are huge costs a walk over all pages of the process, and late builds prevent it. What was taken is in the measured memory, by which the rules about the limit go.',
  },
]
