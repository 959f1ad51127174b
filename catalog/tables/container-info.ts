/** One row a container: what tells it from others and hardly changes, once and not on every series. */
import type { Table } from '../metric.ts'

export const containerInfo = {
  name: 'container_info',
  entity: 'container',
  narrow: true,
  slow: true,
  keys: [
    { label: 'runtime', attribute: 'container.runtime.name' },
    { label: 'container_id', attribute: 'container.id' },
    { label: 'cgroup_version', attribute: 'candor.cgroup.mode' },
    { label: 'unit', attribute: 'candor.cgroup.name' },
    { label: 'pod_uid', attribute: 'k8s.pod.uid' },
    { label: 'qos', attribute: 'candor.k8s.qos' },
    { label: 'state', attribute: 'candor.container.state' },
  ],
  attributeLabels: 'container.label.',
  rows: 'one a container, systemd unit or plain cgroup; none for what only holds others',
  metrics: [
    {
      column: 'info',
      prom: 'candor_container_info',
      otel: 'candor.container.info',
      kind: 'gauge',
      unit: '1',
      help: 'What a container is, always 1: its runtime, full id, version of cgroups, systemd unit, pod, quality of service, state, and the labels of it that --identity.labels allows.',
      source: "the cgroup's path; the runtime's socket or the kubelet, where they may be asked",
      since: '0.1',
    },
  ],
} as const satisfies Table
