/**
 * The labels by which cAdvisor names the machine: machine_id, system_uuid, boot_id.
 *
 * Source: /etc/machine-id; /sys/class/dmi/id/product_uuid, which only root may read, or the device
 *         tree; /proc/sys/kernel/random/boot_id
 */
import type { Entity } from '../../wire/sample.ts'
import type { KernelFiles } from '../read/files.ts'
import { word } from './attribute.ts'

const DEVICE_TREE = 'firmware/devicetree/base'

export function machineLabels(files: KernelFiles, machine: Entity): readonly string[] {
  const { sysfs } = files.paths
  const { 'host.id': id = '', 'candor.boot.id': boot = '' } = machine.attributes
  // Without a machine-id the boot's stands for the machine; as a label it would say something else.
  const machineId = id === boot ? '' : id
  const uuid = [
    `${sysfs}/class/dmi/id/product_uuid`,
    `${sysfs}/${DEVICE_TREE}/system-id`,
    `${sysfs}/${DEVICE_TREE}/vm,uuid`,
  ]
    .map((path) => word(files, path)?.replaceAll('\0', ''))
    .find((text) => text !== undefined && text !== '')
  return [machineId, uuid ?? machineId, boot]
}
