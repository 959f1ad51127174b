/**
 * Ports of Fibre Channel adapters.
 *
 * Source: /sys/class/fc_host/HOST, words; below `statistics` hexadecimal numbers, all ones for a
 *         counter that the adapter does not have; drivers/scsi/scsi_transport_fc.c
 */
import {
  fibrechannelFiles,
  fibrechannelInfo,
  machineFibrechannel,
  machineFibrechannelInfo,
} from '../../catalog/tables/machine-fibrechannel.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { type MachineContext, type MachineReader, type Off, type Read, rowsOnly } from './reader.ts'
import { parseAttribute } from './netclass.ts'

const NOT_COUNTED = 2 ** 64

const statistic = (file: string, text: string | undefined): number => {
  const value = parseAttribute(file, text)
  return value === NOT_COUNTED ? Number.NaN : value
}

const NO_ADAPTER: Off = {
  reason: 'no Fibre Channel adapters: no class/fc_host under --path.sysfs',
  cure: 'none is needed where there are none',
  notHere: true,
}

export const fibrechannel: MachineReader = {
  name: 'fibrechannel',
  help: 'Ports of Fibre Channel adapters: /sys/class/fc_host.',
  open: ({ files, machine }: MachineContext): Read => {
    const folder = `${files.paths.sysfs}/class/fc_host`
    const ports = new KeptRows(machineFibrechannel, machine)
    const infos = new KeptRows(machineFibrechannelInfo, machine)
    return () => {
      const hosts = files.names(folder)
      if (hosts.length === 0) return NO_ADAPTER
      ports.begin()
      infos.begin()
      for (const host of hosts) {
        const text = (file: string) => files.readAttribute(`${folder}/${host}/${file}`)
        const words = fibrechannelInfo.map(({ file, isHex }) => {
          const word = text(file) ?? ''
          return isHex ? word.replace(/^0x/, '') : word
        })
        const info = [host, ...words]
        infos.row(info.join('\0'), () => info)[0] = 1
        const values = ports.row(host, () => [host])
        fibrechannelFiles.forEach((file, column) => {
          values[column] = statistic(file, text(`statistics/${file}`))
        })
      }
      return rowsOnly([...ports.finish(), ...infos.finish()])
    }
  },
}
