/** The settings file: YAML whose paths are the names of flags. Problems carry file:line:column. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type FlagTable, take, type Value } from './flag.ts'
import { didYouMean } from './suggest.ts'

/** Adds the file's values to `values`, and what is wrong with it to `problems`. */
export function readSettingsFile(
  file: string,
  readFile: (path: string) => string,
  table: FlagTable,
  values: Map<string, Value>,
  problems: string[],
): void {
  let text: string
  try {
    text = readFile(file)
  } catch (error) {
    problems.push(`${file}: cannot be read: ${(error as Error).message}`)
    return
  }
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
  })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  for (const error of document.errors) problems.push(`${at(error.pos[0])}: ${error.message}`)
  if (document.errors.length > 0 || document.contents === null) return

  const keep = (name: string, node: Node) => {
    const flag = table[name]!
    const items = isSeq(node) ? node.items : [node]
    const where = at(node.range?.[0] ?? 0)
    if (isSeq(node) && !flag.multiple) {
      problems.push(`${where}: ${name}: expected one value, found a list`)
      return
    }
    for (const item of items) {
      if (isScalar(item) && isPlain(item.value)) {
        take(
          values,
          name,
          flag,
          String(item.value),
          `${at(item.range?.[0] ?? 0)}: ${name}`,
          problems,
        )
      } else {
        problems.push(`${where}: ${name}: expected a value, found a structure`)
      }
    }
  }
  const walk = (node: unknown, path: string, offset: number): void => {
    if (!isMap(node)) {
      problems.push(
        `${at(offset)}: ${path === '' ? 'expected settings' : `${path}: expected settings below it`}, found a value`,
      )
      return
    }
    for (const { key, value } of node.items) {
      const start = isScalar(key) ? (key.range?.[0] ?? offset) : offset
      const word = isScalar(key) ? String(key.value) : ''
      const name = path === '' ? word : `${path}.${word}`
      if (Object.hasOwn(table, name) && value !== null) keep(name, value as Node)
      else if (Object.keys(table).some((known) => known.startsWith(`${name}.`)))
        walk(value, name, start)
      else
        problems.push(
          `${at(start)}: unknown setting "${name}"${didYouMean(name, Object.keys(table))}`,
        )
    }
  }
  walk(document.contents, '', 0)
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
