import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Answer, Apart, type ApartOptions } from '../../../agent/apart/apart.ts'
import { limits } from '../../../catalog/limit.ts'
import { needs } from '../../peers/peers.ts'
import { folder } from '../fixture.ts'

function opened(options?: ApartOptions): Apart {
  const apart = new Apart(options)
  onTestFinished(() => apart.close())
  return apart
}

const ask = (apart: Apart, path: string) =>
  new Promise<Answer>((resolve) => {
    apart.ask('statfs', path, resolve)
  })

test('a call that comes back answers with its figures, and the thread stays for the next', async () => {
  const apart = opened()
  expect(apart.running).toBe(false)
  const answer = await ask(apart, '/')
  expect(answer).toEqual({ state: 'done', figures: Array(5).fill(expect.any(Number)) })
  expect(apart.running).toBe(true)
  expect((await ask(apart, '/')).state).toBe('done')
  expect(apart.counts).toEqual({ stuck: 0, stuckTotal: 0, refused: 0 })
})

test('a failure is told by its code', async () => {
  expect(await ask(opened(), `${folder()}/nothing`)).toEqual({ state: 'failed', code: 'ENOENT' })
})

test('an unused thread ends, and the next call starts another', async () => {
  const apart = opened({ idleMs: 1 })
  await ask(apart, '/')
  await expect.poll(() => apart.running).toBe(false)
  expect((await ask(apart, '/')).state).toBe('done')
})

test('the same call is not made twice at once', async () => {
  const apart = opened()
  let answers = 0
  apart.ask('statfs', '/', () => (answers += 1))
  apart.ask('statfs', '/', () => (answers += 1))
  await ask(apart, '/proc')
  expect(answers).toBe(1)
})

test('calls beyond the bound are refused and counted, never lost', async () => {
  const apart = opened()
  const most = limits.callsApart.value
  const answers = await Promise.all(
    Array.from({ length: most + 3 }, (_, i) => ask(apart, `/${i}/nothing`)),
  )
  // One runs, `most` wait.
  expect(answers.filter(({ state }) => state === 'failed')).toHaveLength(most + 1)
  expect(answers.filter(({ state }) => state === 'refused')).toHaveLength(2)
  expect(apart.counts.refused).toBe(2)
})

test('what waits when it is closed is refused', async () => {
  const apart = opened()
  const answers = Promise.all([ask(apart, '/'), ask(apart, '/proc')])
  apart.close()
  expect((await answers).map(({ state }) => state)).toEqual(['refused', 'refused'])
})

/** Such a mount needs root; a mount namespace of its own keeps everyone else from it. */
describe.skipIf(needs('root', 'fuse'))('a mount that never answers', () => {
  const asking = new URL('hanging-mount.ts', import.meta.url).pathname
  const mounting = new URL('silent-mount.sh', import.meta.url).pathname

  /** What a process says that asks for such a mount, and the status that it ends with. */
  async function run(then: 'exit' | 'return' | 'mend' | 'early') {
    const mount = folder()
    const command = [process.execPath, asking, mount, then]
    const child = spawn('unshare', ['--mount', 'sh', mounting, mount, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.stdin.end())
    const closed = once(child, 'close')
    let said = ''
    for await (const some of child.stdout) {
      said += String(some)
      if (then === 'mend' && said.includes('true')) child.stdin.end()
    }
    // Its output ended, so it is gone, and until now nobody ended the mount.
    child.stdin.end()
    const [status] = await closed
    return { said: said.trim().split('\n'), status }
  }
  const STUCK = ['stuck', 'done', 'true {"stuck":1,"stuckTotal":1,"refused":0}']

  test('is stuck, is not asked twice, and others are answered by a new thread', async () => {
    const { said, status } = await run('mend')
    expect(said).toEqual([...STUCK, 'failed ENOTCONN', '{"stuck":0,"stuckTotal":1,"refused":0}'])
    // Nothing is stuck any more, so the process leaves as it wants to.
    expect(status).toBe(3)
  })
  test.each(['exit', 'return'] as const)('does not keep the process from its %s', async (then) => {
    const { said, status } = await run(then)
    expect(said).toEqual(STUCK)
    expect(status).toBe(128 + constants.signals.SIGTERM)
  })
  test('nor before it counts as stuck', async () => {
    expect(await run('early')).toEqual({ said: [''], status: 128 + constants.signals.SIGTERM })
  })
})

describe('memory of a process', () => {
  const read = (argument: string) =>
    new Promise<Answer>((resolve) => {
      opened().ask('memory', argument, resolve)
    })
  test('bytes at an address, fewer where it ends', async () => {
    const path = `${folder()}/mem`
    writeFileSync(path, '0123456789')
    const bytes = (text: string) => ({ state: 'done', figures: new Uint8Array(Buffer.from(text)) })
    expect(await read(`3 4 ${path}`)).toEqual(bytes('3456'))
    expect(await read(`8 4 ${path}`)).toEqual(bytes('89'))
  })
  test('where nothing is', async () => {
    expect(await read('0 4096 /proc/self/mem')).toEqual({ state: 'failed', code: 'EIO' })
    expect((await read('0 4096 /proc/0/mem')).state).toBe('failed')
  })
})
