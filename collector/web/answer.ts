/**
 * The answer to a request that is served before the app looks at it: as much of a reply as receiving
 * needs. Status, headers and body are written at once.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

export class Answer {
  readonly raw: ServerResponse
  statusCode = 200
  readonly #headers: OutgoingHttpHeaders

  /** Headers, by names in lower case, that any answer has. */
  constructor(raw: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.raw = raw
    this.#headers = { ...headers }
  }

  code(status: number): this {
    this.statusCode = status
    return this
  }

  header(name: string, value: string | number | readonly string[]): this {
    this.#headers[name.toLowerCase()] = typeof value === 'object' ? [...value] : value
    return this
  }

  headers(values: Readonly<Record<string, string>>): this {
    for (const [name, value] of Object.entries(values)) this.header(name, value)
    return this
  }

  hasHeader(name: string): boolean {
    return this.#headers[name.toLowerCase()] !== undefined
  }

  removeHeader(name: string): this {
    delete this.#headers[name.toLowerCase()]
    return this
  }

  send(body: string | Buffer = ''): this {
    const hasBody = this.statusCode !== 204
    if (hasBody) this.#headers['content-length'] = Buffer.byteLength(body)
    this.raw.writeHead(this.statusCode, this.#headers)
    if (hasBody && body.length > 0) this.raw.end(body)
    else this.raw.end()
    return this
  }
}
