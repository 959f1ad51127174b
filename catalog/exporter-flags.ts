/**
 * What command lines and scrape configurations of node_exporter may name and we have not: each is
 * taken, so that they go on working, and what has no effect is said with its reason.
 */

const NATIVE = 'which only native code can make'
const SCRIPT =
  'Off by default there and not read here; the reader textfile hands on what others write'

/** Collectors by their names, to version 1.10; every other collector for Linux is a reader of ours. */
export const collectorsWithoutReader: Readonly<Record<string, string>> = {
  timex: `Needs the system call adjtimex, ${NATIVE}; the reader clock tells whether the clock is set.`,
  zfs: 'ZFS: no such machine was at hand to check figures against; the reader textfile hands on what others write.',
  bcache: 'bcache: no such machine was at hand to check figures against.',
  bcachefs: 'bcachefs: no such machine was at hand to check figures against.',
  tapestats: 'Tape drives: no such machine was at hand to check figures against.',
  wifi: `Needs netlink, ${NATIVE}.`,
  ethtool: `Needs ioctl, ${NATIVE}; the readers netclass and netdev have what /sys and /proc tell.`,
  network_route: `Needs netlink, ${NATIVE}.`,
  qdisc: `Needs netlink, ${NATIVE}.`,
  perf: `Needs the system call perf_event_open, ${NATIVE}.`,
  systemd:
    'Needs D-Bus; a unit that runs is a cgroup, and container_* has its figures under unit of candor_container_info.',
  logind: 'Needs D-Bus.',
  ntp: 'Asks a server over the network, which the agent does not; the reader clock tells when one last set the clock.',
  supervisord: 'Asks another program over the network, which the agent does not.',
  ...Object.fromEntries(
    [
      'cpu_vulnerabilities',
      'drbd',
      'drm',
      'lnstat',
      'mountstats',
      'pcidevice',
      'runit',
      'slabinfo',
      'sysctl',
      'xfrm',
    ].map((name) => [name, `${SCRIPT}.`]),
  ),
}

interface WithoutEffect {
  readonly type: 'string' | 'boolean'
  readonly reason: string
}

const of = (
  type: WithoutEffect['type'],
  reason: string,
  ...names: readonly string[]
): Readonly<Record<string, WithoutEffect>> =>
  Object.fromEntries(names.map((name) => [name, { type, reason }]))

const SOCKET = 'Everything is read from /proc and /sys, and nothing over netlink.'
const LACKING = 'Belongs to a collector that is not read here.'

/** Flags by their names. */
export const flagsWithoutEffect: Readonly<Record<string, WithoutEffect>> = {
  ...of('string', 'The agent works in one thread.', 'runtime.gomaxprocs'),
  ...of(
    'boolean',
    SOCKET,
    'collector.netclass.netlink',
    'collector.netclass_rtnl.with-stats',
    'collector.netdev.netlink',
    'collector.netdev.address-info',
    'collector.netdev.enable-detailed-metrics',
  ),
  ...of(
    'boolean',
    LACKING,
    'collector.bcache.priorityStats',
    'collector.ntp.server-is-local',
    'collector.systemd.enable-task-metrics',
    'collector.systemd.enable-restarts-metrics',
    'collector.systemd.enable-start-time-metrics',
  ),
  ...of(
    'string',
    LACKING,
    'collector.ethtool.device-include',
    'collector.ethtool.device-exclude',
    'collector.ethtool.metrics-include',
    'collector.ntp.server',
    'collector.ntp.server-port',
    'collector.ntp.protocol-version',
    'collector.ntp.ip-ttl',
    'collector.ntp.max-distance',
    'collector.ntp.local-offset-tolerance',
    'collector.perf.cpus',
    'collector.perf.tracepoint',
    'collector.perf.hardware-profilers',
    'collector.perf.software-profilers',
    'collector.perf.cache-profilers',
    'collector.qdisc.fixtures',
    'collector.qdisc.device-include',
    'collector.qdisc.device-exclude',
    'collector.qdisk.device-include',
    'collector.qdisk.device-exclude',
    'collector.runit.servicedir',
    'collector.slabinfo.slabs-include',
    'collector.slabinfo.slabs-exclude',
    'collector.supervisord.url',
    'collector.sysctl.include',
    'collector.sysctl.include-info',
    'collector.systemd.unit-include',
    'collector.systemd.unit-exclude',
    'collector.tapestats.ignored-devices',
    'collector.wifi.fixtures',
  ),
}
