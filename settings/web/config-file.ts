/**
 * `--web.config.file`: TLS, headers, users and a rate limit, in the very format of exporter-toolkit,
 * so that a file of node_exporter works unchanged. Loaded by those alone who have such a file.
 *
 * `http2` is taken and changes nothing: the agent speaks HTTP/1.1, also over TLS, where a client that
 * offers HTTP/2 too agrees on HTTP/1.1. Curves and suites of TLS 1.2 and below are OpenSSL's.
 *
 * Source: exporter-toolkit, docs/web-configuration.md
 */
import { dirname, isAbsolute, join } from 'node:path'
import tls from 'node:tls'
import { parseDuration } from '../duration.ts'
import { UsageError } from '../usage-error.ts'
import { ConfigReader, type Fields, type Found, quote } from './config-reader.ts'
import {
  BCRYPT,
  CIPHER_SUITES,
  CLIENT_AUTH_TYPES,
  type ClientAuthType,
  CURVES,
  HEADERS,
  OLD_CLIENT_AUTH_TYPE,
  TLS_VERSIONS,
  TLS13_SUITES,
  type TlsVersion,
} from './config-values.ts'

export interface TlsSettings {
  readonly context: tls.SecureContextOptions
  readonly clientAuth: ClientAuthType
  /** A client's certificate must have one of these; undefined where any will do. */
  readonly allowedSans?: readonly string[]
}

export interface WebConfig {
  readonly tls?: TlsSettings
  /** Empty values take a header away. */
  readonly headers: Readonly<Record<string, string>>
  /** bcrypt hashes by user; who is not in it may not enter, unless it is empty. */
  readonly users: ReadonlyMap<string, string>
  readonly rateLimit?: { readonly intervalMs: number; readonly burst: number }
  /** Other files that it rests on. */
  readonly files: readonly string[]
}

const ROOT = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'] as const
const TLS_FIELDS = [
  'cert',
  'key',
  'client_ca',
  'cert_file',
  'key_file',
  'client_auth_type',
  'client_ca_file',
  'client_allowed_sans',
  'cipher_suites',
  'curve_preferences',
  'min_version',
  'max_version',
  'prefer_server_cipher_suites',
] as const

/** Throws UsageError with every problem. `readFile` throws where a file cannot be read. */
export function parseWebConfig(
  file: string,
  text: string,
  readFile: (path: string) => string,
): WebConfig {
  const reader = new ConfigReader(file, text)
  const root = reader.root(ROOT)
  const files: string[] = []
  const load = ({ value, where }: Found<string>, name: string): Found<string> | undefined => {
    const path = isAbsolute(value) ? value : join(dirname(file), value)
    files.push(path)
    try {
      return { value: readFile(path), where }
    } catch (error) {
      reader.problem(where, `${name}: ${path} cannot be read: ${(error as Error).message}`)
      return undefined
    }
  }
  const tlsSettings = readTls(
    reader,
    reader.fields(root.get('tls_server_config'), 'tls_server_config', TLS_FIELDS),
    reader.where(root.get('tls_server_config')),
    load,
  )
  const rateLimit = readRateLimit(
    reader,
    reader.fields(root.get('rate_limit'), 'rate_limit', ['interval', 'burst']),
  )
  const config: WebConfig = {
    ...(tlsSettings !== undefined && { tls: tlsSettings }),
    headers: readHeaders(reader, root),
    users: readUsers(reader, reader.fields(root.get('basic_auth_users'), 'basic_auth_users')),
    ...(rateLimit !== undefined && { rateLimit }),
    files,
  }
  if (reader.problems.length > 0) throw new UsageError('ERR_BAD_CONFIG', reader.problems)
  return config
}

type Load = (found: Found<string>, name: string) => Found<string> | undefined

function readTls(
  reader: ConfigReader,
  fields: Fields,
  where: string,
  load: Load,
): TlsSettings | undefined {
  /** The text itself, or that of the file which is named. */
  const pem = (name: 'cert' | 'key' | 'client_ca'): Found<string> | undefined => {
    const inline = reader.text(fields, name)
    const file = reader.text(fields, `${name}_file`)
    if (inline !== undefined && file !== undefined) {
      reader.problem(inline.where, `${name} and ${name}_file: expected one of them, found both`)
    }
    return file === undefined ? inline : load(file, `${name}_file`)
  }
  const types = {
    ...Object.fromEntries(CLIENT_AUTH_TYPES.map((type) => [type, type])),
    ...OLD_CLIENT_AUTH_TYPE,
  }
  const before = reader.problems.length
  const cert = pem('cert')
  const key = pem('key')
  const ca = pem('client_ca')
  const authType = reader.choice<ClientAuthType>(fields, 'client_auth_type', types)
  const sans = reader.texts(fields, 'client_allowed_sans')
  const context = readContext(reader, fields, cert, key, ca)
  if (reader.problems.length > before) return undefined
  if ([cert, key, ca, authType].every((found) => found === undefined)) return undefined

  const clientAuth = authType?.value ?? 'NoClientCert'
  for (const [found, name] of [
    [cert, 'cert'],
    [key, 'key'],
  ] as const) {
    if (found === undefined) reader.problem(where, `tls_server_config: missing ${name}_file`)
  }
  if (ca !== undefined && clientAuth === 'NoClientCert') {
    reader.problem(
      ca.where,
      'client_ca_file: without a client_auth_type that verifies, no client is asked for a certificate',
    )
  }
  if (sans.length > 0 && !clientAuth.startsWith('Require')) {
    reader.problem(
      sans[0]!.where,
      'client_allowed_sans: expected a client_auth_type of RequireAnyClientCert or RequireAndVerifyClientCert',
    )
  }
  if (reader.problems.length > before) return undefined
  assertUsable(reader, context, cert!)
  return {
    context: verifies(clientAuth) && ca === undefined ? { ...context, ca: systemCas() } : context,
    clientAuth,
    ...(sans.length > 0 && { allowedSans: sans.map(({ value }) => value) }),
  }
}

