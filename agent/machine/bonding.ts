/**
 * Bonds of network devices: how many devices each has, and how many of them have a link.
 *
 * Source: /sys/class/net/bonding_masters, BOND/bonding/slaves, and of each device
 *         BOND/lower_DEVICE/bonding_slave/mii_status (slave_DEVICE before Linux 3.13);
 *         Documentation/networking/bonding.rst
 */
import { machineBonding } from '../../catalog/tables/machine-bonding.ts'
import { columnOf } from '../../catalog/tables.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { type MachineContext, type MachineReader, type Off, type Read, rowsOnly } from './reader.ts'
import { retrying } from './retry.ts'

const SLAVES = columnOf(machineBonding, 'slaves')
const ACTIVE = columnOf(machineBonding, 'active')

const words = (text: string | undefined): readonly string[] =>
  (text ?? '').split(/\s+/).filter((word) => word !== '')

const NOT_LOADED: Off = {
  reason: 'no network devices are bonded: no class/net/bonding_masters under --path.sysfs',
  cure: 'none is needed where no bond is used',
  notHere: true,
}

export const bonding: MachineReader = {
  name: 'bonding',
  help: 'Bonds of network devices: /sys/class/net/BOND/bonding.',
  open: ({ files, machine }: MachineContext): Read => {
    const folder = `${files.paths.sysfs}/class/net`
    const masters = files.sys('class/net/bonding_masters')
    const bonds = new KeptRows(machineBonding, machine)
    const retry = retrying(files, masters)
    const hasLink = (bond: string, device: string) =>
      ['lower', 'slave'].some(
        (prefix) =>
          files.readAttribute(`${folder}/${bond}/${prefix}_${device}/bonding_slave/mii_status`) ===
          'up',
      )
    return (timeMs) => {
      retry(timeMs)
      const end = files.read(masters)
      if (end < 0) return NOT_LOADED
      bonds.begin()
      for (const bond of words(files.bytes.toString('utf8', 0, end))) {
        const slaves = words(files.readAttribute(`${folder}/${bond}/bonding/slaves`))
        const values = bonds.row(bond, () => [bond])
        values[SLAVES] = slaves.length
        values[ACTIVE] = slaves.filter((device) => hasLink(bond, device)).length
      }
      return rowsOnly(bonds.finish())
    }
  },
}
