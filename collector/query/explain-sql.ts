/**
 * What a source asks of the store for the leaves of a plan, statement by statement. Who is meant (entities,
 * series and their labels) is asked for, since the statements of samples name it; samples are not.
 */
import { NativeAnswer } from '../store/native-answer.ts'
import { withSettings } from '../store/ask.ts'
import type { Store } from '../store/store.ts'
import type { Leaf, LeafSource } from './leaf.ts'

type Asked = Pick<Store, 'queryColumns'>

interface Statement {
  readonly sql: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly isRun: boolean
}

/** Tables of who is who; what is read from any other is samples. The first that a statement names is its own. */
const OF_WHO: ReadonlySet<string | undefined> = new Set(['entity', 'series'])
const isOfWho = (sql: string) => OF_WHO.has(/\bFROM (\w+)/.exec(sql)?.[1])

/** `sourceOf` makes the source that would answer, over a store that writes down what it is asked. */
export async function explainLeaves(
  leaves: readonly Leaf[],
  store: Asked,
  sourceOf: (store: Asked) => LeafSource,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const lines: string[] = []
  for (const [i, leaf] of leaves.entries()) {
    const statements: Statement[] = []
    const source = sourceOf({
      queryColumns: async (sql, parameters = {}, options) => {
        const isRun = isOfWho(sql)
        statements.push({ sql: withSettings(sql, options?.settings ?? []), parameters, isRun })
        return isRun ? store.queryColumns(sql, parameters, options) : NOTHING
      },
    })
    const { infos = [] } = await source.answer(leaf, signal)
    lines.push('', `leaf ${i + 1}, as it is asked of the store:`)
    lines.push(...infos.map((info) => `  ${info}`))
    lines.push(...statements.flatMap(statementLines))
  }
  return lines
}

const NOTHING = new NativeAnswer(0, new Map())

function statementLines({ sql, parameters, isRun }: Statement): string[] {
  const text = sql.split('\n').map((line) => `    ${line.trim()}`)
  const given = Object.entries(parameters).map(([name, value]) => `    ${name} = ${shown(value)}`)
  return [`  ${isRun ? 'who it is about' : 'samples, not run here'}`, ...text, ...given]
}

/** Items of a list that are shown. */
const MOST_ITEMS = 5

function shown(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value)
  const items = value.slice(0, MOST_ITEMS).map(String)
  const more = value.length > MOST_ITEMS ? [`… ${value.length} in all`] : []
  return `[${[...items, ...more].join(', ')}]`
}
