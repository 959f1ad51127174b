/** Starts one foreign server on a free loopback port and stops it by its own handle. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Server extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly pid: number
  /** Ends the process and removes its folder; may be called twice. */
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly program: string
  readonly args: (address: string) => readonly string[]
  /** Answers 2xx once the server works. */
  readonly readyPath: string
  /** Working directory of the server, which goes away with it. */
  readonly folder?: string
}

const READY_MS = 60_000
const POLL_MS = 50
const PATIENCE_MS = 5_000
const LOG_BYTES = 4_000

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}

/** A test run that is ended early takes its servers along. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const stubborn = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await exited
  clearTimeout(stubborn)
}

/** Resolves when the server answers; rejects with its last words when it ends instead. */
async function ready(child: ChildProcess, url: string, lastWords: () => string): Promise<void> {
  const deadline = Date.now() + READY_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${child.spawnfile} ended with ${child.exitCode}: ${lastWords()}`)
    }
    const answer = await fetch(url).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await sleep(POLL_MS)
  }
  throw new Error(`${child.spawnfile} was not ready after ${READY_MS} ms: ${lastWords()}`)
}

async function startOnce(options: ServerOptions): Promise<Server> {
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(options.program, options.args(address), {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.folder !== undefined && { cwd: options.folder }),
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-LOG_BYTES)))
  }
  try {
    await once(child, 'spawn')
    await ready(child, `http://${address}${options.readyPath}`, () => log.trim())
  } catch (error) {
    await end(child)
    throw error
  }
  const stop = async () => {
    await end(child)
    removeFolder(options)
  }
  return { url: `http://${address}`, pid: child.pid!, stop, [Symbol.asyncDispose]: stop }
}

function removeFolder({ folder }: ServerOptions): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}

/** Starts a server; another process may take the free port first, so it is tried three times. */
export async function startServer(options: ServerOptions): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options)
    } catch (error) {
      if (attempt < 3 && /address already in use/.test(String(error))) continue
      removeFolder(options)
      throw error
    }
  }
}
