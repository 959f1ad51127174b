/** Certificates that a test makes for itself: an authority, and what it signed. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Pair {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

export interface Authority extends Disposable {
  readonly folder: string
  readonly ca: Pair
  /** A certificate of this name, with these alternative names: `DNS:a,URI:b`. */
  sign(name: string, altNames?: string): Pair
}

const openssl = (folder: string, ...args: string[]) =>
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const

export function makeAuthority(name = 'test authority'): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'candor-tls-'))
  const pair = (base: string): Pair => {
    const certFile = join(folder, `${base}.crt`)
    const keyFile = join(folder, `${base}.key`)
    return {
      certFile,
      keyFile,
      cert: readFileSync(certFile, 'utf8'),
      key: readFileSync(keyFile, 'utf8'),
    }
  }
  const subject = ['-subj', `/CN=${name}`, '-days', '2']
  openssl(folder, 'req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.crt', ...subject)
  return {
    folder,
    ca: pair('ca'),
    sign(base, altNames = 'DNS:localhost,IP:127.0.0.1') {
      writeFileSync(join(folder, `${base}.ext`), `subjectAltName=${altNames}\n`)
      const request = ['-keyout', `${base}.key`, '-out', `${base}.csr`, '-subj', `/CN=${base}`]
      openssl(folder, 'req', ...KEY, ...request)
      const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2']
      const named = ['-in', `${base}.csr`, '-extfile', `${base}.ext`, '-out', `${base}.crt`]
      openssl(folder, 'x509', '-req', ...signing, ...named)
      return pair(base)
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
