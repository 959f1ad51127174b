/**
 * `--web.token-file`: who may write and read, and as which tenant.
 *
 *   tokens:
 *     - name: shop-agents
 *       tenant: shop
 *       scopes: [write]
 *       sha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
 *       limits: { points_per_second: 50000, series: 200000, entities: 20000 }
 *     - name: shop-people
 *       tenant: shop
 *       scopes: [read]
 *       token_file: /etc/candor/shop-people
 *
 * `sha256` is the hash of the token in hex, `token_file` a file that holds the token itself. Limits of
 * series and entities are compared with what the whole tenant has; points are counted by token.
 */
import { hash } from 'node:crypto'
import { dirname, isAbsolute, join } from 'node:path'
import type { Node } from 'yaml'
import { limits } from '../../catalog/limit.ts'
import { UsageError } from '../../settings/usage-error.ts'
import type { Allowed } from './allowed.ts'
import { ConfigReader, type Fields, type Found, quote } from '../../settings/web/config-reader.ts'

export const SCOPES = ['write', 'read'] as const
export type Scope = (typeof SCOPES)[number]

export interface Token {
  readonly name: string
  /** Empty for the default one. */
  readonly tenant: string
  readonly scopes: readonly Scope[]
  /** SHA-256 of the token. */
  readonly digest: Buffer
  readonly allowed: Allowed
}

export interface TokenFile {
  readonly tokens: readonly Token[]
  /** Other files that it rests on. */
  readonly files: readonly string[]
}

const FIELDS = ['name', 'tenant', 'scopes', 'sha256', 'token_file', 'limits'] as const
const LIMIT_FIELDS = ['points_per_second', 'series', 'entities'] as const

/** Of a token, and of a tenant that is not the default one. */
export const TENANT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const DIGEST = /^[0-9a-f]{64}$/i
const MOST_POINTS = 1e9
/** A shorter token can be guessed. */
const TOKEN_CHARS = 16
/** What a header can carry, and no space that somebody left there by mistake. */
const TOKEN = /^[\x21-\x7e]+$/

/** Throws UsageError with every problem. `readFile` throws where a file cannot be read. */
export function parseTokenFile(
  file: string,
  text: string,
  readFile: (path: string) => string,
): TokenFile {
  const reader = new ConfigReader(file, text)
  const root = reader.root(['tokens'])
  const files: string[] = []
  const nodes = reader.items(root, 'tokens')
  if (root.get('tokens') === undefined && reader.problems.length === 0) {
    reader.problem(`${file}:1:1`, 'tokens: expected a list; [] lets nobody in')
  }
  const load = (path: string): string => {
    const whole = isAbsolute(path) ? path : join(dirname(file), path)
    files.push(whole)
    return readFile(whole)
  }
  const tokens = nodes.flatMap((node) => readToken(reader, node, load))
  assertApart(reader, tokens)
  if (nodes.length > limits.tokens.value) {
    reader.problem(`${file}:1:1`, `tokens: expected at most ${limits.tokens.value}`)
  }
  if (reader.problems.length > 0) throw new UsageError('ERR_BAD_CONFIG', reader.problems)
  return { tokens: tokens.map(({ token }) => token), files }
}

interface Placed {
  readonly token: Token
  readonly where: string
}

function readToken(
  reader: ConfigReader,
  node: Node | null,
  load: (path: string) => string,
): Placed[] {
  const where = reader.where(node)
  const before = reader.problems.length
  const fields = reader.fields(node, 'tokens', FIELDS)
  if (fields.size === 0 && reader.problems.length > before) return []
  const name = named(reader, fields, 'name')
  if (name === undefined && reader.problems.length === before) {
    reader.problem(where, 'name: missing; it is what logs and metrics call the token')
  }
  const tenant = named(reader, fields, 'tenant') ?? ''
  const scopes = reader.choices(fields, 'scopes', { write: 'write', read: 'read' } as const)
  if (reader.problems.length === before && scopes.length === 0) {
    reader.problem(where, 'scopes: expected write, read or both')
  }
  const digest = readDigest(reader, fields, where, load)
  const allowed = readAllowed(reader, fields)
  if (reader.problems.length > before || name === undefined || digest === undefined) return []
  return [{ token: { name, tenant, scopes: [...new Set(scopes)], digest, allowed }, where }]
}

function named(reader: ConfigReader, fields: Fields, field: 'name' | 'tenant') {
  const found = reader.text(fields, field)
  if (found === undefined || TENANT_NAME.test(found.value)) return found?.value
  reader.problem(
    found.where,
    `${field}: expected up to 64 letters, digits, dots, dashes and underscores, found ${quote(found.value)}`,
  )
  return undefined
}

/** A token is never shown, nor what may be one that stands in the wrong field. */
function readDigest(
  reader: ConfigReader,
  fields: Fields,
  where: string,
  load: (path: string) => string,
): Buffer | undefined {
  const digest = reader.text(fields, 'sha256')
  const path = reader.text(fields, 'token_file')
  if ((digest === undefined) === (path === undefined)) {
    const found = digest === undefined ? 'neither' : 'both'
    reader.problem(where, `expected sha256 or token_file, found ${found}`)
    return undefined
  }
  if (path !== undefined) return digestOfFile(reader, path, load)
  if (DIGEST.test(digest!.value)) return Buffer.from(digest!.value, 'hex')
  reader.problem(
    digest!.where,
    'sha256: expected 64 hexadecimal digits, as `printf %s TOKEN | sha256sum` prints them',
  )
  return undefined
}

function digestOfFile(
  reader: ConfigReader,
  { value: path, where }: Found<string>,
  load: (path: string) => string,
): Buffer | undefined {
  let token: string
  try {
    token = load(path).trimEnd()
  } catch (error) {
    reader.problem(where, `token_file: ${path} cannot be read: ${(error as Error).message}`)
    return undefined
  }
  if (token.length >= TOKEN_CHARS && TOKEN.test(token)) return hash('sha256', token, 'buffer')
  reader.problem(
    where,
    `token_file: ${path}: expected one token of ${TOKEN_CHARS} printable characters or more`,
  )
  return undefined
}

function readAllowed(reader: ConfigReader, fields: Fields): Allowed {
  const given = reader.fields(fields.get('limits'), 'limits', LIMIT_FIELDS)
  const limit = (field: (typeof LIMIT_FIELDS)[number], otherwise: number, most: number): number => {
    const found = reader.text(given, field)
    if (found === undefined) return otherwise
    if (/^[1-9]\d{0,11}$/.test(found.value) && Number(found.value) <= most) {
      return Number(found.value)
    }
    reader.problem(
      found.where,
      `${field}: expected a whole number from 1 to ${most}, found ${quote(found.value)}`,
    )
    return otherwise
  }
  // What is announced is counted as it is remembered.
  const counted = limits.seriesCached.value
  return {
    pointsPerSecond: limit('points_per_second', limits.tokenPointsPerSecond.value, MOST_POINTS),
    series: limit('series', limits.tenantSeries.value, counted),
    entities: limit('entities', limits.tenantEntities.value, counted),
  }
}

/** Two that cannot be told apart would be a tenant that nobody meant. */
function assertApart(reader: ConfigReader, tokens: readonly Placed[]): void {
  const names = new Set<string>()
  const digests = new Map<string, string>()
  for (const { token, where } of tokens) {
    const digest = token.digest.toString('hex')
    const other = digests.get(digest)
    if (names.has(token.name)) reader.problem(where, `a second token of the name "${token.name}"`)
    if (other !== undefined) reader.problem(where, `the same token as "${other}"`)
    names.add(token.name)
    digests.set(digest, token.name)
  }
}
