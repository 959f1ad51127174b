/**
 * What the protocols counted: IP, ICMP, TCP, UDP.
 *
 * Source: /proc/net/snmp and /proc/net/netstat, pairs of lines `Tcp: names …` and `Tcp: values …`;
 *         /proc/net/snmp6, lines `Ip6InOctets  256`; Documentation/networking/snmp_counter.rst
 * Units:  as the kernel counts them. `Tcp: MaxConn` may be -1; it is not read.
 *
 * A kernel prints the same names each time, so they are compared with those of the last pass as
 * bytes, and only the wanted values are read.
 */
import { machineNetstat, netstatKeys } from '../../catalog/tables/machine-netstat.ts'
import { emptyRow } from '../../wire/sample.ts'
import { KeyedFile } from '../read/keyed-file.ts'
import { malformed } from '../read/malformed.ts'
import { ascii, Scan } from '../read/scan.ts'
import { type MachineContext, type MachineReader, type Off, type Read, rowsOnly } from './reader.ts'
import { retrying } from './retry.ts'

const FIELDS = 'collector.netstat.fields'
const NEWLINE = 10
const EXPECTED = '`Tcp: ActiveOpens …` and a line of as many values'

interface Names {
  /** The line of names with its end. */
  readonly line: Uint8Array
  /** `Tcp:`, as the line of values begins too. */
  readonly protocol: Uint8Array
  /** Column of each value of the next line; -1 where it is not wanted. */
  readonly columns: readonly number[]
}

/** Columns by `Tcp_ActiveOpens`. */
const COLUMNS = new Map(
  netstatKeys.map(({ protocol, key }, column) => [`${protocol}_${key}`, column] as const),
)

/** Of one file: /proc/net/snmp or /proc/net/netstat. */
export class NetstatFile {
  readonly #scan = new Scan()
  /** In the order of the file. */
  readonly #names: Names[] = []

  parse(bytes: Uint8Array, end: number, values: Float64Array): void {
    const scan = this.#scan.over(bytes, end)
    for (let pair = 0; !scan.done; pair += 1) {
      let names = this.#names[pair]
      if (names === undefined || !scan.sees(names.line)) {
        names = this.#learn()
        this.#names[pair] = names
      }
      scan.at += names.line.length
      this.#values(names, values)
    }
    if (scan.at === 0) throw malformed('netstat', bytes, 0, end, EXPECTED)
  }

  #learn(): Names {
    const { bytes, at, end } = this.#scan
    let lineEnd = at
    while (lineEnd < end && bytes[lineEnd] !== NEWLINE) lineEnd += 1
    const [first = '', ...keys] = this.#scan.text(at, lineEnd).split(' ')
    if (lineEnd >= end || !first.endsWith(':')) throw malformed('netstat', bytes, at, end, EXPECTED)
    const columns = keys.map((key) => COLUMNS.get(`${first.slice(0, -1)}_${key}`) ?? -1)
    return { line: bytes.slice(at, lineEnd + 1), protocol: ascii(first), columns }
  }

  #values({ protocol, columns }: Names, values: Float64Array): void {
    const scan = this.#scan
    const start = scan.at
    if (!scan.sees(protocol)) throw malformed('netstat', scan.bytes, start, scan.end, EXPECTED)
    scan.at += protocol.length
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i]!
      scan.blanks()
      const at = scan.at
      if (column >= 0) {
        const value = scan.unsigned()
        if (Number.isNaN(value)) throw malformed('netstat', scan.bytes, start, scan.end, EXPECTED)
        values[column] = value
      } else scan.word()
      if (scan.at === at) throw malformed('netstat', scan.bytes, start, scan.end, EXPECTED)
    }
    scan.nextLine()
  }
}

/** Of /proc/net/snmp6, where protocol and key are one word. */
export const snmp6File = (): KeyedFile =>
  new KeyedFile(
    'snmp6',
    [...COLUMNS]
      .filter(([name]) => name.includes('6_'))
      .map(([name, column]) => ({ key: name.replace('_', ''), column, factor: 1 })),
  )

const NO_PROTOCOL: Off = {
  reason: 'no net/snmp, net/netstat or net/snmp6 under --path.procfs',
  cure: 'set --path.procfs to where /proc is mounted',
}

export const netstat: MachineReader = {
  name: 'netstat',
  help: 'Counters of IP, ICMP, TCP and UDP: /proc/net/{snmp,netstat,snmp6}.',
  flags: {
    [FIELDS]: {
      type: 'string',
      form: 'regexp',
      value: 'REGEXP',
      help: 'Which counters of IP, ICMP, TCP and UDP to show, such as ^Tcp_; of those that are shown without it, since no others are known.',
    },
  },
  open: ({ files, machine, settings }: MachineContext): Read => {
    const fields = settings[FIELDS] as string | undefined
    const shown = new RegExp(fields ?? '')
    const hidden = [...COLUMNS].filter(([name]) => !shown.test(name)).map(([, column]) => column)
    const parsers = [
      [files.net('snmp'), new NetstatFile()],
      [files.net('netstat'), new NetstatFile()],
      [files.net('snmp6'), snmp6File()],
    ] as const
    const row = emptyRow(machineNetstat, machine)
    const retry = retrying(files, ...parsers.map(([file]) => file))
    return (timeMs) => {
      retry(timeMs)
      row.values.fill(Number.NaN)
      let found = 0
      for (const [file, parser] of parsers) {
        const end = files.read(file)
        if (end < 0) continue
        parser.parse(files.bytes, end, row.values)
        found += 1
      }
      for (const column of hidden) row.values[column] = Number.NaN
      return found === 0 ? NO_PROTOCOL : rowsOnly([row])
    }
  },
}
