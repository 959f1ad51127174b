/**
 * Attributes of sysfs: files of one word or number, which a driver may refuse for reasons of its own.
 * What it does not tell now is absent, and no failure of the reader.
 */
import { HEATS, isRefusal, KernelFile, type KernelFiles } from '../read/files.ts'
import { MalformedFile } from '../read/malformed.ts'
import { Scan } from '../read/scan.ts'

const MINUS = 45
const NEWLINE = 10

const scan = new Scan()

/** The one number of a text, with a sign and a fraction or without; NaN where it holds anything else. */
export function parseAttribute(bytes: Uint8Array, end: number): number {
  scan.over(bytes, end)
  scan.blanks()
  const negative = !scan.done && bytes[scan.at] === MINUS
  if (negative) scan.at += 1
  const value = scan.decimal()
  scan.blanks()
  if (!scan.done && bytes[scan.at] !== NEWLINE) return Number.NaN
  return negative ? 0 - value : value
}

/** An attribute that is read pass after pass. */
export class Attribute {
  readonly #files: KernelFiles
  readonly #file: KernelFile

  constructor(files: KernelFiles, path: string) {
    this.#files = files
    this.#file = new KernelFile(path, HEATS.eachPassOfMany)
  }

  /** Whether the last read failed because the agent may not read it. */
  refused = false

  read(): number {
    const files = this.#files
    this.refused = false
    try {
      const end = files.read(this.#file)
      return end < 0 ? Number.NaN : parseAttribute(files.bytes, end)
    } catch (error) {
      if (error instanceof MalformedFile) throw error
      this.refused = isRefusal(error)
      // What a driver refuses now, it may tell in the next pass.
      files.retry(this.#file)
      return Number.NaN
    }
  }

  close(): void {
    this.#files.close(this.#file)
  }
}

/** A word that is read rarely; undefined where it is not told, or not to this user. */
export function word(files: KernelFiles, path: string): string | undefined {
  try {
    return files.readAttribute(path)
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

/** A number that is read rarely; NaN where it is not told. */
export function number(files: KernelFiles, path: string): number {
  const text = word(files, path)
  if (text === undefined) return Number.NaN
  const bytes = Buffer.from(text, 'latin1')
  return parseAttribute(bytes, bytes.length)
}

/** Names in a directory that are `prefix` and a number, by their numbers. */
export function numbered(files: KernelFiles, path: string, prefix: string): [string, string][] {
  return files
    .names(path)
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name): [string, string] => [name, name.slice(prefix.length)])
    .toSorted(([, a], [, b]) => Number(a) - Number(b))
}

/** Where the machine keeps a file of its own, such as /etc/os-release. */
export const onRoot = ({ paths }: KernelFiles, path: string): string =>
  `${paths.rootfs === '/' ? '' : paths.rootfs}${path}`
