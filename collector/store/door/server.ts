/** A ClickHouse server that is asked with the settings of the door; its user may have fewer rights still. */
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { DATABASE } from '../ask.ts'
import type { StoreOptions } from '../store.ts'
import type { Door } from './door.ts'

const SLACK_MS = 10_000

export async function openServerDoor(
  { url, username, passwordFile }: Extract<StoreOptions, { readonly url: string }>,
  settings: Readonly<Record<string, string>>,
  timeMs: number,
): Promise<Door> {
  const password =
    passwordFile === undefined ? undefined : (await readFile(passwordFile, 'utf8')).trimEnd()
  const client = createClient({
    url,
    application: 'candor',
    database: DATABASE,
    // Errors are thrown; the client would print them a second time.
    log: { level: ClickHouseLogLevel.OFF },
    // The server's own limit comes first and says more than a broken connection.
    request_timeout: timeMs + SLACK_MS,
    // Errors come before the first row, and not behind the last of those that were sent.
    clickhouse_settings: { ...settings, wait_end_of_query: 1 },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  })
  return {
    ask: async (sql, format) => {
      const { stream } = await client.exec({ query: `${sql}\nFORMAT ${format}` })
      return buffer(stream)
    },
    close: () => client.close(),
  }
}
