/** Answers of sockets, good and bad: of Docker's API as JSON, of CRI as protobuf over gRPC. */
import { once } from 'node:events'
import { chownSync, mkdirSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  readCriContainers,
  readCriImages,
  readCriSandboxes,
} from '../../../agent/identity/cri-messages.ts'
import { CriSource } from '../../../agent/identity/cri.ts'
import { DockerSource, PodmanSource, readContainers } from '../../../agent/identity/docker.ts'
import { clean, keyOfUser } from '../../../agent/identity/facts.ts'
import { SourceRefused } from '../../../agent/identity/source.ts'
import { limits } from '../../../catalog/limit.ts'
import { MalformedMessage } from '../../../wire/protobuf.ts'
import { needs } from '../../peers/peers.ts'
import { folder } from '../fixture.ts'
import { outcome } from './outcome.ts'

const ID = '4f1c2d3e5a6b798081929394a5b6c7d8e9fa0b1c2d3e4f506172839405162738'

describe('containers of Docker', () => {
  const f = (name: string, item: object, want: object | undefined) =>
    test(`one ${name}`, () => {
      const found = readContainers([{ Id: ID, ...item }], ['team']).get(ID)
      expect({ found }).toMatchObject({ found: want })
    })
  f(
    'plain',
    { Names: ['/web'], Image: 'nginx:1', State: 'running' },
    { name: 'web', image: 'nginx:1' },
  )
  f('with an alias of a link before it', { Names: ['/db/web', '/web'] }, { name: 'web' })
  f('labels that are asked for', { Labels: { team: 'a', other: 'b' } }, { labels: { team: 'a' } })
  f(
    'of a pod',
    { Labels: { 'io.kubernetes.pod.name': 'p', 'io.kubernetes.container.name': 'c' } },
    { pod: 'p', container: 'c' },
  )
  f(
    "a pod's sandbox",
    { Labels: { 'io.kubernetes.pod.name': 'p', 'io.kubernetes.docker.type': 'podsandbox' } },
    { sandbox: true },
  )
  f('names that are none', { Names: 7, Image: {}, State: null, Labels: 'x' }, { name: undefined })
  f('an id that is none', { Id: '../etc' }, undefined)
})

test('any document is a list of containers, or refused', () => {
  const item = fc.record(
    { Id: fc.constantFrom(ID, 'x', 7), Names: fc.jsonValue(), Labels: fc.jsonValue() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.array(item)), (document) => {
      const found = outcome(
        () => readContainers(document, ['__proto__', 'a']),
        SourceRefused,
        new Map(),
      )
      const texts = [...found.values()].flatMap(({ name, image }) => [name ?? '', image ?? ''])
      expect(texts.every((text) => typeof text === 'string')).toBe(true)
    }),
  )
})

test('any bytes are messages of CRI, or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const read of [readCriContainers, readCriSandboxes, readCriImages]) {
        const found = outcome<readonly unknown[]>(() => read(bytes, 3), MalformedMessage, [])
        expect(found.length).toBeLessThanOrEqual(3)
      }
    }),
  )
})

test('any text is a label that is no longer than the limit, and well-formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
      const cleaned = clean(text) ?? ''
      expect(Buffer.byteLength(cleaned)).toBeLessThanOrEqual(limits.labelBytes.value)
      expect(cleaned.isWellFormed()).toBe(true)
      expect(text.toWellFormed().startsWith(cleaned)).toBe(true)
    }),
  )
})

/** Listens at a socket of the test's own. */
async function listen(server: Server): Promise<string> {
  const socket = join(folder(), 's')
  server.listen(socket)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return socket
}
const SOON = () => AbortSignal.timeout(1_000)

