import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'
import { type AgentOptions, runAgent, type RunningAgent } from '../../agent/main.ts'
import { KIND_ATTRIBUTE } from '../../catalog/entity.ts'
import { silentLog } from '../../settings/log.ts'
import { needs, promtool, startNodeExporter } from '../peers/peers.ts'
import { record } from '../wire/recorder.ts'
import { accept, type Receiver, startReceiver } from './ship/receiver.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

/** On this very machine: its own /proc and /sys. */
const start = async (options: Partial<AgentOptions> = {}): Promise<RunningAgent> => {
  const agent = await runAgent({
    listen: [{ host: '127.0.0.1', port: 0 }],
    insecure: false,
    intervalMs: 1_000,
    scrapeMaxAgeMs: 15_000,
    procfs: '/proc',
    sysfs: '/sys',
    readers: {},
    log: silentLog(),
    ...options,
  })
  stops.push(() => agent.stop())
  return agent
}
const receiver = async (): Promise<Receiver> => {
  const started = await startReceiver(accept)
  stops.push(() => started.stop())
  return started
}
const get = async (url: string) => (await fetch(url)).text()
const valueOf = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1),
  )

test('makes a pass at once and serves it', async () => {
  const agent = await start({ intervalMs: 3_600_000 })
  const text = await get(`${agent.urls[0]}/metrics`)
  expect(valueOf(text, 'node_memory_MemTotal_bytes')).toBeGreaterThan(0)
  expect(valueOf(text, 'candor_agent_passes_total')).toBe(1)
  expect(valueOf(text, 'candor_agent_pass_timestamp_seconds')).toBe(agent.latest()!.timeMs / 1000)
  expect(valueOf(text, 'candor_agent_entities{kind="machine"}')).toBe(1)
  expect(await get(`${agent.urls[0]}/-/ready`)).toBe('ready\n')
  const page = await get(agent.urls[0]!)
  const on = agent.latest()!.readers.filter(({ state }) => state === 'on')
  for (const { name } of on) expect(page).toContain(`<td>${name}</td>`)
})

test('scrapes share a pass, unless it is too old', async () => {
  const fresh = await start({ intervalMs: 3_600_000 })
  await get(`${fresh.urls[0]}/metrics`)
  expect(valueOf(await get(`${fresh.urls[0]}/metrics`), 'candor_agent_passes_total')).toBe(1)
  const stale = await start({ intervalMs: 3_600_000, scrapeMaxAgeMs: -1 })
  await get(`${stale.urls[0]}/metrics`)
  expect(valueOf(await get(`${stale.urls[0]}/metrics`), 'candor_agent_passes_total')).toBe(3)
})

test('makes passes on and on', async () => {
  const agent = await start()
  const first = agent.latest()!.timeMs
  await vi.waitFor(() => expect(agent.latest()!.timeMs).toBeGreaterThan(first), { timeout: 30_000 })
  await vi.waitFor(
    async () => {
      const text = await get(`${agent.urls[0]}/metrics`)
      expect(valueOf(text, 'candor_agent_passes_total')).toBeGreaterThanOrEqual(3)
    },
    { timeout: 30_000 },
  )
})

test('pushes what it serves, and the rest when it stops', async () => {
  const there = await receiver()
  const agent = await start({
    intervalMs: 3_600_000,
    push: { url: there.url, compression: 'zstd' },
  })
  const machine = agent.latest()!.rows[0]!.entity
  await agent.stop()
  const points = there.received.flatMap(({ body }) => record(zstdDecompressSync(body)).points)
  const total = points.filter(({ metric }) => metric === 'system.memory.limit')
  expect(total).toHaveLength(1)
  expect(total[0]).toMatchObject({
    resource: { ...machine.attributes, [KIND_ATTRIBUTE]: 'machine' },
    timeMs: agent.latest()!.timeMs,
  })
  expect(there.received[0]!.headers['candor-batch']).toMatch(
    new RegExp(`^${machine.attributes['host.id']}/${machine.attributes['candor.boot.id']}/\\d+$`),
  )
})

test('pushes the passes that scrapes make too', async () => {
  const there = await receiver()
  const push = { url: there.url, compression: 'zstd' } as const
  const agent = await start({ intervalMs: 3_600_000, scrapeMaxAgeMs: -1, push })
  await get(`${agent.urls[0]}/metrics`)
  await agent.stop()
  const times = there.received.flatMap(({ body }) =>
    record(zstdDecompressSync(body)).points.map(({ timeMs }) => timeMs),
  )
  expect(times).toContain(agent.latest()!.timeMs)
})

