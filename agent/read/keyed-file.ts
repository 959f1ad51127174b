/**
 * Files of `key value` lines: meminfo, vmstat, and a cgroup's memory.stat, cpu.stat, memory.events.
 *
 * Within one kind of file a kernel prints the same keys in the same order, but one family has a few
 * kinds: the cpu.stat of a cgroup without the cpu controller lacks what another's has. So a layout is
 * learned for each kind, and from then on each line is known by its place: its key is compared where
 * it is wanted, and jumped over by its length where it is not. A layout that lacks a wanted key only
 * fits a file whose keys have its lengths from the first line to the last, and where the missing key
 * could stand by its length, the key is compared as well. Where no layout fits, one more is learned.
 * Keys that nobody wants are ignored; wanted keys that a file lacks leave their column as it was.
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

/** A kind of file; all arrays go by line. */
interface Layout {
  readonly count: number
  readonly keys: readonly Uint8Array[]
  readonly lengths: Int32Array
  /** 1 where the key must be compared, and not only its length. */
  readonly compared: Uint8Array
  /** `UNWANTED` where nobody wants it. */
  readonly columns: Int32Array
  readonly factors: Float64Array
  /** Whether every wanted key is in it: then it ends with the last of them. */
  readonly complete: boolean
  /** Columns that no line of it fills. */
  readonly absent: Int32Array
}

interface Line {
  readonly key: Uint8Array
  readonly wanted: KeyedColumn | undefined
}

/** More kinds than a kernel has of any family; above it the oldest is forgotten. */
const LAYOUTS_MAX = 4

const UNWANTED = -1

const TAB = 9
const NEWLINE = 10
const SPACE = 32
const COLON = 58
const ZERO = 48
const NINE = 57
/** Digits that a double holds exactly whatever they are. */
const EXACT_DIGITS = 15

export class KeyedFile {
  readonly #family: string
  readonly #wanted: ReadonlyMap<string, KeyedColumn>
  readonly #scan = new Scan()
  #layouts: readonly Layout[] = []

  constructor(family: string, columns: readonly KeyedColumn[]) {
    this.#family = family
    this.#wanted = new Map(columns.map((column) => [column.key, column]))
  }

  /** All that it may fill. */
  get columns(): ReadonlySet<number> {
    return new Set([...this.#wanted.values()].map(({ column }) => column))
  }

  parse(bytes: Uint8Array, end: number, values: Float64Array): void {
    this.#fill(bytes, end, values)
  }

  /** As `parse`, and columns that the file does not fill are absent. */
  parseAll(bytes: Uint8Array, end: number, values: Float64Array): void {
    const { absent } = this.#fill(bytes, end, values)
    for (let i = 0; i < absent.length; i += 1) values[absent[i]!] = Number.NaN
  }

  /** Columns of a file that is not there. */
  parseNone(values: Float64Array): void {
    for (const { column } of this.#wanted.values()) values[column] = Number.NaN
  }

  #fill(bytes: Uint8Array, end: number, values: Float64Array): Layout {
    const layouts = this.#layouts
    for (let i = 0; i < layouts.length; i += 1) {
      if (this.#byPlace(layouts[i]!, bytes, end, values)) return layouts[i]!
    }
    const learned = this.#learn(this.#scan.over(bytes, end), values)
    this.#layouts = [learned, ...layouts].slice(0, LAYOUTS_MAX)
    return learned
  }

  /** False where the file is of another kind; then some columns may be filled, with its values. */
  #byPlace(layout: Layout, bytes: Uint8Array, end: number, values: Float64Array): boolean {
    const { count, keys, lengths, compared, columns, factors, complete } = layout
    let at = 0
    for (let i = 0; i < count; i += 1) {
      const length = lengths[i]!
      const behind = at + length
      if (behind > end) return false
      if (compared[i] === 1) {
        const key = keys[i]!
        for (let k = 0; k < length; k += 1) if (bytes[at + k] !== key[k]) return false
      }
      const column = columns[i]!
      const separator = behind < end ? bytes[behind]! : NEWLINE
      const isSeparated = separator === SPACE || separator === COLON
      if (column === UNWANTED) {
        if (!isSeparated && separator !== NEWLINE) return false
        at = behind
      } else {
        if (!isSeparated) return false
        at = behind + 1
        while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1
        const start = at
        let value = 0
        while (at < end) {
          const digit = bytes[at]!
          if (digit < ZERO || digit > NINE) break
          value = value * 10 + (digit - ZERO)
          at += 1
        }
        const isExact = at > start && at - start <= EXACT_DIGITS
        values[column] = (isExact ? value : this.#long(bytes, start, end)) * factors[i]!
      }
      while (at < end && bytes[at] !== NEWLINE) at += 1
      at += 1
    }
    return complete || at >= end
  }

  /** Of more digits than a double holds, or none. */
  #long(bytes: Uint8Array, start: number, end: number): number {
    const scan = this.#scan.over(bytes, end)
    scan.at = start
    return this.#value(scan)
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
    return this.#toLayout(complete ? lines.slice(0, needed) : lines, found)
  }

  #toLayout(lines: readonly Line[], found: ReadonlySet<string>): Layout {
    const missing = [...this.#wanted.values()].filter(({ key }) => !found.has(key))
    const lengths = new Set(missing.map(({ key }) => key.length))
    const filled = new Set(lines.flatMap(({ wanted }) => wanted?.column ?? []))
    return {
      count: lines.length,
      keys: lines.map(({ key }) => key),
      lengths: Int32Array.from(lines, ({ key }) => key.length),
      compared: Uint8Array.from(lines, ({ key, wanted }) =>
        wanted !== undefined || lengths.has(key.length) ? 1 : 0,
      ),
      columns: Int32Array.from(lines, ({ wanted }) => wanted?.column ?? UNWANTED),
      factors: Float64Array.from(lines, ({ wanted }) => wanted?.factor ?? 1),
      complete: missing.length === 0,
      absent: Int32Array.from(
        missing.filter(({ column }) => !filled.has(column)),
        ({ column }) => column,
      ),
    }
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

const isKeyEnd = ({ bytes, end }: Scan, at: number): boolean =>
  at >= end || bytes[at] === NEWLINE || bytes[at] === SPACE || bytes[at] === COLON
