/** What the machine is: kernel, distribution, board, hypervisor, security modules. */
import type { Table } from '../metric.ts'
import { family } from './family.ts'
import { infoTable, keysOf } from './info.ts'

export const machineUname = infoTable({
  name: 'machine_uname',
  prom: 'node_uname_info',
  otel: 'candor.system.uname.info',
  keys: keysOf(
    'candor.uname',
    'sysname',
    'release',
    'version',
    'machine',
    'nodename',
    'domainname',
  ),
  rows: 'one a machine',
  help: 'What uname says; always 1.',
  source: '/proc/sys/kernel/{ostype,osrelease,version,arch,hostname,domainname}',
})

/** Keys of os-release(5) by label, in the order of the labels. */
export const OS_RELEASE = {
  build_id: 'BUILD_ID',
  id: 'ID',
  id_like: 'ID_LIKE',
  image_id: 'IMAGE_ID',
  image_version: 'IMAGE_VERSION',
  name: 'NAME',
  pretty_name: 'PRETTY_NAME',
  variant: 'VARIANT',
  variant_id: 'VARIANT_ID',
  version: 'VERSION',
  version_codename: 'VERSION_CODENAME',
  version_id: 'VERSION_ID',
} as const

const OS_SOURCE = '/etc/os-release or /usr/lib/os-release below --path.rootfs; os-release(5)'

export const machineOs = infoTable({
  name: 'machine_os',
  prom: 'node_os_info',
  otel: 'candor.system.os.info',
  keys: keysOf('candor.os', ...Object.keys(OS_RELEASE)),
  rows: 'one a machine',
  help: 'The distribution; always 1.',
  source: OS_SOURCE,
})

export const machineOsVersion: Table = {
  name: 'machine_os_version',
  entity: 'machine',
  keys: keysOf('candor.os', 'id', 'id_like', 'name'),
  rows: 'one a machine',
  narrow: true,
  slow: true,
  metrics: family('os', OS_SOURCE, [
    [
      'version',
      'node_os_version',
      'gauge',
      '1',
      'Version of the distribution as a number, major.minor.',
    ],
  ]),
}

export const machineOsSupport: Table = {
  name: 'machine_os_support',
  entity: 'machine',
  keys: [],
  rows: 'one a machine',
  narrow: true,
  slow: true,
  metrics: family('os', `${OS_SOURCE}, SUPPORT_END`, [
    [
      'support_end',
      'node_os_support_end_timestamp_seconds',
      'gauge',
      's',
      'Unix time at which support of the distribution ends.',
    ],
  ]),
}

/** Files of /sys/class/dmi/id by label. */
export const DMI = {
  bios_date: 'bios_date',
  bios_release: 'bios_release',
  bios_vendor: 'bios_vendor',
  bios_version: 'bios_version',
  board_asset_tag: 'board_asset_tag',
  board_name: 'board_name',
  board_serial: 'board_serial',
  board_vendor: 'board_vendor',
  board_version: 'board_version',
  chassis_asset_tag: 'chassis_asset_tag',
  chassis_serial: 'chassis_serial',
  chassis_vendor: 'chassis_vendor',
  chassis_version: 'chassis_version',
  product_family: 'product_family',
  product_name: 'product_name',
  product_serial: 'product_serial',
  product_sku: 'product_sku',
  product_uuid: 'product_uuid',
  product_version: 'product_version',
  system_vendor: 'sys_vendor',
} as const

export const machineDmi = infoTable({
  name: 'machine_dmi',
  prom: 'node_dmi_info',
  otel: 'candor.system.dmi.info',
  keys: keysOf('candor.dmi', ...Object.keys(DMI)),
  rows: 'one a machine',
  help: 'What the firmware says of the board; always 1. Serial numbers only where the agent is root.',
  source: '/sys/class/dmi/id',
})

export const machineVirtualization = infoTable({
  name: 'machine_virtualization',
  prom: 'candor_machine_virtualization_info',
  otel: 'candor.system.virtualization.info',
  keys: keysOf('candor.virtualization', 'type'),
  rows: 'one a machine; two in a container on a virtual machine',
  help: 'What the machine runs on, in the words of systemd-detect-virt, `none` for bare metal; always 1.',
  source: '/sys/class/dmi/id, /sys/hypervisor/type, /proc/cpuinfo, /proc/1/environ `container=`',
})

export const machineLsm = infoTable({
  name: 'machine_lsm',
  prom: 'candor_machine_lsm_info',
  otel: 'candor.system.lsm.info',
  keys: keysOf('candor.lsm', 'name'),
  rows: 'one a security module of the kernel',
  help: 'Security modules that are active; always 1.',
  source: '/sys/kernel/security/lsm',
})
