/**
 * The kernel's lists of sockets.
 *
 * Source: /proc/net/{tcp,tcp6,udp,udp6}: a line of heading, then
 *         `0: 0100007F:0050 00000000:0000 0A 00000000:00000000 …`, which is
 *         `sl local_address rem_address st tx_queue:rx_queue …`; Documentation/networking/proc_net_tcp.rst
 */
import { malformed } from '../read/malformed.ts'
import { ascii, Scan } from '../read/scan.ts'

const HEADING = ascii('sl ')
const COLON = 58
const EXPECTED = '`sl: local remote state tx_queue:rx_queue …`'

const scan = new Scan()

/** Calls `take` for each socket of whole lines; the heading may be among them. */
export function parseSockets(
  family: string,
  bytes: Uint8Array,
  end: number,
  take: (state: number, transmitQueue: number, receiveQueue: number) => void,
): void {
  scan.over(bytes, end)
  for (; !scan.done; scan.nextLine()) {
    const start = scan.at
    scan.blanks()
    if (scan.sees(HEADING)) continue
    for (let word = 0; word < 3; word += 1) {
      scan.word()
      scan.blanks()
    }
    const state = scan.hex()
    scan.blanks()
    const transmitQueue = scan.hex()
    const colon = !scan.done && bytes[scan.at] === COLON
    scan.at += 1
    const receiveQueue = scan.hex()
    if (!colon || Number.isNaN(state) || Number.isNaN(transmitQueue + receiveQueue)) {
      throw malformed(family, bytes, start, end, EXPECTED)
    }
    take(state, transmitQueue, receiveQueue)
  }
}
