/** YAML documents with the place of everything in them, so that a problem says file:line:column. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml'
import * as v from 'valibot'
import type { ErrorCode } from '../../catalog/error.ts'
import { didYouMean } from '../../settings/suggest.ts'
import { UsageError } from '../../settings/usage-error.ts'

export type Path = readonly (string | number)[]

/** Aliases of one document may stand for at most this many copies; more is an attack or a slip. */
const ALIASES_MAX = 100

interface Problem {
  readonly code: ErrorCode
  /** `file:line:column`, or the file. */
  readonly place: string
  readonly message: string
}

const PLACE = /^(.*):(\d+):(\d+)$/
const fileOf = ({ place }: Problem) => PLACE.exec(place)?.[1] ?? place

/** Of one file. */
function byPlace(a: Problem, b: Problem): number {
  const [, , lineA, columnA] = PLACE.exec(a.place) ?? []
  const [, , lineB, columnB] = PLACE.exec(b.place) ?? []
  return Number(lineA ?? 0) - Number(lineB ?? 0) || Number(columnA ?? 0) - Number(columnB ?? 0)
}

/** Everything that is wrong, found in one go. */
export class Problems {
  readonly #found: Problem[] = []

  bad(place: string, message: string): void {
    this.#found.push({ code: 'ERR_BAD_CONFIG', place, message })
  }

  notSupported(place: string, what: string): void {
    this.#found.push({ code: 'ERR_NOT_SUPPORTED_YET', place, message: `${what} not supported yet` })
  }

  get count(): number {
    return this.#found.length
  }

  throwIfAny(): void {
    if (this.#found.length === 0) return
    const supported = this.#found.some(({ code }) => code === 'ERR_BAD_CONFIG')
    throw new UsageError(
      supported ? 'ERR_BAD_CONFIG' : 'ERR_NOT_SUPPORTED_YET',
      [...Map.groupBy(this.#found, fileOf).values()].flatMap((problems) =>
        problems.toSorted(byPlace).map(({ place, message }) => `${place}: ${message}`),
      ),
    )
  }
}

/** One object of a file, as data and as nodes. */
export class Placed {
  readonly value: unknown
  readonly #file: string
  readonly #text: string
  readonly #lines: LineCounter
  readonly #document: Document
  readonly #root: Path

  constructor(
    value: unknown,
    source: { file: string; text: string; lines: LineCounter; document: Document; root: Path },
  ) {
    this.value = value
    this.#file = source.file
    this.#text = source.text
    this.#lines = source.lines
    this.#document = source.document
    this.#root = source.root
  }

  /** Place of the value at a path, or of the innermost thing around it that exists. */
  at(path: Path): string {
    return this.#place(this.#node(path).range?.[0] ?? 0)
  }

  /** Place of a key. */
  atKey(path: Path): string {
    const parent = this.#node(path.slice(0, -1))
    const key = path.at(-1)
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined
    return isScalar(pair?.key) ? this.#place(pair.key.range?.[0] ?? 0) : this.at(path)
  }

  /** Place of a column of a text; undefined where the text is folded or escaped, so that none can be told. */
  inside(path: Path, column: number): string | undefined {
    const node = this.#node(path)
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return undefined
    const [start, end] = node.range
    const raw = this.#text.slice(start, end)
    if (raw === node.value) return this.#place(start + column - 1)
    if (raw.slice(1, -1) === node.value) return this.#place(start + column)
    return undefined
  }

  #node(path: Path): Node {
    let node: Node = this.#document.contents!
    for (const key of [...this.#root, ...path]) {
      const next: unknown = isMap(node) || isSeq(node) ? node.get(key, true) : undefined
      const resolved = isAlias(next) ? next.resolve(this.#document) : next
      if (!isMap(resolved) && !isSeq(resolved) && !isScalar(resolved)) break
      node = resolved
    }
    return node
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#file}:${line}:${col}`
  }
}

/** The objects of a text: one a document, or the items of a list. */
export function readDocuments(file: string, text: string, problems: Problems): Placed[] {
  const lines = new LineCounter()
  const placed: Placed[] = []
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
    const [error] = document.errors
    if (error !== undefined) {
      // Of the errors of a document only the first is sure; the rest may follow from it.
      const { line, col } = lines.linePos(error.pos[0])
      problems.bad(`${file}:${line}:${col}`, error.message)
      continue
    }
    if (document.contents === null) continue
    const source = { file, text, lines, document }
    let value: unknown
    try {
      value = document.toJS({ maxAliasCount: ALIASES_MAX })
    } catch {
      const place = new Placed(undefined, { ...source, root: [] }).at([])
      problems.bad(place, `the aliases of the document stand for more than ${ALIASES_MAX} copies`)
      continue
    }
    if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) {
        placed.push(new Placed(item, { ...source, root: [i] }))
      }
    } else if (value !== null) {
      placed.push(new Placed(value, { ...source, root: [] }))
    }
  }
  return placed
}

