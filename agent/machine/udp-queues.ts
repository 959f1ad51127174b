/**
 * Memory that datagrams in the queues of UDP sockets hold.
 *
 * Source: /proc/net/udp and udp6, a line of heading, then a line a socket:
 *         `sl local_address rem_address st tx_queue:rx_queue …`; net/ipv4/udp.c
 * Units:  bytes, hexadecimal.
 *
 * A machine may have more sockets than fit a buffer, so the file is read line by line. The kernel
 * makes each line from a socket, which is most of the cost.
 */
import { limits } from '../../catalog/limit.ts'
import { machineUdpQueues } from '../../catalog/tables/machine-sockets.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'
import { retrying } from './retry.ts'
import { parseSockets } from './sockets.ts'

const VERSIONS = ['v4', 'v6'].map((version) => ({
  path: version === 'v4' ? 'udp' : 'udp6',
  transmit: columnOf(machineUdpQueues, `tx_${version}`),
  receive: columnOf(machineUdpQueues, `rx_${version}`),
}))

export const udpQueues: MachineReader = {
  name: 'udp_queues',
  help: 'Memory in the queues of UDP sockets: /proc/net/{udp,udp6}.',
  open: ({ files, machine }: MachineContext): Read => {
    const lists = VERSIONS.map((version) => ({ ...version, file: files.net(version.path) }))
    const row = emptyRow(machineUdpQueues, machine)
    const { values } = row
    const retry = retrying(files, ...lists.map(({ file }) => file))
    return (timeMs) => {
      retry(timeMs)
      values.fill(Number.NaN)
      let found = 0
      for (const { file, transmit, receive } of lists) {
        let [transmitBytes, receiveBytes] = [0, 0]
        const read = files.readLines(file, limits.listBytes.value, (end) =>
          parseSockets('udp', files.bytes, end, (_, transmitQueue, receiveQueue) => {
            transmitBytes += transmitQueue
            receiveBytes += receiveQueue
          }),
        )
        if (read < 0) continue
        values[transmit] = transmitBytes
        values[receive] = receiveBytes
        found += 1
      }
      return found === 0 ? noFile('net/udp') : rowsOnly([row])
    }
  },
}
