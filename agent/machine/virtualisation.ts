/**
 * What the machine runs on, in the words of systemd-detect-virt(1).
 *
 * An agent cannot ask the processor, so four places tell: the firmware's names, /sys/hypervisor, the
 * flag `hypervisor` of /proc/cpuinfo, and the clock sources that only one hypervisor offers. A
 * container is told besides the machine below it: by `container=` in the environment of the first
 * process, where the agent may read it, or, in a PID namespace of its own, by the marks that Docker
 * and podman leave.
 *
 * Source: /sys/class/dmi/id, /sys/hypervisor/type, /proc/cpuinfo,
 *         /sys/devices/system/clocksource, /sys/firmware/devicetree/base/hypervisor/compatible,
 *         /proc/1/environ
 */
import { machineVirtualization } from '../../catalog/tables/machine-facts.ts'
import { isRefusal, type KernelFiles } from '../read/files.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf } from '../read/row-of.ts'
import { onRoot, word } from './attribute.ts'
import { parseCpuInfo } from './cpu-info.ts'
import { type MachineReader, rowsOnly } from './reader.ts'

/** What names in the firmware begin with; the first that fits counts. */
const FIRMWARE: readonly (readonly [prefix: string, type: string])[] = [
  ['KVM', 'kvm'],
  ['OpenStack', 'kvm'],
  ['KubeVirt', 'kvm'],
  ['Amazon EC2', 'amazon'],
  ['Google Compute Engine', 'google'],
  ['QEMU', 'qemu'],
  ['VMware', 'vmware'],
  ['VMW', 'vmware'],
  ['innotek GmbH', 'oracle'],
  ['VirtualBox', 'oracle'],
  ['Oracle Corporation', 'oracle'],
  ['Xen', 'xen'],
  ['Bochs', 'bochs'],
  ['Parallels', 'parallels'],
  ['BHYVE', 'bhyve'],
  ['Hyper-V', 'microsoft'],
  ['Virtual Machine', 'microsoft'],
  ['Apple Virtualization', 'apple'],
]
const FIRMWARE_FILES = ['product_name', 'sys_vendor', 'board_vendor', 'bios_vendor']

const CLOCKSOURCES: readonly (readonly [name: RegExp, type: string])[] = [
  [/\bkvm-clock\b/, 'kvm'],
  [/\bhyperv_clocksource/, 'microsoft'],
  [/\bxen\b/, 'xen'],
]

/** Of processes that are in no container: PROC_PID_INIT_INO of include/linux/proc_ns.h. */
const FIRST_NAMESPACE = 'pid:[4026531836]'

export interface Traces {
  /** Names in the firmware. */
  readonly firmware: readonly string[]
  readonly hypervisorType?: string | undefined
  /** Text of /proc/cpuinfo. */
  readonly cpuInfo?: string | undefined
  readonly clocksources?: string | undefined
  readonly deviceTree?: string | undefined
}

/** Undefined where nothing tells: not every architecture says that it is bare metal. */
export function machineBelow(traces: Traces): string | undefined {
  const [cpu] = traces.cpuInfo === undefined ? [] : parseCpuInfo(traces.cpuInfo)
  if (cpu?.get('vendor_id') === 'User Mode Linux') return 'uml'
  const flags = cpu?.get('flags')?.split(' ')
  if (traces.hypervisorType !== undefined && traces.hypervisorType !== '') {
    return traces.hypervisorType
  }
  // Clouds have their names in the firmware of bare metal too: the processor has the last word.
  if (flags !== undefined && !flags.includes('hypervisor')) return 'none'
  const clock = CLOCKSOURCES.find(([name]) => name.test(traces.clocksources ?? ''))?.[1]
  const firmware = FIRMWARE.find(([prefix]) =>
    traces.firmware.some((name) => name.startsWith(prefix)),
  )?.[1]
  // QEMU is also what emulates; with the clock of KVM it does not.
  if (firmware !== undefined) return firmware === 'qemu' && clock === 'kvm' ? 'kvm' : firmware
  if (clock !== undefined) return clock
  if (/linux,kvm/.test(traces.deviceTree ?? '')) return 'kvm'
  return flags === undefined ? undefined : 'vm-other'
}

/** Of the first process; undefined where it runs in none, or nobody may know. */
export const containerOf = (environ: string): string | undefined =>
  /(?:^|\0)container=([a-z0-9-]{1,32})(?:\0|$)/.exec(environ)?.[1]

function readContainer(files: KernelFiles): string | undefined {
  try {
    const end = files.readOnce(`${files.paths.procfs}/1/environ`)
    const told = end < 0 ? undefined : containerOf(files.bytes.toString('latin1', 0, end))
    if (told !== undefined) return told
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  // Images of virtual machines that were made from those of containers carry the marks too.
  const namespace = files.linkTarget(`${files.paths.procfs}/self/ns/pid`)
  if (namespace === undefined || namespace === FIRST_NAMESPACE) return undefined
  if (files.exists(onRoot(files, '/run/.containerenv'))) return 'podman'
  return files.exists(onRoot(files, '/.dockerenv')) ? 'docker' : undefined
}

export const virtualisation: MachineReader = {
  name: 'virtualization',
  help: 'What the machine runs on: /sys/class/dmi/id, /proc/cpuinfo.',
  slow: true,
  open: ({ files, machine }) => {
    const { procfs, sysfs } = files.paths
    const rows = new KeptRows(machineVirtualization, machine)
    return () => {
      rows.begin()
      const below = machineBelow({
        firmware: FIRMWARE_FILES.flatMap(
          (name) => word(files, `${sysfs}/class/dmi/id/${name}`) ?? [],
        ),
        hypervisorType: word(files, `${sysfs}/hypervisor/type`),
        cpuInfo: files.readText(`${procfs}/cpuinfo`),
        clocksources: word(
          files,
          `${sysfs}/devices/system/clocksource/clocksource0/available_clocksource`,
        ),
        deviceTree: word(files, `${sysfs}/firmware/devicetree/base/hypervisor/compatible`),
      })
      const container = readContainer(files)
      if (below !== undefined) infoOf(rows, below)
      if (container !== undefined) infoOf(rows, container)
      const found = rows.finish()
      if (found.length > 0) return rowsOnly(found)
      return {
        reason: 'nothing tells what the machine runs on',
        cure: 'nothing to do',
        notHere: true,
      }
    }
  },
}
