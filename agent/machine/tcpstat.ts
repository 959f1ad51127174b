/**
 * TCP sockets by state, and the bytes in their queues.
 *
 * Source: /proc/net/tcp and tcp6, a line a socket, see sockets.ts; include/net/tcp_states.h
 * Units:  sockets; bytes. The queues of a socket that listens count connections: they are left out
 *         of the bytes, while node_exporter adds them.
 *
 * Off by default: the kernel walks the whole table of connections. node_exporter asks over netlink,
 * which Node.js cannot; the kernel gives the same sockets either way.
 */
import { limits } from '../../catalog/limit.ts'
import { machineTcpstat, TCP_STATES } from '../../catalog/tables/machine-sockets.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'
import { retrying } from './retry.ts'
import { parseSockets } from './sockets.ts'

const LISTEN = TCP_STATES.indexOf('listen') + 1
const RECEIVE = columnOf(machineTcpstat, 'rx_queued_bytes')
const TRANSMIT = columnOf(machineTcpstat, 'tx_queued_bytes')

/** Adds up whole lines of one of the files. */
export function parseTcpstat(bytes: Uint8Array, end: number, values: Float64Array): void {
  parseSockets('tcpstat', bytes, end, (state, transmitQueue, receiveQueue) => {
    if (state >= 1 && state <= TCP_STATES.length) values[state - 1]! += 1
    if (state === LISTEN) return
    values[TRANSMIT]! += transmitQueue
    values[RECEIVE]! += receiveQueue
  })
}

export const tcpstat: MachineReader = {
  name: 'tcpstat',
  help: 'TCP sockets by state: /proc/net/{tcp,tcp6}.',
  offByDefault: true,
  open: ({ files, machine }: MachineContext): Read => {
    const lists = [files.net('tcp'), files.net('tcp6')]
    const row = emptyRow(machineTcpstat, machine)
    const retry = retrying(files, ...lists)
    return (timeMs) => {
      retry(timeMs)
      row.values.fill(0)
      let found = 0
      for (const file of lists) {
        const read = files.readLines(file, limits.listBytes.value, (end) =>
          parseTcpstat(files.bytes, end, row.values),
        )
        if (read >= 0) found += 1
      }
      return found === 0 ? noFile('net/tcp') : rowsOnly([row])
    }
  },
}
