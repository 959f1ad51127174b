/** What the rules about the CPU of a JVM rest on. */
import type { jvmCpuFindings } from '../jvm-cpu.ts'
import { issue, jdkBug, link, type Link, pull } from '../link.ts'
import { bandwidth, gcTuning, javaCommand, jdkCgroup2, linkedIn, resize } from './shared.ts'

const jep523 = pull('openjdk/jdk', 31060, 'JEP 523, G1 as the default everywhere')

export const jvmCpuLinks = {
  'jvm.cpu-count-exceeds-quota': [bandwidth, javaCommand, linkedIn],
  'jvm.cpu-count-from-shares': [
    jdkBug(8281181, 'shares are no limit of CPUs'),
    jdkBug(8281571, 'the same, as a change of what a JVM does'),
    jdkBug(8286220, 'the same for 11'),
  ],
  'jvm.cpu-quota-fraction': [bandwidth, javaCommand],
  'jvm.gc-threads-exceed-quota': [linkedIn, gcTuning, bandwidth],
  'jvm.parallelgc-small-quota': [linkedIn, gcTuning],
  'jvm.serial-by-accident': [
    issue('adoptium/containers', 597, 'Serial where nobody asked for it'),
    jep523,
    link(
      'What the defaults of a JVM cost in small containers',
      'https://www.tmdevlab.com/jaz-cloud-jvm-defaults.html',
    ),
  ],
  'jvm.gc-cpu-share': [gcTuning],
  'jvm.gc-thrash': [gcTuning],
  'jvm.throttled-during-gc': [linkedIn, bandwidth],
  'jvm.concurrent-gc-starved': [
    gcTuning,
    link('ZGC', 'https://wiki.openjdk.org/display/zgc/Main'),
    link('Shenandoah', 'https://wiki.openjdk.org/display/shenandoah/Main'),
  ],
  'jvm.startup-throttled': [
    resize,
    link('JEP 483: classes loaded and linked ahead of time', 'https://openjdk.org/jeps/483'),
    bandwidth,
  ],
  'jvm.old-version': [
    jdkCgroup2,
    pull('openjdk/jdk', 23811, 'kernels that list no controllers of v1'),
    pull('openjdk/jdk8u-dev', 779, 'the same for 8'),
    link(
      'Red Hat: container awareness in OpenJDK 17',
      'https://developers.redhat.com/articles/2022/04/19/java-17-whats-new-openjdks-container-awareness',
    ),
  ],
  'jvm.interpreted-or-debug': [javaCommand],
} as const satisfies Record<keyof typeof jvmCpuFindings, readonly Link[]>
