/** The smallest root directory that a container can run in: a static busybox. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peer } from './list.ts'

/** Makes it in a new directory. */
export function makeRootfs(directory: string): void {
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'run']) {
    mkdirSync(join(directory, name), { recursive: true })
  }
  copyFileSync(peer('busybox')!, join(directory, 'bin/busybox'))
  for (const name of ['sh', 'sleep']) symlinkSync('busybox', join(directory, 'bin', name))
  writeFileSync(join(directory, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n')
}

/** The same as one archive. */
export function tarOf(directory: string): Buffer {
  return execFileSync('tar', ['-C', directory, '-c', '.'], { maxBuffer: 64 << 20 })
}
