/**
 * Files of `key value` lines: meminfo, vmstat, and a cgroup's memory.stat, cpu.stat, memory.events.
 *
 * A kernel prints the same keys in the same order as long as it runs. So the order is learned once,
 * and from then on each line is known by its place: its key is compared where it is wanted, and
 * jumped over by its length where it is not. A line that does not fit makes the file be learned
 * again. Keys that nobody wants, and those a newer kernel adds, are ignored; wanted keys that a
 * kernel lacks leave their column as it was.
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

const SPACE = 32
const COLON = 58
const NEWLINE = 10

export class KeyedFile {
  readonly #family: string
  readonly #wanted: ReadonlyMap<string, KeyedColumn>
  readonly #scan = new Scan()
  /** Lines in the file's order, up to the last one that is wanted. */
  #lines: readonly Line[] = []

  constructor(family: string, columns: readonly KeyedColumn[]) {
    this.#family = family
    this.#wanted = new Map(columns.map((column) => [column.key, column]))
  }

  parse(bytes: Uint8Array, end: number, values: Float64Array): void {
    const scan = this.#scan.over(bytes, end)
    if (this.#lines.length === 0 || !this.#byPlace(scan, values)) {
      this.#lines = this.#learn(scan.over(bytes, end), values)
    }
  }

  /** False where a line is not the one that was learned; then some columns may be filled. */
  #byPlace(scan: Scan, values: Float64Array): boolean {
    const { bytes, end } = scan
    for (const { key, wanted } of this.#lines) {
      const behind = scan.at + key.length
      if (behind >= end || (bytes[behind] !== SPACE && bytes[behind] !== COLON)) return false
      if (wanted === undefined) {
        scan.at = behind
      } else {
        if (!scan.sees(key)) return false
        scan.at = behind + 1
        values[wanted.column] = this.#value(scan) * wanted.factor
      }
      scan.nextLine()
    }
    return true
  }

  #learn(scan: Scan, values: Float64Array): Line[] {
    const lines: Line[] = []
    let needed = 0
    while (!scan.done) {
      const start = scan.at
      let behind = start
      while (behind < scan.end) {
        const byte = scan.bytes[behind]!
        if (byte === SPACE || byte === COLON || byte === NEWLINE) break
        behind += 1
      }
      const key = scan.text(start, behind)
      const wanted = this.#wanted.get(key)
      lines.push({ key: ascii(key), wanted })
      scan.at = behind
      if (wanted !== undefined) {
        if (behind < scan.end && scan.bytes[behind] !== NEWLINE) scan.at += 1
        values[wanted.column] = this.#value(scan) * wanted.factor
        needed = lines.length
      }
      scan.nextLine()
    }
    if (needed === 0) {
      const [first] = this.#wanted.keys()
      throw malformed(this.#family, scan.bytes, 0, scan.end, `a line such as \`${first} 1\``)
    }
    return lines.slice(0, needed)
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
