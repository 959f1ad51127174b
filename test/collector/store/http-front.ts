/**
 * The embedded engine behind the HTTP interface of ClickHouse, as far as `@clickhouse/client` uses it.
 *
 * This is no ClickHouse server. It proves that our SQL, types, parameters and inserts work through the
 * client over HTTP; it proves nothing of a server's authentication, quotas, buffering of answers,
 * asynchronous inserts or replication. A current server is not to be had on a test machine.
 */
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { type ChdbResult, Session } from 'chdb'

export interface HttpFront {
  readonly url: string
  close(): Promise<void>
}

interface Query {
  readonly sql: string
  /** Rows of an INSERT. */
  readonly data: Buffer
  /** Settings of the engine; a query's parameters are the settings `param_…`. */
  readonly settings: ReadonlyMap<string, string>
  readonly database: string | undefined
  readonly format: string
}

/** Parameters of the URL that are no settings of the engine. */
const OF_HTTP = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'session_id',
  'enable_http_compression',
  'wait_end_of_query',
  'role',
])

export async function startHttpFront(directory: string): Promise<HttpFront> {
  const session = new Session(directory)
  // One statement at a time: the session, and parameters in it, are shared.
  let last: Promise<unknown> = Promise.resolve()
  const server = createServer((request, response) => {
    const answer = async () => {
      try {
        const query = await readQuery(request)
        const result = await (query.settings.get('readonly') === '1'
          ? runReading(directory, query)
          : run(session, query))
        response.setHeader('x-clickhouse-query-id', randomUUID())
        response.end(Buffer.from(result.bytes()))
      } catch (error) {
        const code = (error as { clickhouseCode?: number }).clickhouseCode ?? 0
        await session.queryAsync('SELECT 1')
        response.statusCode = 500
        response.setHeader('x-clickhouse-exception-code', String(code))
        response.end((error as Error).message)
      }
    }
    last = last.then(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await last
      session.close()
    },
  }
}

async function readQuery(request: IncomingMessage): Promise<Query> {
  const isGzip = request.headers['content-encoding'] === 'gzip'
  const body = await buffer(isGzip ? request.pipe(createGunzip()) : request)
  const { searchParams } = new URL(request.url ?? '/', 'http://front')
  const settings = new Map([...searchParams].filter(([name]) => !OF_HTTP.has(name)))
  const sql = searchParams.get('query')
  return {
    sql: sql ?? body.toString(),
    data: sql === null ? Buffer.alloc(0) : body,
    settings,
    database: searchParams.get('database') ?? undefined,
    format: searchParams.get('default_format') ?? 'TabSeparated',
  }
}

/** A session that only reads takes no settings any more, so that it serves one query. */
async function runReading(directory: string, query: Query): Promise<ChdbResult> {
  const { readonly, ...settings } = Object.fromEntries(query.settings)
  const session = new Session(directory)
  try {
    const ordered = new Map(Object.entries({ ...settings, readonly: readonly! }))
    return await run(session, { ...query, settings: ordered })
  } finally {
    session.close()
  }
}

async function run(session: Session, query: Query): Promise<ChdbResult> {
  await session.queryAsync(`USE ${query.database ?? 'default'}`)
  for (const [name, value] of query.settings) {
    await session.queryAsync(`SET ${name} = '${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`)
  }
  const insert = /^\s*(INSERT\b.*)\s+FORMAT\s+(\w+)\s*$/is.exec(query.sql)
  if (insert !== null) return runInsert(session, query, insert[1]!, insert[2]!)
  const format = /\sFORMAT\s+(\w+)\s*$/i.exec(query.sql)
  return session.queryAsync(format === null ? query.sql : query.sql.slice(0, format.index), {
    format: format?.[1] ?? query.format,
  })
}

/** From a file: what stands behind a blank line in an inline INSERT would be run as SQL. */
async function runInsert(session: Session, query: Query, into: string, format: string) {
  const file = join(tmpdir(), `http-front-${randomUUID()}`)
  await writeFile(file, query.data)
  try {
    return await session.queryAsync(`${into} FROM INFILE '${file}' FORMAT ${format}`)
  } finally {
    await rm(file)
  }
}
