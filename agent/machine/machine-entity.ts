/**
 * The machine as an entity.
 *
 * Source: /etc/machine-id, machine-id(5); /proc/sys/kernel/{hostname,osrelease,random/boot_id};
 *         /proc/stat `btime`; /proc/cgroups, cgroups(7)
 */
import type { Entity } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'

/** Names of OpenTelemetry for what Node.js calls otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm: 'arm32',
  ia32: 'x86',
}

/** 32 hex digits; `uninitialized` and zeros are what an image has before its first boot. */
const MACHINE_ID = /^(?!0{32})[0-9a-f]{32}$/

export function readMachine(files: KernelFiles, cgroupMode: string, agentVersion: string): Entity {
  const { procfs } = files.paths
  const kernel = (name: string) => files.readText(`${procfs}/sys/kernel/${name}`) ?? 'unknown'
  const bootId = kernel('random/boot_id')
  const bootTimeMs = readBootTimeMs(files)
  const controllers = readControllers(files)
  return {
    kind: 'machine',
    attributes: {
      'host.id': readMachineId(files) ?? bootId,
      'host.name': kernel('hostname'),
      'host.arch': ARCHITECTURES[process.arch] ?? process.arch,
      'os.type': 'linux',
      'os.version': kernel('osrelease'),
      'candor.boot.id': bootId,
      'candor.cgroup.mode': cgroupMode,
      ...(controllers !== undefined && { 'candor.machine.controllers': controllers.join(',') }),
      'candor.agent.version': agentVersion,
    },
    ...(bootTimeMs !== undefined && { startMs: bootTimeMs }),
  }
}

/**
 * Where another /proc than ours is read, ours is another file system: then the id comes from that of
 * the other's first process, if it may be read.
 */
function readMachineId(files: KernelFiles): string | undefined {
  const { procfs } = files.paths
  const root = procfs === '/proc' ? '' : `${procfs}/1/root`
  try {
    const id = files.readText(`${root}/etc/machine-id`)
    return id !== undefined && MACHINE_ID.test(id) ? id : undefined
  } catch {
    return undefined
  }
}

/** `#subsys_name hierarchy num_cgroups enabled`; there too where all of them are of v2. */
function readControllers(files: KernelFiles): string[] | undefined {
  return files
    .readText(`${files.paths.procfs}/cgroups`)
    ?.split('\n')
    .flatMap((line) => /^(\w+)\s+\d+\s+\d+\s+1$/.exec(line)?.[1] ?? [])
}

function readBootTimeMs(files: KernelFiles): number | undefined {
  const text = files.readText(`${files.paths.procfs}/stat`) ?? ''
  const seconds = /^btime (\d+)$/m.exec(text)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
