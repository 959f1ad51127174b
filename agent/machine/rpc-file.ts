/**
 * Files of /proc/net/rpc: lines of a word and numbers, of which those named `proc…` begin with how
 * many follow, one a method of that version of NFS.
 */
import type { KeptRows } from '../read/kept-rows.ts'
import { MalformedFile } from '../read/malformed.ts'
import { rowOf } from '../read/row-of.ts'
import { linesOf, unsignedOf, wordsOf } from '../read/words.ts'

export interface Field {
  readonly line: string
  /** Place on its line, from 0. */
  readonly number: number
  /** Index into the values. */
  readonly column: number
}

export interface Procedures {
  readonly line: string
  /** Label of the version. */
  readonly proto: string
  /** By the number of the procedure; undefined for one that has no series. */
  readonly methods: readonly (string | undefined)[]
}

export const NFS_2 =
  'Null GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir ReadDir FsStat'.split(
    ' ',
  )
export const NFS_3 =
  'Null GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link ReadDir ReadDirPlus FsStat FsInfo PathConf Commit'.split(
    ' ',
  )

export class RpcFile {
  readonly #family: string
  readonly #fields: readonly Field[]
  readonly #procedures: readonly Procedures[]

  constructor(family: string, fields: readonly Field[], procedures: readonly Procedures[]) {
    this.#family = family
    this.#fields = fields
    this.#procedures = procedures
  }

  /** Columns and rows that the file has no numbers for are absent; lines that nobody knows are left. */
  parse(text: string, values: Float64Array, requests: KeptRows): void {
    const lines = new Map<string, readonly number[]>()
    for (const line of linesOf(text)) {
      const [name = '', ...words] = wordsOf(line)
      lines.set(name, words.map(unsignedOf))
    }
    if (!lines.has('net'))
      throw new MalformedFile(this.#family, text.slice(0, 80), 'a line `net …`')
    values.fill(Number.NaN)
    for (const { line, number, column } of this.#fields) {
      const value = lines.get(line)?.[number]
      if (value !== undefined) values[column] = value
    }
    requests.begin()
    for (const procedures of this.#procedures) {
      const numbers = lines.get(procedures.line)
      if (numbers !== undefined) this.#requests(procedures, numbers, requests)
    }
  }

  #requests(
    { line, proto, methods }: Procedures,
    numbers: readonly number[],
    rows: KeptRows,
  ): void {
    const [announced, ...calls] = numbers
    if (announced !== calls.length || calls.some(Number.isNaN)) {
      const found = `${line} ${numbers.join(' ')}`
      throw new MalformedFile(this.#family, found, `\`${line}\`, a number, and as many numbers`)
    }
    methods.forEach((method, i) => {
      const count = calls[i]
      if (method !== undefined && count !== undefined) rowOf(rows, proto, method)[0] = count
    })
  }
}
