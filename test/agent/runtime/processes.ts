/** A /proc of a test's own: processes made of files, with a real counters file where one is asked for. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const JVM_LINE =
  '7f1e80e00000-7f1e81400000 r-xp 00200000 fe:00 5461   /usr/lib/server/libjvm.so'

export interface FakeProcess {
  readonly comm?: string
  readonly state?: string
  readonly flags?: number
  readonly threads?: number
  readonly startTicks?: number
  /** Where its stack begins; 0, as for one that may not be traced, unless it is given. */
  readonly stackStart?: number
  readonly parentPid?: number
  /** Names of its threads; there is one of its own name unless they are given. */
  readonly tasks?: readonly string[]
  readonly innermostPid?: number
  /** Path of its executable. */
  readonly exe?: string
  readonly cmdline?: readonly string[]
  /** Where its root directory is. */
  readonly root?: string
  readonly environ?: Readonly<Record<string, string>>
  /** Lines of maps that come before that of the counters. */
  readonly maps?: readonly string[]
  /** Counters file at /tmp/hsperfdata_web/<innermost pid> of the process. */
  readonly counters?: Uint8Array
  /** What maps claims of that file, where it is not the truth. */
  readonly inode?: number
}

export class FakeProcfs {
  readonly path = mkdtempSync(join(tmpdir(), 'candor-procfs-'))

  /** Writes the process, or writes it anew. */
  set(pid: number, process: FakeProcess = {}): void {
    const folder = join(this.path, String(pid))
    const { comm = 'java', state = 'S', flags = 0, threads = 1, startTicks = 100 } = process
    const innermostPid = process.innermostPid ?? pid
    mkdirSync(folder, { recursive: true })
    const put = (name: string, text: string) => writeFileSync(join(folder, name), text)
    const { parentPid = 1, tasks = [comm], stackStart = 0 } = process
    const numbers = `${parentPid} 2 3 4 5 ${flags} 1 2 3 4 5 6 7 8 20 0 ${threads} 0 ${startTicks} 5 6 7 8 9 ${stackStart} 0 0`
    put('stat', `${pid} (${comm}) ${state} ${numbers}\n`)
    for (const [i, name] of tasks.entries()) {
      mkdirSync(join(folder, 'task', String(pid + i)), { recursive: true })
      put(`task/${pid + i}/stat`, `${pid + i} (${name}) ${state} ${numbers}\n`)
    }
    const uid = `Uid:\t0\t${globalThis.process.getuid!()}\t0\t0`
    put('status', `Name:\t${comm}\n${uid}\nNSpid:\t${pid}\t${innermostPid}\n`)
    const { exe = '/usr/bin/none', cmdline = [exe], environ = {} } = process
    rmSync(join(folder, 'exe'), { force: true })
    symlinkSync(exe, join(folder, 'exe'))
    put('cmdline', cmdline.map((word) => `${word}\0`).join(''))
    put(
      'environ',
      Object.entries(environ)
        .map(([name, value]) => `${name}=${value}\0`)
        .join(''),
    )
    if (process.root !== undefined) symlinkSync(process.root, join(folder, 'root'))
    put('mountinfo', readFileSync('/proc/self/mountinfo', 'utf8'))
    const maps = [...(process.maps ?? [])]
    if (process.counters !== undefined)
      maps.push(this.#counters(pid, innermostPid, process.counters, process.inode))
    put('maps', maps.map((line) => `${line}\n`).join(''))
  }

  /** Path of the counters file of a process. */
  countersOf(pid: number, innermostPid = pid): string {
    return join(this.path, `${pid}-root`, 'tmp', 'hsperfdata_web', String(innermostPid))
  }

  #counters(pid: number, innermostPid: number, bytes: Uint8Array, inode?: number): string {
    const file = this.countersOf(pid, innermostPid)
    const link = join(this.path, String(pid), 'root')
    rmSync(link, { force: true })
    mkdirSync(join(file, '..'), { recursive: true })
    symlinkSync(join(this.path, `${pid}-root`), link)
    writeFileSync(file, bytes)
    const number = inode ?? statSync(file).ino
    return `7f1e82a1d000-7f1e82a25000 rw-s 00000000 00:2d ${number}   /tmp/hsperfdata_web/${innermostPid}`
  }

  end(pid: number): void {
    rmSync(join(this.path, String(pid)), { recursive: true })
  }

  remove(): void {
    rmSync(this.path, { recursive: true })
  }
}
