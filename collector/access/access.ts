/**
 * Who is let in, and as which tenant. With a token file that is whoever has a token of the right
 * scope; without one, the users of the web configuration file, or everyone; they are the default
 * tenant and may do all.
 */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { limits } from '../../catalog/limit.ts'
import type { Log } from '../../settings/log.ts'
import { UsageError } from '../../settings/usage-error.ts'
import type { WebConfig } from '../../settings/web/config-file.ts'
import { WatchedConfig } from '../../settings/web/config-watch.ts'
import { Guard } from '../../settings/web/guard.ts'
import { WatchedFile } from '../../settings/web/watched-file.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { AccessError, type AccessCode } from './access-error.ts'
import { type Allowed, UNBOUNDED } from './allowed.ts'
import { parseTokenFile, type Scope, type Token, type TokenFile } from './token-file.ts'
import { findToken } from './tokens.ts'

export interface AccessFiles {
  /** --web.config.file */
  readonly configFile?: string
  /** --web.token-file */
  readonly tokenFile?: string
}

/** An answer that is given headers. */
export interface Dressed {
  header(name: string, value: string | string[]): unknown
  headers(values: Readonly<Record<string, string>>): unknown
  removeHeader(name: string): unknown
}

/** Who is let in. */
export interface Caller {
  /** Of the token; empty without one. */
  readonly name: string
  readonly tenant: string
  readonly allowed: Allowed
}

const EVERYONE: Caller = { name: '', tenant: '', allowed: UNBOUNDED }

const CHALLENGES = ['Bearer realm="candor"', 'Basic realm="candor", charset="UTF-8"']

interface Parts {
  readonly tokens?: Pick<WatchedFile<TokenFile>, 'current' | 'onChange' | 'reload'>
  readonly config?: WatchedConfig
}

export class Access {
  readonly config: WatchedConfig | undefined
  readonly #tokens: Parts['tokens']
  readonly #guard: Guard | undefined
  readonly #own: OwnMetrics
  readonly #callers = new WeakMap<IncomingMessage, Caller>()

  constructor({ tokens, config }: Parts, own: OwnMetrics) {
    this.config = config
    this.#tokens = tokens
    this.#guard = config && new Guard(config)
    this.#own = own
  }

  /** Throws UsageError with every problem of the first file that has any. */
  static async open(files: AccessFiles, own: OwnMetrics, log: Log): Promise<Access> {
    const { configFile, tokenFile } = files
    const tokens = tokenFile === undefined ? undefined : new WatchedFile(tokenFile, KIND, log)
    const check = tokens && assertNoUsers
    const config =
      configFile === undefined ? undefined : await WatchedConfig.open(configFile, log, check)
    return new Access({ ...(tokens && { tokens }), ...(config && { config }) }, own)
  }

  /** Lets in whoever has this token alone, as the default tenant. */
  static ofToken(digest: Buffer, own: OwnMetrics): Access {
    const token: Token = { ...EVERYONE, digest, scopes: ['write', 'read'] }
    const file = { tokens: [token], files: [] }
    const reload = { success: 1, timeSeconds: 0 }
    return new Access({ tokens: { current: () => file, onChange: () => {}, reload } }, own)
  }

  /** Whether others can be let in safely: everything is encrypted, or everyone must say who they are. */
  get protects(): boolean {
    return this.#tokens !== undefined || this.config?.protects === true
  }

  /** Whether there are files that may change. */
  get isWatching(): boolean {
    return this.#tokens !== undefined || this.config !== undefined
  }

  /** Whether there may be more tenants than the default one. */
  get hasTenants(): boolean {
    return this.#tokens !== undefined
  }

