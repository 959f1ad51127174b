/**
 * NVMe controllers.
 *
 * Source: /sys/class/nvme/nvmeN/{firmware_rev,model,serial,state}
 */
import { machineNvme } from '../../catalog/tables/machine-nvme.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf } from '../read/row-of.ts'
import { word } from './attribute.ts'
import { type MachineReader, rowsOnly } from './reader.ts'

const FILES = ['firmware_rev', 'model', 'serial', 'state']

export const nvme: MachineReader = {
  name: 'nvme',
  help: 'NVMe controllers: /sys/class/nvme.',
  slow: true,
  open: ({ files, machine }) => {
    const rows = new KeptRows(machineNvme, machine)
    const folder = `${files.paths.sysfs}/class/nvme`
    return () => {
      const devices = files.names(folder)
      if (devices.length === 0) {
        return {
          reason: `nothing at ${folder}`,
          cure: 'nothing to do: there are no NVMe disks',
          notHere: true,
        }
      }
      rows.begin()
      for (const device of devices) {
        const words = FILES.map((file) => word(files, `${folder}/${device}/${file}`) ?? '')
        infoOf(rows, device, ...words)
      }
      return rowsOnly(rows.finish())
    }
  },
}
