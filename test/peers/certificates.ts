/** A certificate authority of the test's own, and certificates from it. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peer } from './list.ts'

export interface Certificates {
  /** PEM, in a file. */
  readonly caFile: string
  readonly key: Buffer
  readonly cert: Buffer
}

/** For a server on loopback; files go to `folder`. */
export function makeCertificates(folder: string): Certificates {
  const at = (name: string) => join(folder, name)
  const openssl = (...args: readonly string[]) =>
    execFileSync(peer('openssl')!, args, { stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),

    '-subj',
    '/CN=test authority',
    '-days',
    '2',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
  )
  openssl(
    'req',
    ...key,
    '-keyout',
    at('server.key'),
    '-out',
    at('server.csr'),
    '-subj',
    '/CN=kubelet',
  )
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  openssl(
    'x509',
    '-req',
    '-in',
    at('server.csr'),
    '-CA',
    at('ca.crt'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('names'),
    '-out',
    at('server.crt'),
  )
  return {
    caFile: at('ca.crt'),
    key: readFileSync(at('server.key')),
    cert: readFileSync(at('server.crt')),
  }
}
