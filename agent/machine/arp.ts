/**
 * How many neighbours each network device has in the ARP table.
 *
 * Source: /proc/net/arp, a line of heading, then
 *         `192.0.2.1  0x1  0x2  02:fc:00:00:00:05  *  eth0`; net/ipv4/arp.c
 */
import { limits } from '../../catalog/limit.ts'
import { machineArp } from '../../catalog/tables/machine-arp.ts'
import { KeptRows } from '../read/kept-rows.ts'
import type { LeftOut } from '../read/keyed-rows.ts'
import { malformed } from '../read/malformed.ts'
import { ascii, Scan } from '../read/scan.ts'
import { deviceFlags, devicesLeftOut } from './devices.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'

const HEADING = ascii('IP address')
/** Address, type, flags, hardware address and mask stand before the device. */
const WORDS_BEFORE = 5

const scan = new Scan()

/** Whole lines of the file; counts up the rows of their devices. */
export function parseArp(
  bytes: Uint8Array,
  end: number,
  devices: KeptRows,
  leftOut?: LeftOut,
): void {
  scan.over(bytes, end)
  for (; !scan.done; scan.nextLine()) {
    if (scan.sees(HEADING)) continue
    const start = scan.at
    for (let word = 0; word < WORDS_BEFORE; word += 1) {
      scan.word()
      scan.blanks()
    }
    const at = scan.at
    scan.word()
    if (scan.at === at) throw malformed('arp', bytes, start, end, '`address type flags … device`')
    const device = Buffer.from(bytes.subarray(at, scan.at)).toString('utf8')
    if (leftOut?.test(device) === true) continue
    devices.sum(device, () => [device])[0]! += 1
  }
}

export const arp: MachineReader = {
  name: 'arp',
  help: 'Neighbours by network device: /proc/net/arp.',
  flags: deviceFlags('arp', 'network devices'),
  open: ({ files, machine, settings }: MachineContext): Read => {
    const leftOut = devicesLeftOut('arp', settings)
    const file = files.net('arp')
    const devices = new KeptRows(machineArp, machine)
    return () => {
      devices.begin()
      const read = files.readLines(file, limits.listBytes.value, (end) =>
        parseArp(files.bytes, end, devices, leftOut),
      )
      return read < 0 ? noFile('net/arp') : rowsOnly(devices.finish())
    }
  },
}
