/** Bounded GETs of JSON documents, over a socket of this machine or by URL. */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { limits } from '../../catalog/limit.ts'
import { http } from '../http.ts'
import { SourceRefused } from './source.ts'

/** The document at `path` of whoever listens at a socket. */
export function getOverSocket(
  socketPath: string,
  path: string,
  signal: AbortSignal,
): Promise<unknown> {
  const options = { socketPath, path, headers: { host: 'localhost' }, agent: false, signal }
  return readJson(http.request(options), socketPath)
}

/**
 * Lines of an answer that goes on, each handed to `take`; one of more than `most` bytes is left out.
 * Settles when it ends.
 */
export async function followOverSocket(
  socketPath: string,
  path: string,
  most: number,
  take: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const options = { socketPath, path, headers: { host: 'localhost' }, agent: false, signal }
  const request = http.request(options)
  const response = await responseOf(request)
  try {
    const { statusCode = 0 } = response
    if (statusCode !== 200) {
      throw new SourceRefused(`${socketPath} answers with status ${statusCode}`, cureOf(statusCode))
    }
    const lines = new Lines(most, take)
    for await (const chunk of response as AsyncIterable<Buffer>) lines.add(chunk)
  } finally {
    request.destroy()
  }
}

/** Cuts what comes in pieces into lines. */
class Lines {
  readonly #most: number
  readonly #take: (line: string) => void
  #kept: Buffer[] = []
  #size = 0

  constructor(most: number, take: (line: string) => void) {
    this.#most = most
    this.#take = take
  }

  add(chunk: Buffer): void {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end))
      if (this.#size <= this.#most) this.#take(Buffer.concat(this.#kept).toString('utf8'))
      this.#kept = []
      this.#size = 0
      from = end + 1
    }
    this.#keep(chunk.subarray(from))
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    if (this.#size <= this.#most) this.#kept.push(part)
    else this.#kept = []
  }
}

const NEWLINE = 0x0a

function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request.once('response', resolve)
  request.on('error', reject)
  request.end()
  return promise
}

export interface Trust {
  /** PEM; without it the authorities that Node.js knows. */
  readonly ca: Buffer | undefined
  readonly token: string | undefined
  readonly skipVerify: boolean
}

/** TLS is loaded only where it is used. A token goes over TLS alone. */
export function getByUrl(url: URL, trust: Trust, signal: AbortSignal): Promise<unknown> {
  if (url.protocol !== 'https:')
    return readJson(http.request(url, { signal, agent: false }), url.host)
  const { request } = process.getBuiltinModule('node:https')
  const options: RequestOptions & { ca?: Buffer; rejectUnauthorized: boolean } = {
    signal,
    agent: false,
    rejectUnauthorized: !trust.skipVerify,
    ...(trust.ca !== undefined && { ca: trust.ca }),
    ...(trust.token !== undefined && { headers: { authorization: `Bearer ${trust.token}` } }),
  }
  return readJson(request(url, options), url.host)
}

async function readJson(request: ClientRequest, from: string): Promise<unknown> {
  const response = await responseOf(request)
  try {
    const body = await readBody(response, from)
    const { statusCode = 0 } = response
    if (statusCode !== 200) {
      throw new SourceRefused(`${from} answers with status ${statusCode}`, cureOf(statusCode))
    }
    return JSON.parse(body.toString('utf8')) as unknown
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new SourceRefused(`${from} answers with what is no JSON`, 'see what listens there')
  } finally {
    request.destroy()
  }
}

async function readBody(response: IncomingMessage, from: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limits.identityAnswerBytes.value) {
      throw new SourceRefused(
        `${from} answers with more than ${limits.identityAnswerBytes.value} bytes`,
        'names from paths stay; switch the source off',
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const cureOf = (status: number): string =>
  status === 401 || status === 403
    ? 'give the agent a token that may get nodes/proxy, or nodes/pods where the kubelet knows it'
    : 'see the log of what listens there'
