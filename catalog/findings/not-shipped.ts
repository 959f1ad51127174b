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
]
