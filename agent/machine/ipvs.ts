/**
 * The kernel's own load balancer: what passed through it, and its backends.
 *
 * Source: /proc/net/ip_vs_stats, totals in the third line, hexadecimal;
 *         /proc/net/ip_vs, a service and below it its backends, addresses and ports hexadecimal:
 *           `TCP  C0A80016:0CEA wlc`, `TCP  [2620:…:0001]:0050 sh` or `FWM  10001000 wlc`
 *           `  -> C0A85216:0CEA      Tunnel  100    248        2`
 *         net/netfilter/ipvs/ip_vs_ctl.c
 */
import { limits } from '../../catalog/limit.ts'
import { machineIpvs, machineIpvsBackend } from '../../catalog/tables/machine-ipvs.ts'
import { UsageError } from '../../settings/usage-error.ts'
import { emptyRow } from '../../wire/sample.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { malformed, MalformedFile } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { type MachineContext, type MachineReader, type Off, type Read, rowsOnly } from './reader.ts'
import { retrying } from './retry.ts'

const LABELS_FLAG = 'collector.ipvs.backend-labels'
const LABELS = machineIpvsBackend.keys.map(({ label }) => label)
const TOTALS = machineIpvs.metrics.length
const HEADING_LINES = 2

const scan = new Scan()

export function parseIpvsStats(bytes: Uint8Array, end: number, values: Float64Array): void {
  scan.over(bytes, end)
  for (let line = 0; line < HEADING_LINES; line += 1) scan.nextLine()
  for (let i = 0; i < TOTALS; i += 1) {
    scan.blanks()
    const value = scan.hex()
    if (Number.isNaN(value)) throw malformed('ipvs', bytes, scan.at, end, `${TOTALS} totals`)
    values[i] = value
  }
}

const SERVICE = /^(TCP|UDP|SCTP|FWM)\s+(\S+)/
const BACKEND = /^\s+->\s+(\S+)\s+\S+\s+(\d+)\s+(\d+)\s+(\d+)\s*$/
const HEADING = /^(IP Virtual Server|Prot |\s+-> RemoteAddress:Port)|^$/
const V4 = /^([\dA-F]{2})([\dA-F]{2})([\dA-F]{2})([\dA-F]{2}):([\dA-F]{4})$/i
const V6 = /^\[([\dA-F:]+)\]:([\dA-F]{4})$/i

/** Backends of the services, line by line; a service's lines may come in several pieces. */
export class IpvsBackends {
  readonly rows: KeptRows
  readonly #shown: ReadonlySet<string>
  #service = ''

  constructor(rows: KeptRows, shown: ReadonlySet<string> = new Set(LABELS)) {
    this.rows = rows
    this.#shown = shown
  }

  /** Adds up whole lines. */
  parse(text: string): void {
    for (const line of text.split('\n')) {
      const service = SERVICE.exec(line)
      const backend = service === null ? BACKEND.exec(line) : null
      if (service !== null) this.#service = `${service[1]} ${service[2]}`
      else if (backend !== null) this.#add(backend)
      else if (!HEADING.test(line)) throw new MalformedFile('ipvs', line, 'a service or a backend')
    }
  }

  #add([line, remote = '', ...figures]: readonly string[]): void {
    if (this.#service === '') throw new MalformedFile('ipvs', line ?? '', 'a service above it')
    const service = this.#service
    // Labels that are not shown make one of several backends: then it is told by those that are.
    const name =
      this.#shown.size === LABELS.length
        ? `${service} ${remote}`
        : this.#labels(service, remote).join(' ')
    const values = this.rows.sum(name, () => this.#labels(service, remote))
    figures.forEach((figure, i) => (values[i]! += Number(figure)))
  }

  #labels(service: string, remote: string): readonly string[] {
    const [protocol = '', local = ''] = service.split(' ')
    const [localAddress, localPort] = protocol === 'FWM' ? ['', '0'] : parseAddress(local)
    const [remoteAddress, remotePort] = parseAddress(remote)
    const mark = protocol === 'FWM' ? local : ''
    return [localAddress, localPort, remoteAddress, remotePort, protocol, mark].map((value, i) =>
      this.#shown.has(LABELS[i]!) ? value : '',
    )
  }
}

/** Address and port as people write them. */
function parseAddress(text: string): readonly [address: string, port: string] {
  const [, a = '', b = '', c = '', d = '', port = ''] = V4.exec(text) ?? []
  if (port !== '') return [[a, b, c, d].map(decimal).join('.'), decimal(port)]
  const [, address = '', portOfV6 = ''] = V6.exec(text) ?? []
  const url = `http://[${address}]/`
  if (portOfV6 === '' || !URL.canParse(url)) throw new MalformedFile('ipvs', text, 'ADDRESS:PORT')
  return [new URL(url).hostname.slice(1, -1), decimal(portOfV6)]
}

const decimal = (hex: string) => String(Number.parseInt(hex, 16))

function shownLabels(flag: string | undefined): ReadonlySet<string> {
  const shown = flag === undefined ? LABELS : flag.split(',').filter((label) => label !== '')
  const unknown = shown.filter((label) => !(LABELS as readonly string[]).includes(label))
  if (unknown.length > 0) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--${LABELS_FLAG}: expected some of ${LABELS.join(',')}, found "${unknown.join(',')}"`,
    ])
  }
  return new Set(shown)
}

const NOT_LOADED: Off = {
  reason: 'no load is balanced by IPVS: ip_vs is not loaded',
  cure: 'none is needed where IPVS is not used',
  notHere: true,
}

export const ipvs: MachineReader = {
  name: 'ipvs',
  help: 'The load balancer IPVS: /proc/net/{ip_vs_stats,ip_vs}.',
  flags: {
    [LABELS_FLAG]: {
      type: 'string',
      default: LABELS.join(','),
      value: 'LABELS',
      help: 'Labels of IPVS backends; backends with the same labels are added up.',
    },
  },
  open: ({ files, machine, settings }: MachineContext): Read => {
    const shown = shownLabels(settings[LABELS_FLAG] as string | undefined)
    const [totals, list] = [files.net('ip_vs_stats'), files.net('ip_vs')]
    const row = emptyRow(machineIpvs, machine)
    const rows = new KeptRows(machineIpvsBackend, machine)
    const retry = retrying(files, totals, list)
    return (timeMs) => {
      retry(timeMs)
      const end = files.readAll(totals)
      if (end < 0) return NOT_LOADED
      parseIpvsStats(files.bytes, end, row.values)
      const backends = new IpvsBackends(rows, shown)
      rows.begin()
      files.readLines(list, limits.listBytes.value, (linesEnd) =>
        backends.parse(files.bytes.toString('latin1', 0, linesEnd)),
      )
      return rowsOnly([row, ...rows.finish()])
    }
  },
}
