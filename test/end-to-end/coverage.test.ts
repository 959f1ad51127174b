/** What may not be read is told with its number: two JVMs, of which nobody may look into one. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { needs } from '../peers/peers.ts'
import { ENTRY } from './candor.ts'

const missing = needs('java', 'root')
const folder = mkdtempSync(join(tmpdir(), 'candor-coverage-'))
afterAll(() => rmSync(folder, { recursive: true }))

const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups']

test.skipIf(missing)(
  'as nobody, candor check says how many of the JVMs it could read',
  async () => {
    const text = `public class Still {
    public static void main(String[] a) throws Exception {
      System.out.println("ready");
      Thread.sleep(300_000);
    }
  }`
    writeFileSync(join(folder, 'Still.java'), text)
    execFileSync('javac', ['-d', folder, join(folder, 'Still.java')])
    chmodSync(folder, 0o755)
    const java = ['java', '-Xmx32m', '-XX:+UseSerialGC', '-cp', folder, 'Still']
    const jvms = [java, ['setpriv', ...NOBODY, ...java]].map(([program = '', ...args]) =>
      spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }),
    )
    try {
      await Promise.all(jvms.map(({ stdout }) => once(stdout, 'data')))
      const check = spawn('setpriv', [...NOBODY, process.execPath, ENTRY, 'check'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let page = ''
      check.stdout.setEncoding('utf8').on('data', (part: string) => (page += part))
      await once(check, 'close')
      const [, readable, all] = /^ {2}(\d+) of (\d+) JVMs readable$/m.exec(
        stripVTControlCharacters(page),
      )!
      // Other tests may run JVMs of their own beside these.
      expect(Number(readable)).toBeGreaterThanOrEqual(1)
      expect(Number(all)).toBeGreaterThan(Number(readable))
      expect(page).toContain('a process called java: run as root or with CAP_SYS_PTRACE')
      expect(page).toContain('not judged: all rules about runtimes')
    } finally {
      for (const jvm of jvms) {
        jvm.kill('SIGKILL')
        if (jvm.exitCode === null && jvm.signalCode === null) await once(jvm, 'exit')
      }
    }
  },
)
