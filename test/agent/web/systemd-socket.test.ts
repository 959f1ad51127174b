import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { inheritedSockets } from '../../../agent/web/systemd-socket.ts'
import { ask } from './ask.ts'

test('sockets are those that systemd names for this very process', () => {
  const f = (env: Record<string, string>, want: readonly number[]) =>
    expect(inheritedSockets(env, 42)).toEqual(want)
  f({ LISTEN_PID: '42', LISTEN_FDS: '1' }, [3])
  f({ LISTEN_PID: '42', LISTEN_FDS: '3', LISTEN_FDNAMES: 'a:b:c' }, [3, 4, 5])
  const wrong = (env: Record<string, string>) =>
    expect(() => inheritedSockets(env, 42)).toThrow('--web.systemd-socket: expected sockets')
  wrong({})
  wrong({ LISTEN_PID: '41', LISTEN_FDS: '1' })
  wrong({ LISTEN_PID: '42' })
  wrong({ LISTEN_PID: '42', LISTEN_FDS: '0' })
  wrong({ LISTEN_PID: '42', LISTEN_FDS: '-1' })
  wrong({ LISTEN_PID: '42', LISTEN_FDS: '9999' })
})

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

/**
 * Listens, and starts the agent as systemd does: descriptor 3 is the socket, and the shell knows the
 * pid before the agent takes its place.
 */
async function activate(host: string): Promise<{ port: number; firstLine: Promise<string> }> {
  const listener = net.createServer().listen(0, host)
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  // The kernel's number of the socket, which Node keeps to itself.
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle
  const candor = new URL('../../../candor.ts', import.meta.url).pathname
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"',
      'sh',
      process.execPath,
      candor,
      'agent',
      '--web.systemd-socket',
    ],
    { stdio: ['ignore', 'pipe', 'pipe', fd] },
  )
  // A run that is ended early takes it along.
  process.once('exit', () => child.kill('SIGKILL'))
  // From now on it is the child's alone.
  listener.close()
  stops.push(async () => {
    if (child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  })
  const lines = [child.stdout!, child.stderr!].map((stream) => createInterface(stream))
  const firstLine = new Promise<string>((resolve) => {
    for (const line of lines) line.once('line', (text) => resolve(text))
  })
  return { port, firstLine }
}

test('the agent serves on a socket that was opened for it', async () => {
  const { port } = await activate('127.0.0.1')
  const { status, body } = await ask(`http://127.0.0.1:${port}/metrics?collect[]=loadavg`)
  expect(status).toBe(200)
  expect(body.toString()).toContain('node_load1 ')
})

test('a socket beyond loopback needs the same permission as an address', async () => {
  const { firstLine } = await activate('0.0.0.0')
  expect(await firstLine).toContain('--web.systemd-socket: 0.0.0.0:')
})
