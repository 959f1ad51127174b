/** Pages that several rules rest on. */
import { issue, jdkBug, link, pull } from '../link.ts'

export const cgroup2 = link(
  'Linux: Control Group v2',
  'https://docs.kernel.org/admin-guide/cgroup-v2.html',
)
export const bandwidth = link(
  'Linux: CFS Bandwidth Control',
  'https://docs.kernel.org/scheduler/sched-bwc.html',
)
export const javaCommand = link(
  'The java command and its flags',
  'https://docs.oracle.com/en/java/javase/25/docs/specs/man/java.html',
)
export const gcTuning = link(
  'HotSpot: Garbage Collection Tuning',
  'https://docs.oracle.com/en/java/javase/25/gctuning/',
)
export const jdkCgroup2 = jdkBug(8230305, 'container awareness for cgroup v2')
export const jdkAncestors = pull('openjdk/jdk', 20646, 'limits of cgroups above are seen')
export const linkedIn = link(
  'LinkedIn: application pauses when running a JVM inside Linux control groups',
  'https://engineering.linkedin.com/blog/2016/11/application-pauses-when-running-jvm-inside-linux-control-groups',
)
export const rohlik = link(
  'Rohlik: taming the memory of a JVM',
  'https://blog.rohlik.group/blog/taming-jvm-memory-jdk25-part2',
)
export const nodeCli = link('Node.js: command line', 'https://nodejs.org/api/cli.html')
export const pythonQuota = issue('python/cpython', 149452, 'process_cpu_count() and a quota')
export const resize = link(
  'Kubernetes: resize of a container in place',
  'https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/',
)