test('a reader that is switched off is silent', async () => {
  const agent = await start({ readers: { loadavg: false } })
  const text = await get(`${agent.urls[0]}/metrics`)
  expect(text).not.toContain('node_load1')
  const report = agent.latest()!.readers.find(({ name }) => name === 'loadavg')
  expect(report).toMatchObject({ state: 'off', cure: 'remove --no-collector.loadavg' })
})

test('does not listen where others can reach it, unless told', async () => {
  const everywhere = [{ host: '', port: 0 }]
  await expect(start({ listen: everywhere })).rejects.toMatchObject({ code: 'ERR_INSECURE_LISTEN' })
  const agent = await start({ listen: everywhere, insecure: true })
  const { port } = new URL(agent.urls[0]!)
  expect(await get(`http://127.0.0.1:${port}/-/healthy`)).toBe('healthy\n')
})

test('the web configuration is read again at SIGHUP, and its state is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'candor-web-'))
  stops.push(async () => rmSync(folder, { recursive: true, force: true }))
  const configFile = join(folder, 'web.yml')
  writeFileSync(configFile, 'http_server_config: {headers: {X-Frame-Options: deny}}')
  const agent = await start({ web: { configFile, telemetryPath: '/node' }, scrapeMaxAgeMs: -1 })
  const url = `${agent.urls[0]}/node`
  const success = 'candor_agent_web_config_last_reload_successful'
  const before = await fetch(url)
  expect(before.headers.get('x-frame-options')).toBe('deny')
  expect(valueOf(await before.text(), success)).toBe(1)
  expect(await get(agent.urls[0]!)).toContain('href="/node"')
  writeFileSync(configFile, 'http_server_config: {headers: {X-Frame-Options: allow}}')
  process.emit('SIGHUP')
  const after = await fetch(url)
  expect(after.headers.get('x-frame-options')).toBe('deny')
  expect(valueOf(await after.text(), success)).toBe(0)
  await agent.stop()
  expect(process.listenerCount('SIGHUP')).toBe(0)
})

test('a web configuration that is broken from the start is an error with every problem', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'candor-web-'))
  stops.push(async () => rmSync(folder, { recursive: true, force: true }))
  const configFile = join(folder, 'web.yml')
  await expect(start({ web: { configFile } })).rejects.toThrow('cannot be read')
  writeFileSync(configFile, 'a: 1\nb: 2\n')
  await expect(start({ web: { configFile } })).rejects.toMatchObject({
    code: 'ERR_BAD_CONFIG',
    problems: [`${configFile}:1:1: unknown field "a"`, `${configFile}:2:1: unknown field "b"`],
  })
})

test('a taken port is an error with the address', async () => {
  const { urls } = await start()
  const port = Number(new URL(urls[0]!).port)
  await expect(start({ listen: [{ host: '127.0.0.1', port }] })).rejects.toMatchObject({
    code: 'ERR_LISTEN',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  })
})

test.skipIf(needs('promtool'))('promtool reads a scrape of this machine', async () => {
  const agent = await start()
  const { stdout, stderr } = await promtool(['check', 'metrics'], {
    input: await get(`${agent.urls[0]}/metrics`),
  })
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  // Names that others gave; one of ours, or a page that is not of the format, has no excuse.
  const ofOthers = /^(?:node|container|machine|jvm)_\S+ /
  expect(complaints.filter((line) => !ofOthers.test(line))).toEqual([])
})

/** `name kind` of every family on a page. */
const kinds = (text: string) => [...text.matchAll(/^# TYPE (\S+ \S+)$/gm)].map(([, kind]) => kind!)

test.skipIf(needs('node_exporter'))('what node_exporter has too is of the same kind', async () => {
  const agent = await start()
  await using exporter = await startNodeExporter()
  const [ours, theirs] = await Promise.all(
    [agent.urls[0]!, exporter.url].map(async (url) => kinds(await get(`${url}/metrics`))),
  )
  const theirNames = new Set(theirs!.map((line) => line.split(' ')[0]))
  const shared = ours!.filter((line) => theirNames.has(line.split(' ')[0]))
  expect(shared.length).toBeGreaterThan(80)
  expect(shared.filter((line) => !theirs!.includes(line))).toEqual([])
})
