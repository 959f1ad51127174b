/** Starts the product as a person would, on free loopback ports and with a store of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export const ENTRY = new URL('../../candor.ts', import.meta.url).pathname

export interface Candor {
  readonly child: ChildProcess
  /** Base addresses, as printed at the start; empty for what this command does not serve. */
  readonly console: string
  readonly agent: string
  readonly otlp: string
  readonly store: string
  /** Everything printed so far. */
  stdout(): string
  stderr(): string
  /** GET of an API path of the collector, parsed. */
  api<T>(path: string): Promise<T>
  /** SIGTERM, and the exit code; the store stays. */
  stop(): Promise<number | null>
  /** SIGKILL, at once; the store stays. */
  kill(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const FREE: Readonly<Record<string, readonly string[]>> = {
  '': [
    '--web.listen-address=127.0.0.1:0',
    '--otlp.listen-address=127.0.0.1:0',
    '--agent.web.listen-address=127.0.0.1:0',
  ],
  demo: [
    '--web.listen-address=127.0.0.1:0',
    '--otlp.listen-address=127.0.0.1:0',
    '--agent.web.listen-address=127.0.0.1:0',
  ],
  agent: ['--web.listen-address=127.0.0.1:0'],
  collector: ['--web.listen-address=127.0.0.1:0', '--otlp.listen-address=127.0.0.1:0'],
}

const ADDRESS = {
  console: /^ *console +(https?:\S+)\/$/im,
  agent: /^ *agent +(https?:\S+)\/metrics$/im,
  otlp: /^ *otlp +(https?:\S+)\/v1\/metrics$/im,
} as const

/** `by` is a program with its arguments that runs the command that follows them, as setpriv does. */
export async function startCandor(
  command: '' | 'demo' | 'agent' | 'collector' = '',
  args: readonly string[] = [],
  kept?: string,
  by: readonly string[] = [],
): Promise<Candor> {
  const [program, ...before] = [...by, process.execPath]
  const store = kept ?? mkdtempSync(join(tmpdir(), 'candor-store-'))
  const child = spawn(
    program,
    [
      ...before,
      ENTRY,
      ...(command === '' ? [] : [command]),
      ...FREE[command]!,
      ...(command === 'agent' ? [] : [`--store.path=${store}`]),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const last = command === 'agent' ? ADDRESS.agent : ADDRESS.console
  try {
    await until(() => {
      if (child.exitCode !== null) throw new Error(`candor ended: ${stderr}${stdout}`)
      return last.test(stdout)
    }, 'the addresses to be printed')
  } catch (error) {
    child.kill('SIGKILL')
    if (kept === undefined) rmSync(store, { recursive: true, force: true })
    throw error
  }
  const address = (name: keyof typeof ADDRESS) => ADDRESS[name].exec(stdout)?.[1] ?? ''
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }
  return {
    child,
    console: address('console'),
    agent: address('agent'),
    otlp: address('otlp'),
    store,
    stdout: () => stdout,
    stderr: () => stderr,
    api: async <T>(path: string) => {
      const response = await fetch(`${address('console')}${path}`)
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
      rmSync(store, { recursive: true, force: true })
    },
  }
}

/** Runs a command to its end. */
export async function runCandor(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  await once(child, 'close')
  return { code: child.exitCode, stdout, stderr }
}

/** Asks until the answer is true; gives up after a minute, which is an error that names the hope. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  hope: string,
  limitMs = 60_000,
): Promise<void> {
  for (const end = performance.now() + limitMs; ;) {
    if (await condition()) return
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for ${hope}`)
    await wait(100)
  }
}
