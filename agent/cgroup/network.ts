/**
 * The network interfaces of a container that has a network of its own.
 *
 * Source: /proc/PID/net/dev of one of its processes; net/core/net-procfs.c
 *
 * The file does not stay open: while it is, the kernel keeps the network and its interfaces, even
 * when the container has ended. So it is opened for each read, and proven to be of the same network:
 * another process may have the number.
 */
import { containerNetwork } from '../../catalog/tables/container-network.ts'
import type { Entity, Row } from '../../wire/sample.ts'
import { isRefusal, type KernelFiles } from '../read/files.ts'
import { malformed, MalformedFile } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'
import { EntityRows } from './entity-rows.ts'
import type { Claim, NetworkNamespaces } from './network-namespaces.ts'

/** What cAdvisor leaves out: loopback, and the machine's ends of other containers' networks. */
export const LEFT_OUT_INTERFACES = /^(?:lo$|veth|docker|nerdctl)/

/** Columns of the file that are wanted, by their place; the others are jumped over. */
const WANTED = [0, 1, 2, 3, 8, 9, 10, 11]
const COLUMNS = 16
const HEADING_LINES = 2
const COLON = 58
const NEWLINE = 10
const EXPECTED = '`interface: …` and 16 columns'

const scan = new Scan()

export function parseInterfaces(bytes: Uint8Array, end: number, rows: EntityRows): void {
  scan.over(bytes, end)
  rows.begin()
  for (let line = 0; line < HEADING_LINES; line += 1) {
    if (scan.done) throw malformed('net/dev', bytes, 0, end, 'two lines of heading')
    scan.nextLine()
  }
  for (; !scan.done; scan.nextLine()) {
    const start = scan.at
    scan.blanks()
    const name = scan.at
    const nameEnd = lastColon()
    if (nameEnd <= name) throw malformed('net/dev', bytes, start, end, EXPECTED)
    scan.at = nameEnd + 1
    const values = rows.next(bytes, name, nameEnd)
    if (values !== undefined) parseFigures(values, start)
  }
}

/** An interface may have a colon in its name, the columns have none. */
function lastColon(): number {
  let found = -1
  for (let at = scan.at; at < scan.end && scan.bytes[at] !== NEWLINE; at += 1) {
    if (scan.bytes[at] === COLON) found = at
  }
  return found
}

function parseFigures(values: Float64Array, start: number): void {
  let next = 0
  for (let column = 0; column < COLUMNS; column += 1) {
    scan.blanks()
    const value = scan.unsigned()
    if (Number.isNaN(value)) throw malformed('net/dev', scan.bytes, start, scan.end, EXPECTED)
    if (column !== WANTED[next]) continue
    values[next] = value
    next += 1
  }
}

export const interfaceRows = (entity: Entity): EntityRows =>
  new EntityRows(containerNetwork, entity, (name) =>
    LEFT_OUT_INTERFACES.test(name) ? undefined : [name],
  )

/** A network that a cgroup has processes in, and shares with others or not. */
export class ContainerNetwork implements Claim {
  readonly #files: KernelFiles
  readonly #networks: NetworkNamespaces
  readonly #rows: EntityRows
  #inode: number | undefined
  #path = ''
  entity: Entity
  tells = false
  #isHidden = false
  #isMalformed = false

  constructor(files: KernelFiles, networks: NetworkNamespaces, entity: Entity) {
    this.#files = files
    this.#networks = networks
    this.#rows = interfaceRows(entity)
    this.entity = entity
  }

  get cut(): boolean {
    return this.#rows.cut
  }

  /** Whether there is a network that could not be read. */
  get isUnread(): boolean {
    return this.#isHidden || this.#isMalformed
  }

  /** Takes a process of the cgroup to look through; 0 for one that is hidden, undefined for none. */
  look(pid: number | undefined): void {
    const inode = pid === undefined ? undefined : this.#networks.inodeOf(pid)
    const isHost = inode === undefined ? undefined : this.#networks.isHost(inode)
    this.#isHidden = pid !== undefined && isHost === undefined
    this.#take(isHost === false ? inode : undefined)
    this.#path = `${this.#files.paths.procfs}/${pid}/net/dev`
  }

  #take(inode: number | undefined): void {
    if (inode === this.#inode) return
    this.leave()
    this.#inode = inode
    if (inode !== undefined) this.#networks.claim(inode, this)
  }

  /** False where the process is no more. */
  read(): boolean {
    this.#rows.begin()
    this.#isMalformed = false
    if (!this.tells || this.#inode === undefined || this.#networks.yields(this.#inode)) return true
    return this.#readRows(this.#inode)
  }

  /** Reads what can still be read; where the last process is no more, the rows stay. */
  readLast(): void {
    if (this.tells && this.#inode !== undefined) this.#readRows(this.#inode)
  }

  /** Who has a network of its own may make as many interfaces as it likes. */
  #readRows(inode: number): boolean {
    try {
      const end = this.#files.readSame(this.#path, inode)
      if (end >= 0) parseInterfaces(this.#files.bytes, end, this.#rows)
      return end >= 0
    } catch (error) {
      if (!(error instanceof MalformedFile) && !isRefusal(error)) throw error
      this.#rows.begin()
      this.#isMalformed = true
      return true
    }
  }

  finish(): readonly Row[] {
    return this.#rows.finish()
  }

  describe(entity: Entity): void {
    this.entity = entity
    this.#rows.describe(entity)
    if (this.#inode !== undefined) this.#networks.reconsider(this.#inode)
  }

  leave(): void {
    if (this.#inode !== undefined) this.#networks.leave(this.#inode, this)
    this.#inode = undefined
  }
}
