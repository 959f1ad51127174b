/**
 * Whether a statement that somebody wrote only reads what is in our tables. The engine itself takes it apart;
 * here is told what may be among its parts. Rights and the mode of the engine, which come beside this, stop what
 * writes; these do not stop what writes a file with the answer, reads one by a function, or sets a limit anew
 * in a part of the query.
 */
import { DATABASE } from '../ask.ts'

/** Sources of rows that read nothing of anybody. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'generate_series',
  'generateSeries',
  'numbers',
  'values',
  'view',
  'zeros',
])

/** Of functions those that reach out of the store. */
const FUNCTIONS: ReadonlySet<string> = new Set(['file'])

const PLAIN = /^(?:SHOW TABLES|DESCRIBE TABLE (?:candor\.)?\w+)$/

/** What is wrong with it; undefined when nothing is. `parts` are the lines of its EXPLAIN AST. */
export function refusal(statement: string, parts: readonly string[]): string | undefined {
  if (PLAIN.test(statement)) return undefined
  const [root = '', ...others] = parts
  if (!root.startsWith('SelectWithUnionQuery')) {
    return 'nothing but one SELECT, SHOW TABLES or DESCRIBE TABLE is answered'
  }
  for (const [i, line] of others.entries()) {
    const [, indent, kind, name = ''] = /^( *)(\w+)(?: (\S+))?/.exec(line) ?? []
    if (indent === ' ' && kind !== 'ExpressionList') {
      return 'a query has no INTO OUTFILE, FORMAT or SETTINGS here; --format chooses a form'
    }
    const problem = kind === undefined ? undefined : ofPart(kind, name, others[i - 1] ?? '')
    if (problem !== undefined) return problem
  }
  return undefined
}

function ofPart(kind: string, name: string, before: string): string | undefined {
  switch (kind) {
    case 'Set':
      return 'a query has no SETTINGS here'
    case 'TableIdentifier':
      return name.includes('.') && !name.startsWith(`${DATABASE}.`)
        ? `${name} is not of the store; SHOW TABLES lists what is`
        : undefined
    case 'Identifier':
      if (FUNCTIONS.has(name)) return `the function ${name} is not to be had here`
      return /^(?:system|information_schema)\./i.test(name)
        ? `${name} is not of the store; SHOW TABLES lists what is`
        : undefined
    case 'Function':
      if (FUNCTIONS.has(name)) return `the function ${name} is not to be had here`
      return /^ *TableExpression\b/.test(before) && !TABLE_FUNCTIONS.has(name)
        ? `the table function ${name} is not to be had here`
        : undefined
    default:
      return undefined
  }
}
