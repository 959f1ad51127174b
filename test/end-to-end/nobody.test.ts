/**
 * The agent as nobody: no right beyond those of any user, under the eyes of strace. What it cannot
 * read it says; it fails nowhere, writes nothing, starts nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseExposition } from '../../wire/parse-exposition.ts'
import { needs, peer, promtool } from '../peers/peers.ts'
import { ENTRY, until } from './candor.ts'

const NOBODY = 65_534
const BIN = new URL('../../bin/candor.js', import.meta.url).pathname
const NO_LIMITS = { samples: 1e6, labels: 1e3, labelBytes: 1e5 }

/** Calls that make, change or remove files, or start programs. */
const CALLS =
  'openat,open,creat,mkdir,mkdirat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,truncate,ftruncate,chmod,fchmodat,chown,fchownat,execve,execveat,fork,vfork,clone,clone3'

interface Unread {
  readonly reason: string
  readonly count: number
}

describe.skipIf(needs('root', 'strace', 'promtool')).each([
  ['bin/candor.js', BIN],
  ['candor.ts', ENTRY],
])('%s', (_, entry) => {
  let folder = ''
  let collector: Server
  let strace: ChildProcess
  let stdout = ''
  let stderr = ''
  let pushes = 0
  let url = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'candor-nobody-'))
    chownSync(folder, NOBODY, NOBODY)
    collector = createServer((request, response) => {
      pushes += 1
      request.resume().on('end', () => response.end())
    }).listen(0, '127.0.0.1')
    await once(collector, 'listening')
    const { port } = collector.address() as AddressInfo
    strace = spawn(
      peer('strace')!,
      [
        '-ff',
        '--seccomp-bpf',
        '-e',
        `trace=${CALLS}`,
        '-o',
        join(folder, 'trace'),
        process.execPath,
        entry,
        'agent',
        '--web.listen-address=127.0.0.1:0',
        '--interval=1s',
        '--log.format=json',
        `--push.url=http://127.0.0.1:${port}/v1/metrics`,
      ],
      { uid: NOBODY, gid: NOBODY, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    strace.stdout!.on('data', (text) => (stdout += String(text)))
    strace.stderr!.on('data', (text) => (stderr += String(text)))
    await until(() => {
      if (strace.exitCode !== null) throw new Error(`the agent ended: ${stderr}`)
      return stdout.includes('/metrics')
    }, 'the agent to listen')
    url = /http:\S+(?=\/metrics)/.exec(stdout)![0]
    await until(async () => (await passes()) >= 3 && pushes >= 3, 'three passes, each pushed')
  })
  afterAll(() => {
    strace.kill('SIGKILL')
    collector.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`)
    return { status: response.status, text: await response.text() }
  }
  const samples = async (name: string) =>
    parseExposition((await get('/metrics')).text, NO_LIMITS)
      .filter((family) => family.name === name)
      .flatMap((family) => family.samples)
  const passes = async () => (await samples('candor_agent_passes_total'))[0]?.value ?? 0
  const pid = () =>
    Number(readFileSync(`/proc/${strace.pid}/task/${strace.pid}/children`, 'utf8').trim())
  const traced = () =>
    readdirSync(folder)
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
      .filter((line) => /^[a-z]/.test(line) && !line.includes(' = -1 '))

  test('has no right of its own', () => {
    const status = readFileSync(`/proc/${pid()}/status`, 'utf8')
    expect(status).toMatch(/^Uid:\s+65534\s+65534\s+65534\s+65534$/m)
    expect(status).toMatch(/^CapEff:\s+0+$/m)
  })
  test('is healthy and ready, and tells of the machine', async () => {
    expect((await get('/-/healthy')).status).toBe(200)
    expect((await get('/-/ready')).status).toBe(200)
    expect(await samples('node_memory_MemTotal_bytes')).toHaveLength(1)
    expect((await samples('node_cpu_seconds_total')).length).toBeGreaterThan(0)
    const { stderr: said } = await promtool(['check', 'metrics'], {
      input: (await get('/metrics')).text,
    })
    expect(said).not.toContain('error while linting')
  })
  test('no reader failed', async () => {
    const success = await samples('node_scrape_collector_success')
    expect(success.length).toBeGreaterThan(20)
    expect(success.filter(({ value }) => value !== 1)).toEqual([])
  })
  test('processes that it may not look into are counted, with the reason and the cure', async () => {
    const unread: Unread[] = (await samples('candor_agent_unread')).map(({ labels, value }) => ({
      reason: new Map(labels).get('reason') ?? '',
      count: value,
    }))
    expect(unread).toContainEqual({
      reason: 'maps not readable: run as root or with CAP_SYS_PTRACE',
      count: expect.any(Number),
    })
  })
  test('stops at SIGTERM with success, and has logged no failure, written no file, started no child', async () => {
    process.kill(pid(), 'SIGTERM')
    await once(strace, 'exit')
    expect([strace.exitCode, strace.signalCode]).toEqual([0, null])
    const levels = stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { level: string }).level)
    expect(levels).toContain('info')
    expect(levels.filter((level) => level !== 'info')).toEqual([])

    const lines = traced()
    expect(lines.filter((line) => line.startsWith('exec'))).toEqual([
      expect.stringContaining(process.execPath),
    ])
    const started = lines.filter((line) => /^(?:v?fork|clone)/.test(line))
    expect(started.length).toBeGreaterThan(0)
    expect(started.filter((line) => !line.includes('CLONE_THREAD'))).toEqual([])
    const opened = lines.filter((line) => line.startsWith('open'))
    expect(opened.length).toBeGreaterThan(20)
    expect(
      opened.filter((line) => /O_WRONLY|O_RDWR|O_CREAT/.test(line) && !line.includes('"/dev/')),
    ).toEqual([])
    const others = /^(?:exec|v?fork|clone|open)/
    expect(lines.filter((line) => !others.test(line))).toEqual([])
  })
})

describe.skipIf(needs('root'))('--list-readers as nobody', () => {
  interface Listed {
    readonly name: string
    readonly here: string
    readonly reason?: string
    readonly cure?: string
  }
  let listed: readonly Listed[] = []
  beforeAll(async () => {
    const child = spawn(process.execPath, [ENTRY, 'agent', '--list-readers', '--format=json'], {
      uid: NOBODY,
      gid: NOBODY,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let stdout = ''
    child.stdout.on('data', (text) => (stdout += String(text)))
    await once(child, 'close')
    listed = JSON.parse(stdout) as Listed[]
  })

  test('why a reader is off, and what would change that', () => {
    const off = listed.filter(({ here }) => here !== 'on')
    expect(off.length).toBeGreaterThan(0)
    expect(off.filter(({ reason = '', cure = '' }) => reason === '' || cure === '')).toEqual([])
    expect(listed.filter(({ here }) => here === 'failed')).toEqual([])
  })
  test('and what a reader that works could not read', () => {
    expect(listed.find(({ name }) => name === 'jvm')?.reason).toMatch(
      /^\d+ not read: maps not readable: run as root or with CAP_SYS_PTRACE(?:;|$)/,
    )
  })
})