type Schema = v.GenericSchema

/** The object in the form of the schema; undefined, with every problem noted, when it has not that form. */
export function shapeOf<S extends Schema>(
  schema: S,
  placed: Placed,
  problems: Problems,
): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, placed.value)
  if (result.success) return result.output
  for (const issue of result.issues) {
    const path = (issue.path ?? []).map(({ key }) => key as string | number)
    const parent = path.slice(0, -1)
    if (issue.type === 'strict_object' && issue.expected === 'never') {
      const known = keysAt(schema, parent)
      // valibot names the first unknown key of an object only
      const present = Object.keys(issue.path?.at(-1)?.input as object)
      for (const key of present.filter((each) => !known.includes(each))) {
        const unknown = [...parent, key]
        problems.bad(
          placed.atKey(unknown),
          `unknown key "${pathText(unknown)}"${didYouMean(key, known)}`,
        )
      }
    } else if (issue.type === 'strict_object' && issue.path?.at(-1)?.origin === 'key') {
      problems.bad(placed.at(parent), `${pathText(path)} is missing`)
    } else {
      const hint =
        issue.type === 'picklist' && typeof issue.input === 'string'
          ? didYouMean(issue.input, optionsAt(schema, path))
          : ''
      problems.bad(
        placed.at(path),
        `${pathText(path)}: expected ${expectation(issue)}, found ${found(issue.input)}${hint}`,
      )
    }
  }
  return undefined
}

/** `spec.objectives[0].target`. */
export const pathText = (path: Path): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('')

function expectation(issue: v.BaseIssue<unknown>): string {
  switch (issue.type) {
    case 'strict_object':
    case 'record':
      return 'keys and values'
    case 'array':
      return 'a list'
    case 'string':
      return 'a text'
    case 'number':
      return 'a number'
    case 'boolean':
      return 'true or false'
    case 'union':
      return 'a text or a list of texts'
    case 'regex':
    case 'finite':
      return issue.message
    default:
      return (issue.expected ?? 'another value').replace(/^\(|\)$/g, '').replaceAll(' | ', ', ')
  }
}

export function found(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value !== null && typeof value === 'object') return 'keys and values'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
}

interface Inner {
  readonly wrapped?: Schema
  readonly item?: Schema
  readonly entries?: Readonly<Record<string, Schema>>
  readonly options?: readonly unknown[]
}

function schemaAt(schema: Schema, path: Path): Inner {
  let at: Inner = schema as Inner
  for (const key of path) {
    const inner = unwrap(at)
    at = ((typeof key === 'number' ? inner.item : inner.entries?.[key]) ?? {}) as Inner
  }
  return unwrap(at)
}

function unwrap(schema: Inner): Inner {
  let at = schema
  while (at.wrapped !== undefined) at = at.wrapped as Inner
  return at
}

const keysAt = (schema: Schema, path: Path): string[] =>
  Object.keys(schemaAt(schema, path).entries ?? {})

const optionsAt = (schema: Schema, path: Path): string[] =>
  (schemaAt(schema, path).options ?? []).filter((each) => typeof each === 'string')
