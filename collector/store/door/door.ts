/** Statements that people wrote, to a store that is opened for reading alone. */
import { limits } from '../../../catalog/limit.ts'
import { literal } from '../column-sql.ts'
import { readDdl } from '../migrate.ts'
import { DATABASE } from '../ask.ts'
import { StoreError } from '../store-error.ts'
import { refusal } from './statement.ts'

export interface DoorLimits {
  readonly timeMs: number
  readonly memoryBytes: number
}

/** Whoever answers a statement in a format of the engine, and lets nobody write. */
export interface Door {
  /** Throws what the engine or the client throws. */
  ask(sql: string, format: string): Promise<Uint8Array>
  close(): Promise<void>
}

/** Rows of one statement. Throws StoreError. */
export async function answer(door: Door, text: string, format: string): Promise<Uint8Array> {
  if (Buffer.byteLength(text) > limits.queryBytes.value || text.includes('\0')) {
    throw new StoreError('ERR_STORE_QUERY', 'the statement is too long, or has a NUL in it')
  }
  try {
    // Whatever is more than one statement is refused by this already, and comments are gone.
    const [statement = ''] = await lines(door, `SELECT formatQuerySingleLine(${literal(text)})`)
    const parts = await lines(door, `EXPLAIN AST ${statement}`)
    const refused = refusal(statement, parts)
    if (refused !== undefined) throw new StoreError('ERR_STORE_QUERY', refused)
    return await door.ask(statement, format)
  } catch (error) {
    if (error instanceof StoreError) throw error
    throw new StoreError('ERR_STORE_QUERY', reasonOf(error))
  }
}

const lines = async (door: Door, sql: string): Promise<string[]> =>
  Buffer.from(await door.ask(sql, 'TabSeparatedRaw'))
    .toString()
    .trimEnd()
    .split('\n')

/** Without what is around the text of a person, and what the engine says of itself. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .replaceAll(/Code: \d+\. DB::Exception: /g, '')
    .replace(/:? In scope SELECT formatQuerySingleLine\([\s\S]*$/, '')
    // The whole grammar, where nothing at all was understood.
    .replace(/\. Expected one of: [^.]{200,}/, '')
    .replace(/ \(version [\d.]+[^)]*\)/, '')
    .trim()

/** Settings of the engine for whoever comes through the door, as one of a tenant. */
export async function doorSettings(
  tenant: string,
  { timeMs, memoryBytes }: DoorLimits,
): Promise<Readonly<Record<string, string>>> {
  const ofTenant = [...(await readDdl())].flatMap(([table, ddl]) =>
    /^ {4}tenant /m.test(ddl)
      ? [`${literal(`${DATABASE}.${table}`)}: ${literal(`tenant = ${literal(tenant)}`)}`]
      : [],
  )
  return {
    readonly: '1',
    max_execution_time: String(timeMs / 1_000),
    max_memory_usage: String(memoryBytes),
    max_result_rows: String(limits.queryRows.value),
    max_result_bytes: String(limits.sqlBytes.value),
    additional_table_filters: `{${ofTenant.join(', ')}}`,
    output_format_json_quote_64bit_integers: '1',
    output_format_json_quote_denormals: '1',
    output_format_write_statistics: '0',
  }
}
