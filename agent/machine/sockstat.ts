/**
 * How many sockets there are, and what their buffers hold.
 *
 * Source: /proc/net/sockstat and sockstat6, lines `TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 68`;
 *         net/ipv4/proc.c
 * Units:  `mem` is pages, whose size comes from the auxiliary vector of this process; `memory` of
 *         fragments is bytes.
 */
import { machineSockstat, sockstatKeys } from '../../catalog/tables/machine-sockstat.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { malformed } from '../read/malformed.ts'
import { readPageSize } from '../read/page-size.ts'
import { ascii, Scan } from '../read/scan.ts'
import { type MachineContext, type MachineReader, noFile, type Read, rowsOnly } from './reader.ts'
import { retrying } from './retry.ts'

const NEWLINE = 10

/** Each protocol with the columns of its keys. */
const PROTOCOLS = [
  ...Map.groupBy(
    sockstatKeys.map((known, column) => ({ ...known, column })),
    ({ protocol }) => protocol,
  ),
].map(([protocol, keys]) => ({
  start: ascii(`${protocol}: `),
  keys: keys.map(({ key, column }) => ({ key: ascii(`${key} `), column })),
}))
const IN_PAGES = ['tcp', 'udp'].map((protocol) => ({
  pages: columnOf(machineSockstat, `${protocol}_mem`),
  bytes: columnOf(machineSockstat, `${protocol}_mem_bytes`),
}))

const scan = new Scan()

/** Without a page size what is counted in pages has no bytes. */
export function parseSockstat(
  bytes: Uint8Array,
  end: number,
  values: Float64Array,
  pageBytes: number = Number.NaN,
): void {
  scan.over(bytes, end)
  let known = 0
  for (; !scan.done; scan.nextLine()) {
    const protocol = PROTOCOLS.find(({ start }) => scan.sees(start))
    if (protocol === undefined) continue
    known += 1
    scan.at += protocol.start.length
    parseKeys(protocol.keys, values)
  }
  if (known === 0) throw malformed('sockstat', bytes, 0, end, '`TCP: inuse 1 …`')
  for (const { pages, bytes: column } of IN_PAGES) values[column] = values[pages]! * pageBytes
}

function parseKeys(
  keys: readonly { key: Uint8Array; column: number }[],
  values: Float64Array,
): void {
  const start = scan.at
  while (!scan.done && scan.bytes[scan.at] !== NEWLINE) {
    const column = keys.find(({ key }) => scan.sees(key))?.column
    scan.word()
    scan.blanks()
    if (column === undefined) scan.word()
    else {
      // A sum over CPUs may be below 0 for a moment; the kernel prints it with its sign.
      const value = scan.signed()
      if (Number.isNaN(value)) throw malformed('sockstat', scan.bytes, start, scan.end, '`inuse 1`')
      values[column] = Math.max(0, value)
    }
    scan.blanks()
  }
}

export const sockstat: MachineReader = {
  name: 'sockstat',
  help: 'Numbers of sockets: /proc/net/{sockstat,sockstat6}.',
  open: ({ files, machine }: MachineContext): Read => {
    const [v4, v6] = [files.net('sockstat'), files.net('sockstat6')]
    const pageBytes = readPageSize(files)
    const row = emptyRow(machineSockstat, machine)
    const retry = retrying(files, v4, v6)
    return (timeMs) => {
      retry(timeMs)
      row.values.fill(Number.NaN)
      let found = 0
      for (const file of [v4, v6]) {
        const end = files.read(file)
        if (end < 0) continue
        parseSockstat(files.bytes, end, row.values, pageBytes)
        found += 1
      }
      return found === 0 ? noFile('net/sockstat') : rowsOnly([row])
    }
  },
}
