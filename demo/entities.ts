/** What made-up machines, containers and runtimes are called: OTel resource attributes. */
import type { Entity } from '../wire/sample.ts'
import { hex, word } from './chance.ts'
import type { Boot, Fleet, Life, Machine } from './fleet.ts'

/** So that nobody takes them for real. */
export const SIMULATED = { 'candor.simulated': 'true' } as const

const NAMES = 21
const UID = 22
const PID = 23

const ofHost = ({ hostId, name }: Machine) => ({ 'host.id': hostId, 'host.name': name })

export const machineEntity = (machine: Machine, boot: Boot, agentVersion: string): Entity => ({
  kind: 'machine',
  startMs: boot.startMs,
  attributes: {
    ...ofHost(machine),
    'host.arch': 'amd64',
    'os.type': 'linux',
    'os.version': machine.shape.kernel,
    'candor.boot.id': boot.id,
    'candor.cgroup.mode': 'v2',
    'candor.machine.controllers': 'cpuset,cpu,io,memory,hugetlb,pids,rdma,misc',
    'candor.agent.version': agentVersion,
    ...SIMULATED,
  },
})

/** A pod keeps its name and its uid while its containers come and go. */
function podOf({ seed }: Fleet, { index }: Machine, { place, workload }: Life) {
  const digits = hex(32, seed, UID, index, place)
  return {
    name: `${workload.name}-${hex(9, seed, NAMES, index, place)}-${hex(5, seed, UID, index, ~place)}`,
    uid: [0, 8, 12, 16, 20].map((at, i) => digits.slice(at, [8, 12, 16, 20, 32][i])).join('-'),
  }
}

const pathOf = (uid: string, { containerId }: Life) =>
  `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${containerId}.scope`

export function containerEntity(fleet: Fleet, machine: Machine, life: Life): Entity {
  const { workload, containerId, startMs } = life
  const { namespace, name, image, memoryLimitBytes } = workload
  const pod = podOf(fleet, machine, life)
  const path = pathOf(pod.uid, life)
  return {
    kind: 'container',
    startMs,
    attributes: {
      ...ofHost(machine),
      'candor.cgroup.path': path,
      'candor.cgroup.inode': String(10_000 + (Number.parseInt(containerId.slice(0, 8), 16) >>> 1)),
      'candor.cgroup.level': 'container',
      ...(memoryLimitBytes !== undefined && { 'candor.memory.limit.cgroup': path }),
      'container.id': containerId,
      'container.name': `${namespace}/${pod.name}/${name}`,
      'container.image.name': image,
      'container.runtime.name': 'containerd',
      'k8s.namespace.name': namespace,
      'k8s.pod.name': pod.name,
      'k8s.pod.uid': pod.uid,
      'k8s.container.name': name,
      'candor.k8s.qos': 'burstable',
      ...SIMULATED,
    },
  }
}

/** Processes start a moment after their container. */
const PROCESS_MS = 300
/** Of one machine no two living ones share a pid: the low part is their place. */
const PID_STEP = 1_024
const PID_ROUNDS = 4_000

/** Undefined for a workload without a runtime. */
export function runtimeEntity(fleet: Fleet, machine: Machine, life: Life): Entity | undefined {
  const { place, workload, containerId, startMs } = life
  const { process } = workload
  if (process === undefined) return undefined
  const pod = podOf(fleet, machine, life)
  const path = pathOf(pod.uid, life)
  const round = word(fleet.seed, PID, Number.parseInt(containerId.slice(24, 32), 16)) % PID_ROUNDS
  return {
    kind: 'runtime',
    startMs: startMs + PROCESS_MS,
    attributes: {
      ...ofHost(machine),
      'process.pid': String(PID_STEP * (1 + round) + place),
      'process.creation.time': new Date(startMs + PROCESS_MS).toISOString(),
      'process.runtime.name': process.kind,
      ...process.attributes,
      'candor.cgroup.path': path,
      'container.id': containerId,
      'container.name': `${workload.namespace}/${pod.name}/${workload.name}`,
      ...(workload.memoryLimitBytes !== undefined && { 'candor.memory.limit.cgroup': path }),
      'candor.runtime.first.memory.limit': String(workload.memoryLimitBytes ?? 'none'),
      'candor.runtime.first.cpu.limit': String(workload.cpuLimitCores ?? 'none'),
      'candor.runtime.first.seen': 'start',
      ...SIMULATED,
    },
  }
}
