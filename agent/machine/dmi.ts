/**
 * What the firmware says of the board.
 *
 * Source: /sys/class/dmi/id, SMBIOS; serial numbers and product_uuid are readable by root alone
 */
import { DMI, machineDmi } from '../../catalog/tables/machine-facts.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf } from '../read/row-of.ts'
import { word } from './attribute.ts'
import { type MachineReader, rowsOnly } from './reader.ts'

export const dmi: MachineReader = {
  name: 'dmi',
  help: 'What the firmware says of the board: /sys/class/dmi/id.',
  slow: true,
  open: ({ files, machine }) => {
    const folder = `${files.paths.sysfs}/class/dmi/id`
    const rows = new KeptRows(machineDmi, machine)
    return () => {
      const told = Object.values(DMI).map((name) => word(files, `${folder}/${name}`))
      if (told.every((text) => text === undefined)) {
        return {
          reason: `no ${folder}`,
          cure: 'nothing to do: the firmware has no SMBIOS, as of small virtual machines',
          notHere: true,
        }
      }
      rows.begin()
      infoOf(rows, ...told.map((text) => text ?? ''))
      return rowsOnly(rows.finish())
    }
  },
}
