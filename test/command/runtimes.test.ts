import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { runtimes, runtimesFlags } from '../../command/runtimes.ts'
import { readSettings } from '../../settings/flags.ts'

/** What is written while a collector answers so. */
async function ask(status: number, answer: unknown, format = 'text', more: readonly string[] = []) {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const { settings } = await readSettings(runtimesFlags, {
      args: [`--collector.url=http://127.0.0.1:${port}/candor`, `--format=${format}`, ...more],
      env: {},
      readFile: () => '',
    })
    const code = await runtimes(settings)
    const text = (spy: typeof out) => spy.mock.calls.map(([each]) => String(each)).join('')
    return { code, asked, out: text(out), err: text(err) }
  } finally {
    out.mockRestore()
    err.mockRestore()
    server.close()
  }
}

const line = {
  entity: {},
  workload: 'shop',
  name: 'pid 7',
  machine: 'web-1',
  pid: '7',
  runtime: 'go',
  verdict: 'high',
  findings: 1,
  rules: 1,
  judged: 1,
}
const list = (state: string, runtimesThere: readonly object[]) => ({
  evaluation: { state, ...(state === 'current' ? {} : { error: 'no store' }) },
  total: runtimesThere.length,
  runtimes: runtimesThere,
})

describe('the fleet of a collector', () => {
  test('how many JVMs can be read, and why not the others', async () => {
    const unread = [{ machine: 'web-1', reason: 'maps not readable', count: 2 }]
    const answer = { ...list('current', [line]), jvms: { readable: 1, total: 3, unread } }
    expect((await ask(200, answer)).out).toContain('1 of 3 JVMs readable')
    expect((await ask(200, answer)).out).toContain('2 not read: maps not readable')
    expect(JSON.parse((await ask(200, answer, 'json')).out)).toMatchObject({ jvms: answer.jvms })
  })
  test('with findings: exit 3', async () => {
    const { code, asked, out } = await ask(200, list('current', [line]))
    expect([code, asked]).toEqual([3, ['/candor/api/v1/runtimes']])
    expect(out).toContain('shop')
  })
  test.each([
    ['info', [], 0],
    ['warning', [], 3],
    ['critical', [], 3],
    ['not-judged', [], 0],
    ['info', ['--fail-on=info'], 3],
    ['not-judged', ['--fail-on=info'], 0],
    ['warning', ['--fail-on=high'], 0],
    ['critical', ['--fail-on=critical'], 3],
  ])('%s with %j: exit %i', async (verdict, more, want) => {
    const { code } = await ask(200, list('current', [{ ...line, verdict }]), 'text', more)
    expect(code).toBe(want)
  })
  test('without: exit 0', async () => {
    const { code } = await ask(200, list('current', [{ ...line, verdict: 'fine', findings: 0 }]))
    expect(code).toBe(0)
  })
  test('as JSON', async () => {
    const { out } = await ask(200, list('current', [line]), 'json')
    expect(JSON.parse(out)).toEqual({ runtimes: [line], total: 1, notes: [] })
  })
  test('an old list says so', async () => {
    const { code, out } = await ask(200, list('stale', [line]))
    expect(code).toBe(3)
    expect(out).toContain('old: the last evaluation failed: no store')
  })
  test('before the first evaluation nothing is known to be well: exit 1', async () => {
    const { code, out, err } = await ask(200, list('waiting', []))
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('has not evaluated anything yet: no store')
  })
  test.each([
    [500, {}],
    [200, 'not JSON'],
    [200, []],
    [200, { runtimes: [] }],
    [200, { ...list('current', []), jvms: 'all of them' }],
  ])('an answer that is none (%i %j): exit 1', async (status, answer) => {
    const { code, out, err } = await ask(status, answer)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('/api/v1/runtimes')
  })
})

test('elsewhere than on Linux this machine has no list', async () => {
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const { settings } = await readSettings(runtimesFlags, { args: [], env: {}, readFile: () => '' })
  expect(await runtimes(settings, 'darwin')).toBe(1)
  expect(err.mock.calls.join('')).toContain('--collector.url')
  err.mockRestore()
})
