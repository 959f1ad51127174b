/**
 * The directory of a spool, and nothing outside of it: for its owner alone, without following links,
 * and for one agent at a time. Errors are those of the kernel.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writevSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SpoolError } from './spool-error.ts'

export interface Disk {
  /** Names of all files. */
  list(): string[]
  /** An empty file that was not there, and its name on the disk; what is opened must be closed. */
  create(name: string): number
  open(name: string): number
  size(file: number): number
  /** Fills the buffer as far as the file goes. */
  read(file: number, into: Buffer, position: number): number
  /** Writes all of it or throws. */
  write(file: number, parts: readonly Buffer[], position: number): void
  truncate(file: number, bytes: number): void
  /** Resolves when all that was written is on the disk. */
  sync(file: number): Promise<void>
  remove(name: string): void
  close(file: number): void
  /** Lets others have the directory. */
  leave(): void
}

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants
const LOCK = 'lock'
const NOT_FOR_OTHERS = 0o022
const dataSync = promisify(fdatasync)

/** Makes the directory where it is missing, but not those above it, and takes it. */
export function openDirectory(path: string): Disk {
  const directory = openOwn(path)
  try {
    const unlock = lock(path)
    return new Directory(path, directory, unlock)
  } catch (error) {
    closeSync(directory)
    throw error
  }
}

function openOwn(path: string): number {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (lstatSync(path).isSymbolicLink()) {
    throw new SpoolError('ERR_SPOOL_OPEN', `${path} is a symbolic link; name what it points to`)
  }
  const directory = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  const { uid, mode } = fstatSync(directory)
  if (uid === process.geteuid!() && (mode & NOT_FOR_OTHERS) === 0) return directory
  closeSync(directory)
  throw new SpoolError(
    'ERR_SPOOL_OPEN',
    `${path} belongs to another user, or others may write into it (chmod 700 ${path})`,
  )
}

/**
 * A lock of the kernel, which ends with the process however that ends, and holds between containers
 * that share the directory. Node.js reaches such locks through SQLite only; nothing is stored in it.
 */
function lock(path: string): () => void {
  const file = openSync(join(path, LOCK), O_CREAT | O_RDWR | O_NOFOLLOW, 0o600)
  closeSync(file)
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(join(path, LOCK), { timeout: 0 })
  try {
    database.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw new SpoolError('ERR_SPOOL_LOCKED', `${path} is in use by another agent`, { cause })
  }
  return () => database.close()
}

class Directory implements Disk {
  readonly #path: string
  readonly #directory: number
  readonly #unlock: () => void

  constructor(path: string, directory: number, unlock: () => void) {
    this.#path = path
    this.#directory = directory
    this.#unlock = unlock
  }

  list(): string[] {
    return readdirSync(this.#path).filter((name) => name !== LOCK)
  }

  create(name: string): number {
    const flags = O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW
    const file = openSync(join(this.#path, name), flags, 0o600)
    try {
      fsyncSync(this.#directory)
    } catch (error) {
      closeSync(file)
      unlinkSync(join(this.#path, name))
      throw error
    }
    return file
  }

  open(name: string): number {
    // Not held up by a pipe that somebody put there.
    const file = openSync(join(this.#path, name), O_RDWR | O_NOFOLLOW | O_NONBLOCK)
    if (fstatSync(file).isFile()) return file
    closeSync(file)
    throw new SpoolError('ERR_SPOOL_OPEN', `${join(this.#path, name)} is not a file`)
  }

  size(file: number): number {
    return fstatSync(file).size
  }

  read(file: number, into: Buffer, position: number): number {
    let length = 0
    while (length < into.length) {
      const more = readSync(file, into, length, into.length - length, position + length)
      if (more === 0) break
      length += more
    }
    return length
  }

  write(file: number, parts: readonly Buffer[], position: number): void {
    let at = position
    for (let left = [...parts]; left.length > 0;) {
      let written = writevSync(file, left, at)
      at += written
      left = left.flatMap((part) => {
        const done = Math.min(written, part.length)
        written -= done
        return done === part.length ? [] : [part.subarray(done)]
      })
    }
  }

  truncate(file: number, bytes: number): void {
    ftruncateSync(file, bytes)
  }

  async sync(file: number): Promise<void> {
    await dataSync(file)
  }

  remove(name: string): void {
    unlinkSync(join(this.#path, name))
  }

  close(file: number): void {
    closeSync(file)
  }

  leave(): void {
    this.#unlock()
    closeSync(this.#directory)
  }
}
