/**
 * Two networks with a cable between them that can be pulled: an agent lives in one, and in the other a
 * port that leads to a port of this machine. Nothing is added to the machine's own network.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PORT = 4318
const FAR = '10.77.0.2'
const NEAR = '10.77.0.1'

/** In the far network: each connection goes on to a socket, which all networks can reach. */
const LEAD_ON = `
  const net = require('node:net')
  net.createServer((from) => {
    const to = net.connect(process.argv[1])
    for (const [a, b] of [[from, to], [to, from]]) a.on('error', () => b.destroy()).pipe(b)
  }).listen(${PORT}, '0.0.0.0', () => console.log('ready'))`

export interface TwoNetworks extends AsyncDisposable {
  /** What the far end is called in the near network. */
  readonly url: string
  /** Runs the program that follows in the near network. */
  readonly by: readonly string[]
  /** As a GET in the near network answers. */
  get(url: string): string
  /** Packets vanish; connections stay as they are. */
  pull(): void
  plug(): void
}

export async function twoNetworks(toPort: number): Promise<TwoNetworks> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-networks-'))
  const path = join(folder, 'socket')
  const sockets = new Set<net.Socket>()
  const bridge = net.createServer((from) => {
    const to = net.connect(toPort, '127.0.0.1')
    for (const [a, b] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(a)
      a.on('error', () => b.destroy()).pipe(b)
    }
  })
  bridge.listen(path)
  await once(bridge, 'listening')

  const alone = (command: readonly string[]) =>
    spawn('unshare', ['--net', ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
  const near = alone(['sh', '-c', 'echo ready; exec sleep 600'])
  const far = alone([process.execPath, '-e', LEAD_ON, path])
  await Promise.all([near, far].map(({ stdout }) => once(stdout, 'data')))
  const within = ({ pid }: ChildProcess) => ['nsenter', `--net=/proc/${pid}/ns/net`]
  const run = (place: ChildProcess, ...command: readonly string[]) => {
    const [program, ...args] = [...within(place), ...command]
    return execFileSync(program!, args).toString()
  }
  const ip = (place: ChildProcess, ...args: readonly string[]) => run(place, 'ip', ...args)
  ip(near, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', `${far.pid}`)
  for (const [place, address] of [
    [near, NEAR],
    [far, FAR],
  ] as const) {
    ip(place, 'address', 'add', `${address}/24`, 'dev', 'cable')
    ip(place, 'link', 'set', 'cable', 'up')
    ip(place, 'link', 'set', 'lo', 'up')
  }
  const GET =
    'fetch(process.argv[1]).then((r) => r.text()).then((text) => process.stdout.write(text))'
  return {
    url: `http://${FAR}:${PORT}`,
    by: within(near),
    get: (url) => run(near, process.execPath, '-e', GET, url),
    pull: () => ip(far, 'link', 'set', 'cable', 'down'),
    plug: () => ip(far, 'link', 'set', 'cable', 'up'),
    async [Symbol.asyncDispose]() {
      for (const child of [near, far]) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => bridge.close(resolve))
      rmSync(folder, { recursive: true })
    },
  }
}
