/**
 * The least that a program in Node.js costs which pushes once a second: it fetches one body, then
 * compresses and pushes that, and does nothing else. Plain JavaScript, so that nothing strips types.
 *
 * Arguments: the address of a sink, the interval in ms.
 */
import { Agent, get, request } from 'node:http'
import { zstdCompressSync } from 'node:zlib'

const [url, interval] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })

get(url, async (response) => {
  const body = Buffer.concat(await response.toArray())
  setInterval(() => {
    const packed = zstdCompressSync(body)
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': packed.length }
    request(url, { method: 'POST', agent, headers }, (answer) => answer.resume()).end(packed)
  }, Number(interval))
})
