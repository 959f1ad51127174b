/**
 * Which CPUs share a core, a socket, a NUMA node.
 *
 * Source: /sys/devices/system/cpu/cpuN/{topology,nodeN}; Documentation/admin-guide/cputopology.rst.
 *         CPUs that are offline have no topology.
 */
import type { KernelFiles } from '../read/files.ts'
import { numbered, word } from './attribute.ts'

export interface CpuPlace {
  readonly cpu: string
  readonly core: string
  readonly socket: string
  /** `0` where the kernel knows no nodes. */
  readonly node: string
}

export function readTopology(files: KernelFiles): CpuPlace[] {
  const folder = `${files.paths.sysfs}/devices/system/cpu`
  return numbered(files, folder, 'cpu').flatMap(([name, cpu]): CpuPlace[] => {
    if (word(files, `${folder}/${name}/online`) === '0') return []
    const core = word(files, `${folder}/${name}/topology/core_id`)
    const socket = word(files, `${folder}/${name}/topology/physical_package_id`)
    if (core === undefined || socket === undefined) return []
    const [[, node] = ['', '0']] = numbered(files, `${folder}/${name}`, 'node')
    return [{ cpu, core, socket, node }]
  })
}

/** What is the same core. */
export const coreOf = ({ node, socket, core }: CpuPlace): string => `${node} ${socket} ${core}`
