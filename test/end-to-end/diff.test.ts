import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Comparison } from '../../command/compare-pages.ts'
import { needs, startNodeExporter } from '../peers/peers.ts'
import { ENTRY } from './candor.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const candorDiff = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [ENTRY, 'diff', ...args],
      { maxBuffer: 1 << 26 },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })

async function serve(body: string, status = 200): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
}

test.skipIf(needs('node_exporter'))(
  'a node_exporter with default flags shows nothing that we lack',
  async () => {
    await using exporter = await startNodeExporter()
    const { stdout } = await candorDiff(`${exporter.url}/metrics`, '--format=json', '--rounds=10')
    const found = JSON.parse(stdout) as Comparison
    expect(found.missing).toEqual([])
    expect(found.missingSeries).toEqual([])
    expect(found.types).toEqual([])
    expect(found.compared).toBeGreaterThan(250)
    expect(found.equal / found.compared).toBeGreaterThanOrEqual(0.99)
  },
)

describe('exit code', () => {
  test('0 when all is the same', async () => {
    const url = await serve('# TYPE machine_memory_bytes gauge\n')
    expect(await candorDiff(url, '--rounds=1')).toMatchObject({ code: 0, stderr: '' })
  })
  test('3 on a difference, which is named', async () => {
    const url = await serve('# TYPE node_load1 gauge\nnode_load1 -7\nnode_of_tomorrow 1\n')
    const { code, stdout } = await candorDiff(url, '--rounds=1')
    expect(code).toBe(3)
    expect(stdout).toContain('node_of_tomorrow')
    expect(stdout).toMatch(/value +-7 .* node_load1/)
  })
  test('1 when the exporter says no', async () => {
    const { code, stderr } = await candorDiff(await serve('no', 503), '--rounds=1')
    expect(code).toBe(1)
    expect(stderr).toContain('the answer is 503')
  })
  test('1 when the page is none, with its line', async () => {
    const { code, stderr } = await candorDiff(await serve('a 1\n<html>'), '--rounds=1')
    expect(code).toBe(1)
    expect(stderr).toContain('line 2')
  })
  test('1 at a page for people', async () => {
    const { code, stderr } = await candorDiff(await serve('<!doctype html><p>x'), '--rounds=1')
    expect(code).toBe(1)
    expect(stderr).toContain("a page of HTML; is this an exporter's /metrics, such as")
  })
  test('1 at a port that cannot be one', async () => {
    const { code, stderr } = await candorDiff('http://127.0.0.1:1/metrics', '--rounds=1')
    expect(code).toBe(1)
    expect(stderr).toContain("a port that is never one of HTTP; is this an exporter's /metrics")
    expect(stderr).not.toContain('fetch failed')
  })
  test('1 where nobody listens', async () => {
    const { code, stderr } = await candorDiff('http://127.0.0.1:2/metrics', '--rounds=1')
    expect(code).toBe(1)
    expect(stderr).toContain('ECONNREFUSED')
    expect(stderr).not.toContain('fetch failed')
  })
  test('2 without an address', async () => {
    const { code, stderr } = await candorDiff()
    expect(code).toBe(2)
    expect(stderr).toContain('URL')
  })
})
