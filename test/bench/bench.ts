/**
 * `npm run bench -- NAME`: one figure against a floor or a peer, in one run. The last line is one
 * JSON object: {"name": NAME, "figures": {…}}. Ratios hold on a noisy machine, absolute times don't.
 */
import { didYouMean } from '../../settings/suggest.ts'
import { removeForgottenCgroups } from '../forgotten-cgroups.ts'

export type Figures = Readonly<Record<string, number | undefined>>

const benches: Readonly<Record<string, () => Promise<{ run: () => Promise<Figures> }>>> = {
  'agent.read': () => import('./agent-read.ts'),
  'agent.footprint': () => import('./agent-footprint.ts'),
  'agent.jvm': () => import('./agent-jvm.ts'),
  'agent.scrape': () => import('./agent-scrape.ts'),
  'collector.cell': () => import('./collector-cell.ts'),
  'collector.ingest': () => import('./collector-ingest.ts'),
  'query.range': () => import('./query-range.ts'),
  'wire.codec': () => import('./wire-codec.ts'),
}

const name = process.argv[2] ?? ''
const load = Object.hasOwn(benches, name) ? benches[name] : undefined
if (load === undefined) {
  const names = Object.keys(benches)
  console.error(
    `no bench ${JSON.stringify(name)}${didYouMean(name, names)}; there are ${names.join(', ')}`,
  )
  process.exit(2)
}
await removeForgottenCgroups()
const { run } = await load()
const figures = await run()
console.log(JSON.stringify({ name, figures }))
