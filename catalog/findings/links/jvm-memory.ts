/** What the rules about the memory of a JVM rest on. */
import type { jvmMemoryFindings } from '../jvm-memory.ts'
import { issue, jdkBug, link, type Link, pull } from '../link.ts'
import {
  cgroup2,
  gcTuning,
  javaCommand,
  jdkAncestors,
  jdkCgroup2,
  resize,
  rohlik,
} from './shared.ts'

const vcell = pull('virtualcell/vcell', 1899, 'half a year of restarts for lack of memory')

export const jvmMemoryLinks = {
  'jvm.container-support-off': [
    jdkCgroup2,
    pull('openjdk/jdk', 23811, 'kernels that list no controllers of v1'),
    issue('keycloak/keycloak', 36609, 'the memory of the whole machine on Linux 6.12'),
    issue('corretto/corretto-21', 143, 'the same with Corretto'),
    issue('flatcar/Flatcar', 1884, 'the same on Flatcar'),
  ],
  'jvm.limit-on-ancestor': [
    jdkAncestors,
    pull('openjdk/jdk21u-dev', 1330, 'the same for 21'),
    pull('corretto/corretto-21', 138, 'JDK-8370572, a limit above that was lost again'),
    cgroup2,
  ],
  'jvm.limit-changed-after-start': [resize, javaCommand],
  'jvm.heap-exceeds-limit': [
    link(
      'Red Hat: containers and cgroup v2 in OpenJDK 8u372',
      'https://developers.redhat.com/articles/2023/04/19/openjdk-8u372-feature-cgroup-v2-support',
    ),
    javaCommand,
    cgroup2,
  ],
  'jvm.heap-plus-nonheap-exceeds-limit': [
    vcell,
    rohlik,
    link(
      'Native memory and a Java program that is killed',
      'https://www.michal-drozd.com/en/blog/java-native-memory-oomkilled/',
    ),
  ],
  'jvm.limit-with-swap-hides-oom': [cgroup2],
  'jvm.heap-small-share': [
    pull('openjdk/jdk', 25086, 'JDK-8350596, another default for MaxRAMPercentage'),
    pull(
      'rh-openjdk/redhat-openjdk-containers',
      285,
      'four fifths of the limit in images of Red Hat',
    ),
  ],
  'jvm.memory-high-below-need': [
    cgroup2,
    link(
      'Kubernetes: quality of service for memory',
      'https://kubernetes.io/blog/2023/05/05/qos-memory-resources/',
    ),
  ],
  'jvm.swap': [
    cgroup2,
    link('Linux: /proc/sys/vm', 'https://docs.kernel.org/admin-guide/sysctl/vm.html'),
  ],
  'jvm.page-cache-pressure': [
    issue('kubernetes/kubernetes', 43916, 'active files counted as memory in use'),
    pull('awslabs/data-on-eks', 1041, 'Spark that spills to files'),
    issue('apache/datafusion-comet', 4576, 'a limit full of clean pages, and no harm'),
  ],
  'jvm.oversized-heap': [
    link('JEP 346: G1 gives back what it does not need', 'https://openjdk.org/jeps/346'),
    link('JEP 351: ZGC gives back what it does not need', 'https://openjdk.org/jeps/351'),
    vcell,
  ],
  'jvm.xms-above-request': [
    link(
      'Kubernetes: eviction when a node is short of memory',
      'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
    ),
    javaCommand,
  ],
  'jvm.compressed-oops-cliff': [
    link('HotSpot: compressed oops', 'https://wiki.openjdk.org/display/HotSpot/CompressedOops'),
    javaCommand,
  ],
  'jvm.direct-memory-unbounded': [
    javaCommand,
    link(
      'Netty: reference counted and direct buffers',
      'https://netty.io/wiki/reference-counted-objects.html',
    ),
    rohlik,
  ],
  'jvm.metaspace-growth': [
    link('JEP 387: elastic metaspace', 'https://openjdk.org/jeps/387'),
    gcTuning,
  ],
  'jvm.thread-stacks': [
    link(
      'Linux: limit on the number of processes',
      'https://docs.kernel.org/admin-guide/cgroup-v1/pids.html',
    ),
    javaCommand,
  ],
  'jvm.malloc-arenas': [
    jdkBug(8193521, 'arenas of glibc waste memory'),
    link(
      'glibc: tunables of malloc',
      'https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html',
    ),
    rohlik,
  ],
  'jvm.hsperf-on-disk': [
    link('Evan Jones: the four month bug', 'https://www.evanjones.ca/jvm-mmap-pause.html'),
    link(
      'hotspot-runtime-dev: counters and stable pages',
      'https://mail.openjdk.java.net/pipermail/hotspot-runtime-dev/2015-March/014298.html',
    ),
    pull('Netflix/titus-executor', 978, 'a tmpfs for the counters of every JVM'),
  ],
} as const satisfies Record<keyof typeof jvmMemoryFindings, readonly Link[]>
