/**
 * What figures are about. An entity is known by its identity attributes; the rest of its OTel
 * resource attributes describe it and may change (they are the facts of docs/words.md).
 */
export type EntityKind = 'machine' | 'container' | 'runtime'

export interface EntityType {
  readonly kind: EntityKind
  /** Resource attributes that together name one entity for ever. */
  readonly identity: readonly string[]
  /** Prometheus labels of its series, and the attribute each comes from. */
  readonly labels: readonly { readonly label: string; readonly attribute: string }[]
  readonly help: string
}

/** Set by our agent on every resource, so that a collector need not guess the kind. */
export const KIND_ATTRIBUTE = 'candor.entity.kind'

/** Label `job` of all series of our agents: to Prometheus none is without one, and people select by it. */
export const AGENT_JOB = 'candor'

export const entities = {
  machine: {
    kind: 'machine',
    identity: ['host.id'],
    labels: [],
    help: 'One kernel. Prometheus says instance, OpenTelemetry says host.',
  },
  container: {
    kind: 'container',
    identity: ['host.id', 'candor.cgroup.path', 'candor.cgroup.inode'],
    labels: [
      { label: 'id', attribute: 'candor.cgroup.path' },
      { label: 'name', attribute: 'container.name' },
      { label: 'image', attribute: 'container.image.name' },
      { label: 'namespace', attribute: 'k8s.namespace.name' },
      { label: 'pod', attribute: 'k8s.pod.name' },
      { label: 'container', attribute: 'k8s.container.name' },
    ],
    help: 'A cgroup that a runtime, systemd or an operator uses as a unit of work.',
  },
  runtime: {
    kind: 'runtime',
    identity: ['host.id', 'process.pid', 'process.creation.time'],
    labels: [
      { label: 'pid', attribute: 'process.pid' },
      { label: 'id', attribute: 'candor.cgroup.path' },
      { label: 'name', attribute: 'container.name' },
    ],
    help: 'A process with its own idea of how much it may use: a JVM, Go, Node.js, .NET, Python …',
  },
} as const satisfies Record<EntityKind, EntityType>

/** Last item of an attribute that is a list and was cut: what comes after is unknown, not unset. */
export const CUT = '…'

