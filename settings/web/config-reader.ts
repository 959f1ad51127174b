/**
 * Reads YAML as a person's settings: every key must be known, and a problem says where it stands,
 * `file:line:column`. Nothing throws: problems are gathered, so that all are told at once.
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import { didYouMean } from '../suggest.ts'

/** A value and where it stands. */
export interface Found<T> {
  readonly value: T
  readonly where: string
}

export type Fields = ReadonlyMap<string, Node | null>

/** Nothing in such a file repeats: an alias may only blow it up. */
const PARSE = { prettyErrors: false, uniqueKeys: true, merge: false } as const

export class ConfigReader {
  readonly problems: string[] = []
  readonly #file: string
  readonly #lines = new LineCounter()
  readonly #root: Node | null

  constructor(file: string, text: string) {
    this.#file = file
    const document = parseDocument(text, { ...PARSE, lineCounter: this.#lines })
    for (const { pos, message } of document.errors)
      this.problems.push(`${this.#at(pos[0])}: ${message}`)
    this.#root = document.errors.length > 0 ? null : document.contents
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#file}:${line}:${col}`
  }

  where(node: Node | null | undefined): string {
    return this.#at(node?.range?.[0] ?? 0)
  }

  problem(where: string, message: string): void {
    this.problems.push(`${where}: ${message}`)
  }

  root(known: readonly string[]): Fields {
    return this.fields(this.#root, 'the file', known)
  }

  /** Fields of a map; those that are not known are problems. Without `known`, all are taken. */
  fields(node: Node | null | undefined, name: string, known?: readonly string[]): Fields {
    const fields = new Map<string, Node | null>()
    if (node === null || node === undefined || isNull(node)) return fields
    if (!isMap(node)) {
      this.problem(this.where(node), `${name}: expected fields, found another value`)
      return fields
    }
    for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
      const field = isScalar(key) ? sourceOf(key) : ''
      if (known === undefined || known.includes(field)) fields.set(field, value)
      else {
        this.problem(this.where(key), `unknown field ${quote(field)}${didYouMean(field, known)}`)
      }
    }
    return fields
  }

  text(fields: Fields, name: string): Found<string> | undefined {
    const node = fields.get(name)
    if (node === null || node === undefined || isNull(node)) return undefined
    if (isScalar(node)) {
      const value = sourceOf(node)
      return value === '' ? undefined : { value, where: this.where(node) }
    }
    this.problem(this.where(node), `${name}: expected a text, found a structure`)
    return undefined
  }

  /** As YAML 1.1 writes them too, since such files are written for it. */
  flag(fields: Fields, name: string, otherwise: boolean): boolean {
    const found = this.text(fields, name)
    if (found === undefined) return otherwise
    if (/^(?:true|yes|on|y)$/i.test(found.value)) return true
    if (/^(?:false|no|off|n)$/i.test(found.value)) return false
    this.problem(found.where, `${name}: expected true or false, found ${quote(found.value)}`)
    return otherwise
  }

  /** One of the words of a table, as the table translates it. */
  choice<T>(
    fields: Fields,
    name: string,
    choices: Readonly<Record<string, T>>,
  ): Found<T> | undefined {
    const found = this.text(fields, name)
    return found && this.#chosen(found, name, choices)
  }

  choices<T>(fields: Fields, name: string, choices: Readonly<Record<string, T>>): T[] {
    return this.texts(fields, name).flatMap((found) => {
      const chosen = this.#chosen(found, name, choices)
      return chosen === undefined ? [] : [chosen.value]
    })
  }

  texts(fields: Fields, name: string): Found<string>[] {
    return this.items(fields, name).flatMap((item) => {
      if (isScalar(item)) return [{ value: sourceOf(item), where: this.where(item) }]
      this.problem(this.where(item ?? fields.get(name)), `${name}: expected a list of texts`)
      return []
    })
  }

  /** Items of a list, whatever they are. */
  items(fields: Fields, name: string): (Node | null)[] {
    const node = fields.get(name)
    if (node === null || node === undefined || isNull(node)) return []
    if (isSeq(node)) return node.items as (Node | null)[]
    this.problem(this.where(node), `${name}: expected a list`)
    return []
  }

  #chosen<T>(
    { value, where }: Found<string>,
    name: string,
    choices: Readonly<Record<string, T>>,
  ): Found<T> | undefined {
    if (Object.hasOwn(choices, value)) return { value: choices[value]!, where }
    const known = Object.keys(choices)
    this.problem(
      where,
      `${name}: expected one of ${known.join(', ')}, found ${quote(value)}${didYouMean(value, known)}`,
    )
    return undefined
  }
}

export const quote = (text: string): string => JSON.stringify(text.slice(0, 80))

const isNull = (node: Node): boolean => isScalar(node) && node.value === null

/** A number or a word like `yes` is the text that the person wrote. */
const sourceOf = (node: { value: unknown; source?: string }): string =>
  typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
