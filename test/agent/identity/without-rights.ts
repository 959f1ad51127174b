/** Started by `seenWithoutRights`: asks a socket, and prints what is known of one cgroup. */
import { DockerSource } from '../../../agent/identity/docker.ts'
import { Identities } from '../../../agent/identity/identities.ts'
import { READERS, Sampler } from '../../../agent/pass.ts'
import { silentLog } from '../../../settings/log.ts'

const [socket = '', path = ''] = process.argv.slice(2)
const identities = new Identities([new DockerSource([socket], [])])
const sampler = new Sampler({
  procfs: '/proc',
  sysfs: '/sys',
  readers: Object.fromEntries(READERS.map(({ name }) => [name, name === 'cgroup'])),
  identities,
  log: silentLog(),
  agentVersion: 'test',
})
sampler.pass(Date.now())
await new Promise((resolve) => setTimeout(resolve, 500))
const { rows, readers } = sampler.pass(Date.now())
const row = rows.find(({ entity }) => entity.attributes['candor.cgroup.path'] === path)
const figures = row?.table.metrics.map(({ column }, i) => [column, row.values[i]] as const) ?? []
console.log(
  JSON.stringify({
    attributes: row?.entity.attributes,
    figures: Object.fromEntries(figures.filter(([, value]) => !Number.isNaN(value))),
    report: readers.find(({ name }) => name === 'identity.docker'),
  }),
)
identities.stop()
sampler.close()
