/**
 * How an agent shows who it is, and knows to whom it talks. Files are read for each request, since
 * whoever keeps them may renew them at any time; one that cannot be read lets the request fail, and it
 * is tried again.
 */
import { readFileSync } from 'node:fs'

export interface Credentials {
  /** What `tokenFile` would hold. */
  readonly token?: string
  readonly tokenFile?: string
  /** Authorities that the receiver's certificate is trusted by, in place of those of Node.js. */
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

/** The header that shows the token; none without one. */
export function authorizationOf({ token, tokenFile }: Credentials): { authorization?: string } {
  const shown = tokenFile === undefined ? token : readFileSync(tokenFile, 'utf8').trim()
  return shown === undefined ? {} : { authorization: `Bearer ${shown}` }
}

interface Certificates {
  ca?: string
  cert?: string
  key?: string
}

/** For a request over TLS: whoever was connected with other certificates is connected anew. */
export function certificatesOf({ caFile, certFile, keyFile }: Credentials): Certificates {
  const read = (path: string) => readFileSync(path, 'utf8')
  return {
    ...(caFile !== undefined && { ca: read(caFile) }),
    ...(certFile !== undefined && { cert: read(certFile) }),
    ...(keyFile !== undefined && { key: read(keyFile) }),
  }
}

/** What is wrong with flags of these; each file must be there when the agent starts. */
export function credentialProblems(
  { tokenFile, caFile, certFile, keyFile }: Credentials,
  url: string | undefined,
): string[] {
  const files = Object.entries({
    'push.token-file': tokenFile,
    'push.ca-file': caFile,
    'push.cert-file': certFile,
    'push.key-file': keyFile,
  }).flatMap(([flag, path]) => (path === undefined ? [] : [{ flag, path }]))
  if (files.length === 0) return []
  if (url === undefined) return [`--${files[0]!.flag}: nothing is pushed; give --push.url`]
  const problems = files.flatMap(({ flag, path }) => {
    const problem = problemOf(path)
    return problem === undefined ? [] : [`--${flag}: ${path} ${problem}`]
  })
  const { protocol, username } = new URL(url)
  if (tokenFile !== undefined && username !== '') {
    problems.push('--push.token-file: --push.url has a user already; give one of them')
  }
  if (protocol === 'http:' && files.some(({ flag }) => flag !== 'push.token-file')) {
    problems.push('--push.url: expected https: for certificates, found http:')
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    problems.push('--push.cert-file, --push.key-file: expected both or none')
  }
  return problems
}

function problemOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() === '' ? 'is empty' : undefined
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`
  }
}
