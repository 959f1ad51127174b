/** Reads a SELECT as far as it takes to tell whether it is of one tenant. */

const GUARD = 'tenant = {tenant:String}'
const TABLE = /\b(?:FROM|JOIN)\s+([a-z_0-9]+)/gi

/** The SELECT without what stands in parentheses and quotes, and what stood in parentheses. */
function layers(sql: string): { own: string; inner: string[] } {
  const inner: string[] = []
  let own = ''
  let depth = 0
  let start = 0
  for (let i = 0; i < sql.length; i++) {
    const char = sql[i]!
    if (char === "'") {
      const end = /'(?:[^'\\]|\\.)*'/y
      end.lastIndex = i
      i += end.exec(sql)![0].length - 1
    } else if (char === '(') {
      depth += 1
      if (depth === 1) start = i + 1
    } else if (char === ')') {
      depth -= 1
      if (depth === 0) inner.push(sql.slice(start, i))
    } else if (depth === 0) {
      own += char
    }
  }
  if (depth !== 0) throw new Error(`unbalanced: ${sql}`)
  return { own, inner }
}

export interface Reading {
  readonly table: string
  /** Whether its SELECT is of the tenant in the parameters, whatever else it says. */
  readonly isGuarded: boolean
}

/** Every table that is read, at whatever depth. */
export function readings(sql: string): Reading[] {
  const { own, inner } = layers(sql)
  const mine = own.split(/\bUNION ALL\b/i).flatMap((select) => {
    const tables = [...select.matchAll(TABLE)].map(([, table]) => table!)
    const where = (/\bWHERE\b(.*)/is.exec(select)?.[1] ?? '').split(/\b(?:GROUP|ORDER) BY\b/i)[0]!
    const conditions = where.split(/\bAND\b/i).map((text) => text.trim().replaceAll(/\s+/g, ' '))
    const isGuarded = conditions.includes(GUARD) && !/\bOR\b/i.test(where)
    return tables.map((table) => ({ table, isGuarded }))
  })
  return [...mine, ...inner.flatMap(readings)]
}
