/** `?collect[]=NAME` and `--no-collector.NAME` are about the same families as node_exporter's. */
import { expect, test } from 'vitest'
import { agentFlags, enabledReaders } from '../../../agent/flags.ts'
import { type AgentPass, READERS, Sampler } from '../../../agent/pass.ts'
import { filterOf, rowsOf } from '../../../agent/web/filter.ts'
import { departureOf, departureOfSeries } from '../../../catalog/compatibility.ts'
import { readSettings } from '../../../settings/flags.ts'
import { silentLog } from '../../../settings/log.ts'
import { renderChunks, takeSnapshot } from '../../../wire/exposition.ts'
import { needs, startNodeExporter } from '../../peers/peers.ts'
import { readExposition } from '../../read-exposition.ts'

async function sampler(...args: readonly string[]): Promise<Sampler> {
  const { settings } = await readSettings(agentFlags, { args, env: {}, readFile: () => '' })
  return new Sampler({
    procfs: '/proc',
    sysfs: '/sys',
    readers: { ...enabledReaders(settings), cgroup: false, jvm: false },
    log: silentLog(),
    agentVersion: '0.0.0-test',
  })
}

const familiesOf = (text: string) =>
  new Set([...readExposition(text).values()].map(({ name }) => name))

function collected(pass: AgentPass, name?: string): ReadonlySet<string> {
  const query = new URLSearchParams(name === undefined ? '' : { 'collect[]': name })
  const asked = filterOf(query, new Map(READERS.map((reader) => [reader.name, true])))
  if ('problem' in asked) throw new Error(asked.problem)
  const { rows, foreign, only } = rowsOf(pass, asked.filter)
  // Each chunk is in the memory of the one before.
  const chunks = Array.from(renderChunks(takeSnapshot(rows, foreign, only), 'text'), String)
  return familiesOf(chunks.join(''))
}

/** Of theirs, without what is left out for a reason. */
const expected = (text: string): string[] => [
  ...familiesOf(
    text
      .split('\n')
      .filter((line) => !/^(?:#|$)/.test(line))
      .filter((line) => {
        const [sample] = readExposition(`${line}\n`).values()
        const { name, labels, value } = sample!
        const departure =
          departureOf(name) ?? departureOfSeries(name, Object.entries(labels), value)
        return departure === undefined
      })
      .map((line) => `${line}\n`)
      .join(''),
  ),
]

test.skipIf(needs('node_exporter'))(
  'collect[] and --no-collector of each collector that is on by default',
  async () => {
    await using exporter = await startNodeExporter()
    const all = await sampler()
    const pass = all.pass(Date.now())
    const page = await (await fetch(`${exporter.url}/metrics`)).text()
    const names = [...readExposition(page).values()]
      .filter(({ name }) => name === 'node_scrape_collector_success')
      .filter(({ value }) => value === 1)
      .map(({ labels }) => labels['collector']!)
    expect(names).toEqual(expect.arrayContaining(['cpu', 'diskstats', 'stat']))
    let compared = 0
    for (const name of names) {
      const answer = await fetch(`${exporter.url}/metrics?collect[]=${name}`)
      const theirs = expected(await answer.text())
      if (theirs.length === 0) continue
      const ours = collected(pass, name)
      expect([name, theirs.filter((family) => !ours.has(family))]).toEqual([name, []])
      const without = await sampler(`--no-collector.${name}`)
      const rest = collected(without.pass(Date.now()))
      expect([name, theirs.filter((family) => rest.has(family))]).toEqual([name, []])
      without.close()
      compared += theirs.length
    }
    expect(compared).toBeGreaterThan(100)
    all.close()
  },
)