/** Attributes that say more about an entity; docs print them, the collector stores any. */
export const attributes = {
  'host.id': 'Machine: /etc/machine-id, or the boot id where there is none.',
  'host.name': 'Machine: /proc/sys/kernel/hostname; the label `instance` in queries.',
  'host.arch': 'Machine: amd64, arm64, …',
  'os.type': 'Machine: linux.',
  'os.version': 'Machine: kernel release, /proc/sys/kernel/osrelease.',
  'candor.boot.id': 'Machine: /proc/sys/kernel/random/boot_id.',
  'candor.cgroup.mode': 'Machine: v1, v2 or hybrid.',
  'candor.machine.controllers':
    'Machine: controllers that /proc/cgroups shows as enabled, by commas; absent without that file.',
  'candor.agent.version': 'Machine: version of the agent that reports it.',
  'candor.simulated': 'Any: `true` where `candor demo` made it up.',
  'candor.cgroup.path':
    'Container, runtime: path below the cgroup mount. Of a runtime `/` for the root cgroup; absent where not known.',
  'candor.cgroup.inode':
    'Container: inode of the cgroup directory; tells re-created cgroups apart.',
  'candor.cgroup.level':
    'Container: `container` for a unit of work, `group` for what only holds others.',
  'container.id': 'Container, runtime: 64 hex digits, where the path holds them.',
  'container.name':
    'Container: the name that its runtime gave it, `namespace/pod/container` where that is Kubernetes, the short id until it is known. Runtime: that of its container, or `candor.cgroup.name`.',
  'container.image.name':
    'Container: image; `unknown` for a container that has an id, until its runtime was asked.',
  'container.runtime.name':
    'Container: docker, containerd, cri-o, podman, lxc, systemd-nspawn, libvirt, nomad, systemd or cgroup.',
  'candor.cgroup.name':
    'Container: name of a unit of work that no container runtime made: the systemd unit, or the last part of the path. No label, so that `name!=""` selects containers alone, as with cAdvisor.',
  'container.label':
    'Container: with a dot and a name behind it, a label that --identity.labels allows.',
  'k8s.namespace.name':
    'Container: namespace of its pod, where known; also on the cgroup of a pod.',
  'k8s.pod.name': 'Container: its pod, where known; also on the cgroup of a pod.',
  'k8s.pod.uid': 'Container: uid of its pod, by the path; also on the cgroup of a pod.',
  'k8s.container.name':
    "Container: its name in the pod, the short id until it is known; absent on a pod's sandbox and outside Kubernetes.",
  'candor.k8s.qos': 'Container: guaranteed, burstable or besteffort, by the path.',
  'process.pid': 'Runtime: pid as the host sees it.',
  'process.creation.time': 'Runtime: start time, ISO 8601.',
  'process.runtime.name':
    'Runtime: jvm, native-image, go, nodejs, dotnet, python, beam, nginx, envoy, postgresql, php-fpm or ruby.',
  'process.runtime.version':
    'Runtime: its version as it tells it itself; of a JVM java.property.java.version.',
  'process.runtime.description': 'Runtime: vendor and mode of the virtual machine.',
  'candor.jvm.collector': 'JVM: Serial, Parallel, CMS, G1, ZGC, Shenandoah or Epsilon.',
  'candor.jvm.main': 'JVM: main class or jar; its arguments are dropped.',
  'candor.jvm.flags': 'JVM: -X and -XX flags in effective order; -D values are dropped.',
  'candor.runtime.name':
    'Runtime: what people call it: main class or jar, script, module or program; no arguments.',
  'candor.runtime.environment':
    'Runtime: variables of its environment at its start, those of catalog/runtime-setting.ts alone: `NAME=value`, one a line.',
  'candor.runtime.arguments':
    'Runtime: arguments of its command line, those of catalog/runtime-setting.ts alone, one a line.',
  'candor.runtime.build':
    'Runtime: what was built in and matters for limits, such as modules and GODEBUG: `name=value`, one a line.',
  'candor.runtime.pool': 'Runtime: name of the largest group of threads, without its numbers.',
  'candor.runtime.allocator':
    'Runtime: allocator or C library other than glibc: jemalloc, tcmalloc, mimalloc, musl.',
  'candor.runtime.sees.cgroups':
    'Runtime: `false` where no cgroup file system is mounted in its view.',
  'candor.runtime.believed.cpus.source':
    'Runtime: where candor_runtime_believed_cpus comes from, with its confidence before it: `exact -XX:ActiveProcessorCount`.',
  'candor.runtime.believed.memory.source':
    'Runtime: where candor_runtime_believed_memory_bytes comes from, as above.',
  'candor.runtime.first.memory.limit':
    'Runtime: effective memory limit of its cgroup in bytes when it was first seen, `none` without one.',
  'candor.runtime.first.cpu.limit':
    'Runtime: effective CPU quota of its cgroup in cores when it was first seen, `none` without one.',
  'candor.runtime.first.seen':
    'Runtime: `start` where that was within a minute of its start, else `later`.',
  'candor.jvm.flags.final':
    'JVM: flags with final value and origin, as its own tables have them: `Name=value origin`, one a line; with --runtime.introspection=deep alone.',
  'candor.jvm.capabilities':
    'JVM: literals of catalog/jvm-capability.ts that its library holds, one a line; empty when it holds none.',
  'candor.jvm.counters.filesystem': 'JVM: type of the file system that holds its counters.',
  'candor.memory.limit.cgroup':
    'Container, runtime: the cgroup whose memory limit is the tightest.',
} as const