describe('a socket that does harm does none', () => {
  const sources = (socket: string) => [new DockerSource([socket], []), new CriSource([socket], [])]
  const f = (name: string, greet: (write: (bytes: string) => void) => void, reason: RegExp) =>
    test(`one that ${name}`, async () => {
      const server = createServer((connection) => {
        onTestFinished(() => {
          connection.destroy()
        })
        connection.on('error', () => {})
        greet((bytes) => connection.write(bytes))
      })
      const socket = await listen(server)
      for (const source of sources(socket)) await expect(source.ask(SOON())).rejects.toThrow(reason)
    })
  f('says nothing', () => {}, /abort|timeout/i)
  f(
    'speaks another tongue',
    (write) => write('220 ready\r\n'),
    /Parse Error|Protocol error|closed|abort|EPIPE/i,
  )
  f(
    'says bytes without meaning',
    (write) => write('\0'.repeat(100_000)),
    /Parse Error|Protocol error|closed|abort|EPIPE/i,
  )

  test('closes at once', async () => {
    const socket = await listen(createServer((connection) => connection.destroy()))
    for (const source of sources(socket))
      await expect(source.ask(SOON())).rejects.toThrow(/hang up|reset|closed|EPIPE/i)
  })

  test('never ends', async () => {
    const server = createHttpServer((_, response) => {
      const pour = () => {
        while (response.write(' '.repeat(1 << 20))) if (response.destroyed) return
      }
      response.on('drain', pour).on('error', () => {})
      pour()
    })
    const socket = await listen(server)
    onTestFinished(() => server.closeAllConnections())
    await expect(new DockerSource([socket], []).ask(AbortSignal.timeout(30_000))).rejects.toThrow(
      /more than \d+ bytes/,
    )
  })
})

describe('a gRPC answer', () => {
  const f = (
    name: string,
    answer: (stream: ServerHttp2Stream) => void,
    want: Readonly<Record<string, unknown>>,
  ) =>
    test(`one ${name}`, async () => {
      const server = createHttp2Server()
      const open = new Set<{ destroy(): void }>()
      server.on('stream', (stream) => {
        open.add(stream)
        stream.on('error', () => {})
        answer(stream)
      })
      const socket = await listen(server)
      onTestFinished(() => {
        for (const each of open) each.destroy()
      })
      const asked = new CriSource([socket], []).ask(SOON())
      const told = await asked.catch((error: Error) => ({ reason: error.message }))
      expect(told).toMatchObject(want)
    })
  const send = (body: string, status: string) => (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }))
    stream.end(Buffer.from(body, 'latin1'))
  }
  f('empty is nobody', send('\0\0\0\0\0', '0'), { containers: new Map() })
  f('of a service that is not there', send('', '12'), {
    reason: expect.stringContaining('serves no Container Runtime Interface'),
  })
  f('of failure', send('', '13'), { reason: expect.stringMatching(/gRPC status 13/) as string })
  f('without a status', (stream) => stream.respond({ ':status': 404 }, { endStream: true }), {
    reason: expect.stringMatching(/gRPC status NaN/) as string,
  })
  f('that is cut short', send('\0\0\0\0\x09x', '0'), {
    reason: expect.stringMatching(/no gRPC message/) as string,
  })
  f('that is compressed', send('\x01\0\0\0\0', '0'), {
    reason: expect.stringMatching(/no gRPC message/) as string,
  })
  f('that is no message', send('\0\0\0\0\x02\x0a\xff', '0'), {
    reason: expect.stringMatching(/malformed message at byte/) as string,
  })
})

describe("users' engines of podman", () => {
  const OTHER = ID.replace('4f', '5e')

  /** A server at the place where a user's podman listens, owned by that user. */
  async function ofUser(users: string, uid: number, server: Server): Promise<void> {
    const place = join(users, String(uid), 'podman')
    mkdirSync(place, { recursive: true })
    server.listen(join(place, 'podman.sock'))
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    chownSync(join(place, 'podman.sock'), uid, uid)
  }
  const lists = (containers: Readonly<Record<string, string>>) =>
    createHttpServer((_, response) => {
      const items = Object.entries(containers).map(([Id, name]) => ({ Id, Names: [`/${name}`] }))
      response.end(JSON.stringify(items))
    })

  test.skipIf(needs('root'))(
    'one that never answers holds up nobody, and nobody speaks for another',
    async () => {
      const users = folder()
      await ofUser(
        users,
        1000,
        createServer(() => {}),
      )
      await ofUser(users, 1001, lists({ [ID]: 'mine' }))
      await ofUser(users, 1002, lists({ [ID]: 'stolen', [OTHER]: 'his' }))
      const system = await listen(lists({ [OTHER]: 'web' }))
      const source = new PodmanSource([system], [], users)
      for (let time = 0; time < 2; time += 1) {
        const answer = await source.ask(AbortSignal.timeout(limits.identityAnswerMs.value))
        if ('reason' in answer) throw new Error(answer.reason)
        const names = Array.from(answer.containers, ([key, { name }]) => [key, name])
        expect(Object.fromEntries(names)).toEqual({
          [OTHER]: 'web',
          [keyOfUser(1001, ID)]: 'mine',
          [keyOfUser(1002, ID)]: 'stolen',
          [keyOfUser(1002, OTHER)]: 'his',
        })
      }
    },
  )
})
