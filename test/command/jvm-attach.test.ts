/** JVMs that are asked, and what must not be. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseProcessStat } from '../../agent/runtime/process.ts'
import {
  attach,
  ATTACH_COMMANDS,
  type AttachCommand,
  AttachRefused,
  type Target,
} from '../../command/jvm-attach.ts'
import { limits } from '../../catalog/limit.ts'
import { Javas, javas } from '../agent/runtime/jvm/java.ts'
import { needs } from '../peers/peers.ts'

const commands = Object.keys(ATTACH_COMMANDS) as AttachCommand[]
const HOUR_MS = 3_600_000

const target = (pid: number, change: Partial<Target> = {}): Target => ({
  procfs: '/proc',
  pid,
  startTicks: parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1')).startTicks,
  // What begins to run in a test has not run for a minute.
  startMs: Date.now() - HOUR_MS,
  allowSignal: false,
  ...change,
})
const refusal = async (asked: Target, command: AttachCommand = 'VM.version'): Promise<string> => {
  try {
    return `answered: ${await attach(asked, command)}`
  } catch (err) {
    if (err instanceof AttachRefused) return err.message
    throw err
  }
}

const missing = needs('java')
describe.skipIf(missing !== undefined)(`a real JVM${missing ? `: ${missing}` : ''}`, () => {
  let all: Javas
  beforeAll(() => {
    all = new Javas()
  })
  afterEach(() => all.stop())
  afterAll(() => all.remove())
  const attachFiles = () => readdirSync('/tmp').filter((name) => name.startsWith('.attach_pid'))

  describe.each(javas)('%s', (java) => {
    test('opens its socket at a signal, and answers all that may be asked', async () => {
      const flags = ['-XX:+UseSerialGC', '-Xmx32m', '-XX:NativeMemoryTracking=summary']
      const pid = await all.start(java, flags)
      expect(await refusal(target(pid))).toMatch(/no socket yet.*--allow-signal/)
      expect(existsSync(`/tmp/.java_pid${pid}`)).toBe(false)
      const answers: Partial<Record<AttachCommand, string>> = {}
      for (const command of commands)
        answers[command] = await attach(target(pid, { allowSignal: true }), command)
      expect(answers['VM.version']).toMatch(/OpenJDK/)
      expect(answers['VM.uptime']).toMatch(/^[\d.]+ s/)
      expect(answers['VM.flags']).toMatch(/-XX:MaxHeapSize=33554432/)
      expect(answers['GC.heap_info']).toMatch(/tenured|Tenured/)
      expect(answers['Compiler.codecache']).toMatch(/size=\d+Kb used=\d+Kb/)
      expect(answers['VM.native_memory']).toMatch(/Java Heap/)
      expect(attachFiles()).not.toContain(`.attach_pid${pid}`)
      // The socket is there now: no signal is needed any more.
      expect(await attach(target(pid), 'VM.version')).toBe(answers['VM.version'])
    })
  })

  test('one that began a moment ago is left alone', async () => {
    const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m'])
    const young = { startMs: Date.now() - 59_000, allowSignal: true }
    expect(await refusal(target(pid, young))).toMatch(/runs for 59 s/)
  })

  test('one that does not catch SIGQUIT is not sent it, and lives', async () => {
    // It opens its socket at its start: without that, a signal would be needed.
    const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m', '-Xrs'])
    const before = existsSync(`/tmp/.java_pid${pid}`)
    if (before) rmSync(`/tmp/.java_pid${pid}`)
    expect(await refusal(target(pid, { allowSignal: true }))).toMatch(/would die of it/)
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    expect(attachFiles()).not.toContain(`.attach_pid${pid}`)
  })

  test('with -Xrs the socket is there without a signal', async () => {
    const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m', '-Xrs'])
    expect(await attach(target(pid), 'VM.version')).toMatch(/OpenJDK/)
  })

  test('one that is stopped does not hold up who asks', async () => {
    const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m', '-Xrs'])
    process.kill(pid, 'SIGSTOP')
    try {
      expect(await refusal(target(pid))).toMatch(/did not answer within 2 s/)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  })

  const unprivileged = needs('root')
  test.skipIf(unprivileged !== undefined)(
    `one of another user is asked by that user${unprivileged ?? ''}`,
    async () => {
      const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
      const pid = await all.start('java', ['-XX:+UseSerialGC', '-Xmx32m'], { before: nobody })
      expect(await attach(target(pid, { allowSignal: true }), 'VM.version')).toMatch(/OpenJDK/)
    },
  )
})

describe('what lies in place of a socket is the workload’s', () => {
  let procfs: string
  let child: ChildProcess
  /** A process of its own, with a /tmp that the test fills, behind a /proc of the test's own. */
  beforeAll(async () => {
    child = spawn('sleep', ['600'])
    await once(child, 'spawn')
    procfs = mkdtempSync(join(tmpdir(), 'candor-attach-'))
    const folder = join(procfs, String(child.pid))
    mkdirSync(join(folder, 'root/tmp'), { recursive: true })
    for (const file of ['stat', 'status'])
      writeFileSync(join(folder, file), readFileSync(`/proc/${child.pid}/${file}`))
  })
  afterAll(() => {
    child.kill('SIGKILL')
    rmSync(procfs, { recursive: true })
  })
  const place = () => join(procfs, String(child.pid), 'root/tmp', `.java_pid${child.pid}`)
  const fake = (change: Partial<Target> = {}) => target(child.pid!, { procfs, ...change })

  /** Answers every connection in its own way. */
  async function serve(path: string, answer: (server: Server) => void): Promise<void> {
    const server = createServer()
    answer(server)
    server.listen(path)
    await once(server, 'listening')
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => sockets.add(socket))
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
      rmSync(path, { force: true })
    })
  }

  test('a link to a socket elsewhere is not followed', async () => {
    const elsewhere = join(procfs, 'engine.sock')
    let asked = 0
    await serve(elsewhere, (server) => server.on('connection', () => (asked += 1)))
    symlinkSync(elsewhere, place())
    onTestFinished(() => rmSync(place()))
    expect(await refusal(fake())).toBe('what lies in place of its socket is none')
    expect(asked).toBe(0)
  })
  test('a /tmp that is a link is not followed', async () => {
    const other = mkdtempSync(join(tmpdir(), 'candor-attach-'))
    onTestFinished(() => rmSync(other, { recursive: true }))
    const folder = join(other, String(child.pid))
    mkdirSync(join(folder, 'root'), { recursive: true })
    symlinkSync('/tmp', join(folder, 'root/tmp'))
    for (const file of ['stat', 'status'])
      writeFileSync(join(folder, file), readFileSync(`/proc/${child.pid}/${file}`))
    expect(await refusal(fake({ procfs: other }))).toMatch(/^(?:ENOTDIR|ELOOP) at the \/tmp/)
  })
  test('a file is no socket', async () => {
    writeFileSync(place(), '')
    onTestFinished(() => rmSync(place()))
    expect(await refusal(fake())).toBe('what lies in place of its socket is none')
  })
  test('an answer without end is cut off', async () => {
    await serve(place(), (server) =>
      server.on('connection', (socket) => {
        const more = () => socket.write(Buffer.alloc(1 << 20), (err) => err || more())
        socket.on('error', () => {})
        more()
      }),
    )
    expect(await refusal(fake())).toBe(
      `it answered with more than ${limits.attachBytes.value} bytes`,
    )
  })
  test('an answer that does not begin with 0 is no answer', async () => {
    await serve(place(), (server) => server.on('connection', (socket) => socket.end('101\nno\n')))
    expect(await refusal(fake())).toBe(String.raw`it answered "101\nno\n"`)
  })
  test('another process under the same number is not asked', async () => {
    expect(await refusal(fake({ startTicks: 1 }))).toBe('the process has ended')
  })
  test('a process that is gone', async () => {
    expect(await refusal(fake({ pid: 2 ** 22 + 1 }))).toBe('the process has ended')
  })
  const unprivileged = needs('root')
  test.skipIf(unprivileged !== undefined)(
    `who may look at it, but not become its user, is told so${unprivileged ?? ''}`,
    async () => {
      await serve(place(), () => {})
      chmodSync(procfs, 0o755)
      const source = `
        const { attach } = await import(process.argv[1])
        const answer = await attach(JSON.parse(process.argv[2]), 'VM.version').catch((err) => err)
        console.log(answer.code, answer.message)
      `
      const { stdout } = await promisify(execFile)('setpriv', [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        '--input-type=module',
        '-e',
        source,
        '--',
        new URL('../../command/jvm-attach.ts', import.meta.url).href,
        JSON.stringify(fake()),
      ])
      expect(stdout).toBe(
        'ERR_ATTACH_REFUSED no helper process with the ids of the JVM: run as root or as its user\n',
      )
    },
  )
})
