import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBody } from '../../../collector/receive/body.ts'

const server = createServer()

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** A request that promises four bytes and brings two, and who sends it. */
async function half(): Promise<{ request: IncomingMessage; sender: Socket }> {
  const sender = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const asked = once(server, 'request') as Promise<[IncomingMessage]>
  sender.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab')
  const [request] = await asked
  return { request, sender }
}

test('a body comes whole, however it comes', async () => {
  const { request, sender } = await half()
  const body = readBody(request, () => {})
  sender.write('cd')
  expect((await body).toString()).toBe('abcd')
  sender.destroy()
})

test('a sender that leaves within a body ends it', async () => {
  const { request, sender } = await half()
  const body = readBody(request, () => {})
  sender.destroy()
  await expect(body).rejects.toThrow(/aborted|closed/)
})

test('so does one that has left before anybody reads', async () => {
  const { request, sender } = await half()
  const closed = new Promise((resolve) => request.on('close', resolve))
  sender.destroy()
  await closed
  await expect(readBody(request, () => {})).rejects.toThrow('closed')
})