/** Without a file of its own, Go takes the authorities that the system trusts. */
const systemCas = (): string[] => tls.getCACertificates('system')

export const verifies = (type: ClientAuthType): boolean =>
  type === 'VerifyClientCertIfGiven' || type === 'RequireAndVerifyClientCert'

function readContext(
  reader: ConfigReader,
  fields: Fields,
  cert: Found<string> | undefined,
  key: Found<string> | undefined,
  ca: Found<string> | undefined,
): tls.SecureContextOptions {
  const min = reader.choice<TlsVersion>(fields, 'min_version', TLS_VERSIONS)
  const max = reader.choice<TlsVersion>(fields, 'max_version', TLS_VERSIONS)
  const order = Object.values(TLS_VERSIONS)
  const minVersion = min?.value ?? 'TLSv1.2'
  const maxVersion = max?.value ?? 'TLSv1.3'
  if (order.indexOf(minVersion) > order.indexOf(maxVersion)) {
    reader.problem(
      (min ?? max)!.where,
      `min_version ${minVersion} is above max_version ${maxVersion}`,
    )
  }
  const suites = reader.choices(fields, 'cipher_suites', CIPHER_SUITES)
  const curves = reader.choices(fields, 'curve_preferences', CURVES)
  const chosen =
    suites.length > 0 ? [...new Set([...TLS13_SUITES, ...suites])].join(':') : undefined
  // OpenSSL takes the hashes of TLS 1.0 and 1.1 for too weak unless told otherwise.
  const weak = order.indexOf(minVersion) < order.indexOf('TLSv1.2')
  const ciphers = weak ? `${chosen ?? tls.DEFAULT_CIPHERS}:@SECLEVEL=0` : chosen
  return {
    ...(cert && { cert: cert.value }),
    ...(key && { key: key.value }),
    ...(ca && { ca: ca.value }),
    minVersion,
    maxVersion,
    ...(ciphers !== undefined && { ciphers }),
    ...(curves.length > 0 && { ecdhCurve: curves.join(':') }),
    honorCipherOrder: reader.flag(fields, 'prefer_server_cipher_suites', true),
  }
}

/** Certificate and key must be such, and belong together. */
function assertUsable(
  reader: ConfigReader,
  context: tls.SecureContextOptions,
  { where }: Found<string>,
): void {
  try {
    tls.createSecureContext(context)
  } catch (error) {
    reader.problem(where, `tls_server_config: cannot be used: ${(error as Error).message}`)
  }
}

function readHeaders(reader: ConfigReader, root: Fields): Record<string, string> {
  const http = reader.fields(root.get('http_server_config'), 'http_server_config', [
    'http2',
    'headers',
  ])
  reader.flag(http, 'http2', true)
  const fields = reader.fields(http.get('headers'), 'headers', Object.keys(HEADERS))
  const headers: Record<string, string> = {}
  for (const name of fields.keys()) {
    const { value, where } = reader.text(fields, name) ?? { value: '', where: '' }
    const allowed = HEADERS[name]
    if (value !== '' && allowed !== undefined && !allowed.includes(value)) {
      reader.problem(where, `${name}: expected ${allowed.join(' or ')}, found ${quote(value)}`)
    } else if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      reader.problem(where, `${name}: found characters that no header may have`)
    } else {
      headers[name] = value
    }
  }
  return headers
}

function readUsers(reader: ConfigReader, fields: Fields): Map<string, string> {
  const users = new Map<string, string>()
  for (const [user, node] of fields) {
    const found = reader.text(fields, user)
    // What stands there may be the password itself: it is not shown.
    if (found !== undefined && BCRYPT.test(found.value)) users.set(user, found.value)
    else
      reader.problem(reader.where(node), `basic_auth_users: ${quote(user)}: expected a bcrypt hash`)
  }
  return users
}

function readRateLimit(reader: ConfigReader, fields: Fields): WebConfig['rateLimit'] {
  const interval = reader.text(fields, 'interval')
  const burst = reader.text(fields, 'burst')
  if (interval === undefined || interval.value === '0') return undefined
  const intervalMs = parseDuration(interval.value)
  if (intervalMs === undefined) {
    reader.problem(interval.where, `interval: expected a duration, found ${quote(interval.value)}`)
  }
  if (burst !== undefined && !/^\d{1,9}$/.test(burst.value)) {
    reader.problem(burst.where, `burst: expected a whole number, found ${quote(burst.value)}`)
  }
  if (intervalMs === undefined || intervalMs === 0) return undefined
  return { intervalMs, burst: Number(burst?.value ?? 0) }
}
