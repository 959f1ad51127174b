/** `candor demo`: made-up machines beside the real one, with findings, in a store that is theirs alone. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { showcase } from '../../demo/plans/showcase.ts'
import { runCandor, startCandor, until } from './candor.ts'

interface Found {
  readonly findings: readonly { readonly rule: string; readonly machine: string }[]
}
interface Entities {
  readonly entities: readonly {
    readonly name: string
    readonly kind: string
    readonly state: string
  }[]
}
interface Slos {
  readonly slos: readonly { readonly slo: string; readonly state: string }[]
}

/** What each of the first machines is made to show; the first one is as it should be. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'sim-web-00000': [],
  'sim-shop-00001': ['jvm.cpu-count-exceeds-quota', 'jvm.heap-exceeds-limit'],
  'sim-edge-00002': ['go.gomaxprocs-exceeds-quota', 'go.gomemlimit', 'node.heap-exceeds-limit'],
  'sim-data-00003': ['python.workers-exceed-quota'],
  'sim-cache-00004': ['strand.cpu'],
  'sim-media-00005': ['strand.mem'],
}

test('each shape of made-up machine shows what it is made for, and nothing else', async () => {
  const machines = showcase.shapes.length
  const args = [`--demo.machines=${machines}`, '--evaluation.interval=1s']
  await using demo = await startCandor('demo', args)
  expect(demo.stdout()).toContain(`cell     ${machines} machines, sim-…: made up`)
  const found = async () => {
    const { findings } = await demo.api<Found>('/api/v1/findings')
    const made = Map.groupBy(findings, ({ machine }) => machine)
    return Object.fromEntries(
      Object.keys(EXPECTED).map((name) => [
        name,
        [...new Set(made.get(name)?.map(({ rule }) => rule))].sort(),
      ]),
    )
  }
  await until(
    async () => Object.values(await found()).filter((rules) => rules.length > 0).length === 5,
    'findings on five machines',
  )
  expect(await found()).toEqual(EXPECTED)

  const { entities } = await demo.api<Entities>('/api/v1/entities')
  const reporting = entities.filter(
    ({ kind, state }) => kind === 'machine' && state === 'reporting',
  )
  const names = reporting.map(({ name }) => name)
  expect(names.filter((name) => name.startsWith('sim-')).sort()).toEqual(
    Object.keys(EXPECTED).sort(),
  )
  expect(names.filter((name) => !name.startsWith('sim-'))).toHaveLength(1)
  const { slos } = await demo.api<Slos>('/api/v1/slos')
  expect(slos.find(({ slo }) => slo === 'search-gets-its-cpu')?.state).not.toBe('ok')
  expect(existsSync(join(demo.store, 'simulated'))).toBe(true)
  expect(await demo.stop()).toBe(0)
})

test('a store that is someone’s is left alone', async () => {
  const path = mkdtempSync(join(tmpdir(), 'candor-mine-'))
  try {
    writeFileSync(join(path, 'mine'), '')
    const { code, stderr } = await runCandor(['demo', `--store.path=${path}`])
    expect(code).toBe(2)
    expect(stderr).toContain(`${path} is not of the demo`)
    expect(existsSync(join(path, 'simulated'))).toBe(false)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
})

test('how many machines there may be', async () => {
  const { code, stderr } = await runCandor(['demo', '--demo.machines=1001'])
  expect(code).toBe(2)
  expect(stderr).toContain('--demo.machines: expected a number from 1 to 1000')
})
