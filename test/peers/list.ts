/**
 * The foreign programs that our tests run against, as data: what to look for, which Debian package
 * brings it. `install.ts` installs what is missing, `peers.ts` starts what is there.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'

interface Peer {
  /** Programs and files that must all be found; the first is the one that tests start. */
  readonly programs: readonly string[]
  /** Debian and Ubuntu packages: the first set that the machine's archive has is installed. */
  readonly packages: readonly (readonly string[])[]
  readonly why: string
  /** Only the long rounds need it. */
  readonly long?: true
}

export const peers = {
  prometheus: {
    programs: ['prometheus'],
    packages: [['prometheus']],
    why: 'scrapes us, and answers PromQL beside us',
  },
  victoria_metrics: {
    programs: ['victoria-metrics'],
    packages: [['victoria-metrics']],
    why: 'stores the same samples beside us',
    long: true,
  },
  promtool: {
    programs: ['promtool'],
    packages: [['prometheus']],
    why: 'checks our metrics and rule files',
  },
  alertmanager: {
    programs: ['prometheus-alertmanager'],
    packages: [['prometheus-alertmanager']],
    why: 'receives our alerts',
  },
  node_exporter: {
    programs: ['prometheus-node-exporter'],
    packages: [['prometheus-node-exporter']],
    why: 'reads the same kernel files',
  },
  java: {
    programs: ['java', 'javac'],
    packages: [['openjdk-17-jdk-headless'], ['default-jdk-headless']],
    why: 'is what JVM findings are about',
  },
  ip: {
    programs: ['ip', 'nsenter'],
    packages: [['iproute2', 'util-linux']],
    why: 'makes networks of their own',
  },
  runc: { programs: ['runc'], packages: [['runc']], why: 'makes real containers' },
  dockerd: {
    programs: ['dockerd'],
    packages: [['docker.io']],
    why: 'names containers the way Docker does',
  },
  containerd: {
    programs: ['containerd', 'ctr'],
    packages: [['containerd']],
    why: 'makes pods as a node of Kubernetes does',
  },
  podman: { programs: ['podman'], packages: [['podman']], why: 'names its cgroups in its own way' },
  busybox: {
    programs: ['busybox'],
    packages: [['busybox-static']],
    why: 'is all that a small container needs',
  },
  openssl: { programs: ['openssl'], packages: [['openssl']], why: 'makes certificates' },
  chromium: { programs: ['chromium'], packages: [['chromium']], why: 'draws the console' },
  user_mode_linux: {
    programs: ['linux.uml'],
    packages: [['user-mode-linux']],
    why: 'is a kernel with cgroup v2',
  },
  qemu: {
    programs: ['qemu-system-x86_64', 'busybox'],
    packages: [['qemu-system-x86', 'busybox-static']],
    why: 'emulates a machine with cgroup v2 and PSI',
    long: true,
  },
  ext4: {
    programs: ['mkfs.ext4', 'perl'],
    packages: [['e2fsprogs', 'perl-base']],
    why: 'is a disk whose power can be cut',
  },
  strace: { programs: ['strace'], packages: [['strace']], why: 'sees what we ask the kernel for' },
  cc: {
    programs: ['cc', '/usr/include/stdio.h'],
    packages: [['gcc', 'libc6-dev']],
    why: 'compiles the floor that reading is measured against',
  },
} as const satisfies Record<string, Peer>

export type PeerName = keyof typeof peers

/** Debian keeps servers in sbin, which the PATH of plain users leaves out. */
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin']

function isFile(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Path of a program, or of a file named by its whole path; undefined where there is none. */
function find(program: string): string | undefined {
  if (program.startsWith('/')) return isFile(program, constants.R_OK) ? program : undefined
  const folders = [...(process.env['PATH'] ?? '').split(':').filter(Boolean), ...SBIN]
  return folders.map((folder) => join(folder, program)).find((path) => isFile(path, constants.X_OK))
}

/** Where a peer's program is; undefined when any of its programs is missing. */
export function peer(name: PeerName): string | undefined {
  const paths = peers[name].programs.map(find)
  return paths.every((path) => path !== undefined) ? paths[0] : undefined
}

/** Of those that this run needs. */
export const missingPeers = (): PeerName[] =>
  (Object.entries(peers) as [PeerName, Peer][])
    .filter(([, { long }]) => long !== true || process.env['LONG'] === '1')
    .map(([name]) => name)
    .filter((name) => peer(name) === undefined)
