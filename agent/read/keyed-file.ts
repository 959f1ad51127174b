/**
 * Files of `key value` lines: meminfo, vmstat, and a cgroup's memory.stat, cpu.stat, memory.events.
 *
 * Within one kind of file a kernel prints the same keys in the same order, but one family has a few
 * kinds: the cpu.stat of a cgroup without the cpu controller lacks what another's has. So a layout is
 * learned for each kind, and from then on each line is known by its place: its key is compared where
 * it is wanted, and jumped over by its length where it is not. A layout that lacks a wanted key only
 * fits a file that has its very keys from the first line to the last, since the missing one may stand
 * in another file. Where no layout fits, one more is learned. Keys that nobody wants are ignored;
 * wanted keys that a file lacks leave their column as it was.
 */
import { malformed } from './malformed.ts'
import { ascii, Scan } from './scan.ts'

export interface KeyedColumn {
  readonly key: string
  /** Index into the values. */
  readonly column: number
  /** From the kernel's unit to the column's. */
  readonly factor: number
}

interface Line {
  readonly key: Uint8Array
  readonly wanted: KeyedColumn | undefined
}

interface Layout {
  /** In the file's order; of a complete layout up to the last line that is wanted. */
  readonly lines: readonly Line[]
  /** Whether every wanted key is in it. */
  readonly complete: boolean
}

/** More kinds than a kernel has of any family; above it the oldest is forgotten. */
const LAYOUTS_MAX = 4

const SPACE = 32
const COLON = 58
const NEWLINE = 10

export class KeyedFile {
  readonly #family: string
  readonly #wanted: ReadonlyMap<string, KeyedColumn>
  readonly #scan = new Scan()
  #layouts: readonly Layout[] = []

  constructor(family: string, columns: readonly KeyedColumn[]) {
    this.#family = family
    this.#wanted = new Map(columns.map((column) => [column.key, column]))
  }

  parse(bytes: Uint8Array, end: number, values: Float64Array): void {
    const scan = this.#scan
    for (const layout of this.#layouts) {
      if (this.#byPlace(layout, scan.over(bytes, end), values)) return
    }
    const learned = this.#learn(scan.over(bytes, end), values)
    this.#layouts = [learned, ...this.#layouts].slice(0, LAYOUTS_MAX)
  }

  /** False where the file is of another kind; then some columns may be filled, with its values. */
  #byPlace({ lines, complete }: Layout, scan: Scan, values: Float64Array): boolean {
    for (const { key, wanted } of lines) {
      const behind = scan.at + key.length
      if ((wanted !== undefined || !complete) && !scan.sees(key)) return false
      if (wanted === undefined) {
        if (!isKeyEnd(scan, behind)) return false
        scan.at = behind
      } else {
        if (behind >= scan.end || !isSeparator(scan.bytes[behind]!)) return false
        scan.at = behind + 1
        values[wanted.column] = this.#value(scan) * wanted.factor
      }
      scan.nextLine()
    }
    return complete || scan.done
  }

  #learn(scan: Scan, values: Float64Array): Layout {
    const lines: Line[] = []
    const found = new Set<string>()
    let needed = 0
    while (!scan.done) {
      const start = scan.at
      let behind = start
      while (!isKeyEnd(scan, behind)) behind += 1
      const key = scan.text(start, behind)
      const wanted = this.#wanted.get(key)
      lines.push({ key: ascii(key), wanted })
      scan.at = behind
      if (wanted !== undefined) {
        if (behind < scan.end && scan.bytes[behind] !== NEWLINE) scan.at += 1
        values[wanted.column] = this.#value(scan) * wanted.factor
        needed = lines.length
        found.add(key)
      }
      scan.nextLine()
    }
    if (needed === 0) {
      const [first] = this.#wanted.keys()
      throw malformed(this.#family, scan.bytes, 0, scan.end, `a line such as \`${first} 1\``)
    }
    const complete = found.size === this.#wanted.size
    return { lines: complete ? lines.slice(0, needed) : lines, complete }
  }

  #value(scan: Scan): number {
    scan.blanks()
    const start = scan.at
    const value = scan.unsigned()
    if (Number.isNaN(value)) {
      throw malformed(this.#family, scan.bytes, start, scan.end, 'a number')
    }
    return value
  }
}

const isSeparator = (byte: number): boolean => byte === SPACE || byte === COLON

const isKeyEnd = ({ bytes, end }: Scan, at: number): boolean =>
  at >= end || bytes[at] === NEWLINE || isSeparator(bytes[at]!)