  /** Of all tokens that are in force; only the default one without a token file. */
  tenants(): ReadonlySet<string> {
    return new Set(this.#tokens?.current().tokens.map(({ tenant }) => tenant) ?? [''])
  }

  /** Called when other tokens come into force. */
  onChange(listener: () => void): void {
    this.#tokens?.onChange(listener)
  }

  /** Reads the files again, whether or not they look changed. */
  renew(): void {
    if (this.#tokens instanceof WatchedFile) this.#tokens.renew()
    this.config?.renew()
  }

  /** Throws AccessError for whoever may not enter; headers of the answer are set by then. */
  async admit(request: IncomingMessage, reply: Dressed, scope: Scope): Promise<Caller> {
    const config = this.#dress(reply)
    if (config !== undefined) await this.#askGuard(request, reply, config)
    const caller = this.#tokens === undefined ? EVERYONE : this.#byToken(request, reply, scope)
    this.#callers.set(request, caller)
    return caller
  }

  /** Of a request that was admitted. */
  callerOf({ raw }: { readonly raw: IncomingMessage }): Caller {
    const caller = this.#callers.get(raw)
    if (caller === undefined) throw new Error('the request was not admitted')
    return caller
  }

  /** All routes of an app but some need a scope. */
  protect(app: FastifyInstance, scope: Scope, open: ReadonlySet<string> = new Set()): void {
    app.addHook('onRequest', async (request, reply) => {
      if (open.has(request.routeOptions.url ?? '')) this.#dress(reply)
      else await this.admit(request.raw, reply, scope)
    })
  }

  /** What is known of the files, for /metrics. */
  tell(): void {
    for (const [file, watched] of [
      ['tokens', this.#tokens],
      ['web', this.config],
    ] as const) {
      if (watched === undefined) continue
      const { success, timeSeconds } = watched.reload
      this.#own.set('accessFileSuccess', { file }, success)
      this.#own.set('accessFileTime', { file }, timeSeconds)
    }
  }

  async close(): Promise<void> {
    await this.#guard?.close()
  }

  /** Headers of the web configuration, which is in force as it is when a request comes. */
  #dress(reply: Dressed): WebConfig | undefined {
    const config = this.config?.current()
    for (const [name, value] of Object.entries(config?.headers ?? {})) {
      if (value === '') reply.removeHeader(name)
      else reply.header(name, value)
    }
    return config
  }

  async #askGuard(request: IncomingMessage, reply: Dressed, config: WebConfig): Promise<void> {
    const refusal = await this.#guard?.refusal(request, config)
    if (refusal === undefined) return
    reply.headers(refusal.headers)
    if (refusal.status === 401) throw this.#refused('ERR_UNAUTHORIZED', 'unknown user or password')
    if (!('retry-after' in refusal.headers)) reply.header('retry-after', '1')
    throw this.#refused('ERR_RATE_LIMITED', refusal.message)
  }

  #byToken(request: IncomingMessage, reply: Dressed, scope: Scope): Caller {
    const { authorization } = request.headers
    const token = findToken(this.#tokens!.current().tokens, authorization)
    if (token === undefined) {
      reply.header('www-authenticate', CHALLENGES)
      const found = authorization === undefined ? 'none' : 'none that is known'
      throw this.#refused(
        'ERR_UNAUTHORIZED',
        `expected a token, as a bearer or as the password of basic authentication, found ${found}`,
      )
    }
    if (!token.scopes.includes(scope)) {
      reply.header('www-authenticate', `Bearer realm="candor", error="insufficient_scope"`)
      throw this.#refused('ERR_FORBIDDEN', `the token "${token.name}" may not ${scope}`)
    }
    return token
  }

  #refused(code: AccessCode, message: string): AccessError {
    this.#own.inc('accessRefused', { reason: REASONS[code] })
    return new AccessError(code, message)
  }
}

const REASONS = {
  ERR_UNAUTHORIZED: 'unauthorized',
  ERR_FORBIDDEN: 'scope',
  ERR_RATE_LIMITED: 'rate',
} as const

const KIND = {
  flag: 'web.token-file',
  what: 'token file',
  lookMs: limits.tokenLookMs.value,
  parse: parseTokenFile,
  // Who is let in is decided at each request: any list may follow any other.
  assertMayFollow: () => {},
}

/** Who is let in would be decided by two files, and one of them knows no tenants. */
function assertNoUsers({ users }: WebConfig, file: string): void {
  if (users.size === 0) return
  throw new UsageError('ERR_BAD_CONFIG', [
    `${file}: basic_auth_users: found beside --web.token-file; give each user a token instead`,
  ])
}
